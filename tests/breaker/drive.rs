//! Short ways to bring a breaker where a test wants it.

use persevere::Backoff;
use persevere_breaker::{CircuitBreaker, Permit, State, Trip, Watch};
use std::time::Duration;

/// Milliseconds.
pub(crate) const fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

/// A call that is let through.
#[track_caller]
pub(crate) fn enter<T: Trip, B: Backoff, C>(breaker: &CircuitBreaker<T, B, C>, now: Duration) -> Permit<'_, T, B, C> {
    match breaker.try_acquire(now) {
        Ok(permit) => permit,
        Err(rejected) => panic!("{rejected}"),
    }
}

/// Calls that are let through and fail.
#[track_caller]
pub(crate) fn fail<T: Trip, B: Backoff, C>(breaker: &CircuitBreaker<T, B, C>, times: usize, now: Duration) {
    for _ in 0..times {
        enter(breaker, now).failure(now);
    }
}

/// Calls that are let through and succeed.
#[track_caller]
pub(crate) fn succeed<T: Trip, B: Backoff, C>(breaker: &CircuitBreaker<T, B, C>, times: usize, now: Duration) {
    for _ in 0..times {
        enter(breaker, now).success(now);
    }
}

/// The states that the breaker went to since the watch was last asked.
pub(crate) fn states(watch: &mut Watch<'_>) -> Vec<State> {
    watch.map(|transition| transition.to).collect()
}
