//! Ten sensors, read once each.

#![no_std]
#![no_main]
#![forbid(unsafe_code)]

use cortex_m_rt::entry;
use persevere_firmware::{Site, exit, read_ten, sensor};

struct Once;

impl Site for Once {
    fn read<const N: u32>() -> Option<u32> {
        sensor::<N>().ok()
    }
}

#[entry]
fn main() -> ! {
    exit(read_ten::<Once>())
}
