//! The smallest program that retries by a policy which stays in place.

#![no_std]
#![no_main]
#![forbid(unsafe_code)]

use core::time::Duration;
use cortex_m_rt::entry;
use persevere::backoff::Exponential;
use persevere::{DelaySleeper, Jitter, Policy};
use persevere_firmware::{Delay, exit, read};

static POLICY: Policy<Exponential> = Policy::exponential(Duration::from_micros(10))
    .jitter(Jitter::None)
    .max_attempts(4);

#[entry]
fn main() -> ! {
    exit(
        Policy::inlined(|| &POLICY)
            .on(DelaySleeper::new(Delay))
            .run_blocking(read)
            .ok(),
    )
}
