//! A policy with jitter and a limit of time, a breaker and a budget.

#![no_std]
#![no_main]
#![forbid(unsafe_code)]

use core::num::NonZeroU32;
use core::time::Duration;
use cortex_m_rt::entry;
use persevere::backoff::Exponential;
use persevere::{Jitter, Policy, sleeper};
use persevere_breaker::CircuitBreaker;
use persevere_budget::TokenBucket;
use persevere_firmware::{exit, read, ticks, wait};

static POLICY: Policy<Exponential> = Policy::exponential(Duration::from_micros(10))
    .jitter(Jitter::Full)
    .max_delay(Duration::from_micros(30))
    .max_elapsed(Duration::from_secs(1))
    .max_attempts(4);

static BREAKER: CircuitBreaker = CircuitBreaker::consecutive_failures(5).build();

static BUDGET: TokenBucket = TokenBucket::new(10);

/// The timer's ticks per second.
const HZ: NonZeroU32 = NonZeroU32::new(1_000_000).unwrap();

#[entry]
fn main() -> ! {
    let run = Policy::inlined(|| &POLICY).on(sleeper::extended(wait, ticks, HZ));
    exit(run.breaker(&BREAKER).budget(&BUDGET).run_blocking(read).ok())
}
