//! A policy with jitter and a limit of time, a breaker and a budget.

#![no_std]
#![no_main]
#![forbid(unsafe_code)]

use core::time::Duration;
use cortex_m_rt::entry;
use persevere::backoff::Exponential;
use persevere::{DelaySleeper, Jitter, Policy};
use persevere_breaker::CircuitBreaker;
use persevere_budget::TokenBucket;
use persevere_firmware::{Delay, exit, read};

static POLICY: Policy<Exponential> = Policy::exponential(Duration::from_micros(10))
    .jitter(Jitter::Full)
    .max_delay(Duration::from_micros(30))
    .max_elapsed(Duration::from_secs(1))
    .max_attempts(4);

static BREAKER: CircuitBreaker = CircuitBreaker::consecutive_failures(5).build();

static BUDGET: TokenBucket = TokenBucket::new(10);

#[entry]
fn main() -> ! {
    let run = Policy::inlined(|| &POLICY).on(DelaySleeper::new(Delay));
    exit(run.breaker(&BREAKER).budget(&BUDGET).run_blocking(read).ok())
}
