//! The same by an inlined policy, with a seed of each run.

#![no_std]
#![no_main]
#![forbid(unsafe_code)]

use core::time::Duration;
use cortex_m_rt::entry;
use persevere::backoff::Exponential;
use persevere::{DelaySleeper, Policy};
use persevere_firmware::{Delay, exit, sensor, ticks};

static POLICY: Policy<Exponential> = Policy::exponential(Duration::from_micros(10))
    .max_delay(Duration::from_micros(50))
    .max_elapsed(Duration::from_millis(1))
    .max_attempts(6);

fn site<const N: u32>() -> Option<u32> {
    let run = Policy::inlined(|| &POLICY).on(DelaySleeper::new(Delay));
    run.seed(ticks().into()).run_blocking(sensor::<N>).ok()
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
