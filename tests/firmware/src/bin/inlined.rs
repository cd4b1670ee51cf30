//! The smallest program that retries by an inlined policy.

#![no_std]
#![no_main]
#![forbid(unsafe_code)]

use cortex_m_rt::entry;
use persevere::{DelaySleeper, Policy};
use persevere_firmware::{Delay, ONE, exit, read};

#[entry]
fn main() -> ! {
    exit(
        Policy::inlined(|| &ONE)
            .on(DelaySleeper::new(Delay))
            .run_blocking(read)
            .ok(),
    )
}
