//! The same by one function that all sites share.

#![no_std]
#![no_main]
#![forbid(unsafe_code)]

use cortex_m_rt::entry;
use persevere::{DelaySleeper, Policy};
use persevere_firmware::{Busy, Delay, Site, TEN, exit, read_ten, sensor};

#[inline(never)]
fn retried(read: &mut dyn FnMut() -> Result<u32, Busy>) -> Option<u32> {
    Policy::inlined(|| &TEN)
        .on(DelaySleeper::new(Delay))
        .run_blocking(read)
        .ok()
}

struct Shared;

impl Site for Shared {
    fn read<const N: u32>() -> Option<u32> {
        retried(&mut sensor::<N>)
    }
}

#[entry]
fn main() -> ! {
    exit(read_ten::<Shared>())
}
