//! Ten sensors, read with retries by one policy by reference.

#![no_std]
#![no_main]
#![forbid(unsafe_code)]

use cortex_m_rt::entry;
use persevere::DelaySleeper;
use persevere_firmware::{Delay, Site, TEN, exit, read_ten, sensor};

struct ByReference;

impl Site for ByReference {
    fn read<const N: u32>() -> Option<u32> {
        TEN.on(DelaySleeper::new(Delay)).run_blocking(sensor::<N>).ok()
    }
}

#[entry]
fn main() -> ! {
    exit(read_ten::<ByReference>())
}
