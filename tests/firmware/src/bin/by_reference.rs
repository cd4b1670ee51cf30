//! The smallest program that retries by a policy by reference.

#![no_std]
#![no_main]
#![forbid(unsafe_code)]

use cortex_m_rt::entry;
use persevere::DelaySleeper;
use persevere_firmware::{Delay, ONE, exit, read};

#[entry]
fn main() -> ! {
    exit(ONE.on(DelaySleeper::new(Delay)).run_blocking(read).ok())
}
