//! The same by an inlined policy, with a seed for each run.

#![no_std]
#![no_main]
#![forbid(unsafe_code)]

use cortex_m_rt::entry;
use persevere::{DelaySleeper, Policy};
use persevere_firmware::{Delay, Site, TEN, exit, read_ten, sensor, ticks};

struct Seeded;

impl Site for Seeded {
    fn read<const N: u32>() -> Option<u32> {
        let run = Policy::inlined(|| &TEN).on(DelaySleeper::new(Delay));
        run.seed(ticks().into()).run_blocking(sensor::<N>).ok()
    }
}

#[entry]
fn main() -> ! {
    exit(read_ten::<Seeded>())
}
