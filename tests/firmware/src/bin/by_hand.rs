//! The smallest program that retries: a loop written by hand.

#![no_std]
#![no_main]
#![forbid(unsafe_code)]

use cortex_m_rt::entry;
use embedded_hal::delay::DelayNs;
use persevere_firmware::{Delay, exit, read};

#[entry]
fn main() -> ! {
    let mut delay = 10;
    for _ in 1..4 {
        if let Ok(value) = read() {
            exit(Some(value));
        }
        Delay.delay_us(delay);
        delay *= 2;
    }
    exit(read().ok())
}
