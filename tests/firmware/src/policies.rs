//! The policies of the smallest programs.

use core::time::Duration;
use persevere::backoff::Exponential;
use persevere::{Jitter, Policy};

/// The policy of one sensor: four attempts, without jitter.
pub static ONE: Policy<Exponential> = Policy::exponential(Duration::from_micros(10))
    .jitter(Jitter::None)
    .max_attempts(4);

/// The policy of ten sensors: with jitter and a limit of time.
pub static TEN: Policy<Exponential> = Policy::exponential(Duration::from_micros(10))
    .max_delay(Duration::from_micros(50))
    .max_elapsed(Duration::from_millis(1))
    .max_attempts(6);
