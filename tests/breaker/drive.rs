//! Helpers that drive a breaker to a state.

use persevere::Backoff;
use persevere_breaker::{CircuitBreaker, Permit, State, Transitions, Trip};
use std::time::Duration;

/// Milliseconds.
pub(crate) const fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

/// A call that is admitted.
#[track_caller]
pub(crate) fn enter<T: Trip, B: Backoff, C, On>(
    breaker: &CircuitBreaker<T, B, C, On>,
    now: Duration,
) -> Permit<'_, T, B, C, On> {
    match breaker.try_acquire(now) {
        Ok(permit) => permit,
        Err(rejected) => panic!("{rejected}"),
    }
}

/// Calls that are admitted and fail.
#[track_caller]
pub(crate) fn fail<T: Trip, B: Backoff, C, On>(breaker: &CircuitBreaker<T, B, C, On>, times: usize, now: Duration) {
    for _ in 0..times {
        enter(breaker, now).failed(now);
    }
}

/// Calls that are admitted and succeed.
#[track_caller]
pub(crate) fn succeed<T: Trip, B: Backoff, C, On>(breaker: &CircuitBreaker<T, B, C, On>, times: usize, now: Duration) {
    for _ in 0..times {
        enter(breaker, now).succeeded(now);
    }
}

/// The states of the transitions since the iterator was last polled.
pub(crate) fn states(transitions: &mut Transitions<'_>) -> Vec<State> {
    transitions.map(|transition| transition.to).collect()
}
