//! The same by one function that all of them share.

#![no_std]
#![no_main]
#![forbid(unsafe_code)]

use core::time::Duration;
use cortex_m_rt::entry;
use persevere::backoff::Exponential;
use persevere::{DelaySleeper, Policy};
use persevere_firmware::{Busy, Delay, exit, sensor};

static POLICY: Policy<Exponential> = Policy::exponential(Duration::from_micros(10))
    .max_delay(Duration::from_micros(50))
    .max_elapsed(Duration::from_millis(1))
    .max_attempts(6);

fn retried(read: &mut dyn FnMut() -> Result<u32, Busy>) -> Option<u32> {
    Policy::inlined(|| &POLICY)
        .on(DelaySleeper::new(Delay))
        .run_blocking(read)
        .ok()
}

fn site<const N: u32>() -> Option<u32> {
    retried(&mut sensor::<N>)
}

#[entry]
fn main() -> ! {
    let values = [
        site::<0>(),
        site::<1>(),
        site::<2>(),
        site::<3>(),
        site::<4>(),
        site::<5>(),
        site::<6>(),
        site::<7>(),
        site::<8>(),
        site::<9>(),
    ];
    exit(values.into_iter().reduce(|sum, value| Some(sum? ^ value?)).flatten())
}
