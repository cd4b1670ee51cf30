//! A policy in a `static` of another crate, whose numbers the optimizer of the caller does not see.

#![allow(missing_docs)]

use persevere::Policy;
use std::time::Duration;

pub static ELSEWHERE: Policy = Policy::exponential(Duration::from_millis(100))
    .max_delay(Duration::from_secs(5))
    .max_attempts(5);
