//! Breakers whose openings are evidence.

use persevere_breaker::trip::Trip;
use persevere_breaker::{CircuitBreaker, SharedBreaker, State};
use persevere_core::Backoff;
use std::sync::Arc;
use std::time::Duration;

/// A circuit breaker whose openings are evidence for others, and which the openings of others can open. Implemented for
/// breakers, and for anything that dereferences to them.
pub trait Watched {
    /// The state as a call would find it.
    fn state(&self, now: Duration) -> State;

    /// The number of transitions so far.
    fn transitions(&self) -> u64;

    /// Opens the breaker for the given time, if it is not open for longer.
    fn force_open_for(&self, time: Duration, now: Duration);
}

impl<T: Trip, B: Backoff, C, On> Watched for CircuitBreaker<T, B, C, On> {
    fn state(&self, now: Duration) -> State {
        CircuitBreaker::state(self, now)
    }

    fn transitions(&self) -> u64 {
        self.stats().transitions
    }

    fn force_open_for(&self, time: Duration, now: Duration) {
        CircuitBreaker::force_open_for(self, time, now);
    }
}

impl<C, On> Watched for SharedBreaker<C, On> {
    fn state(&self, now: Duration) -> State {
        SharedBreaker::state(self, now)
    }

    fn transitions(&self) -> u64 {
        self.stats().transitions
    }

    fn force_open_for(&self, time: Duration, now: Duration) {
        SharedBreaker::force_open_for(self, time, now);
    }
}

macro_rules! forward {
    ($pointer:ty) => {
        impl<W: Watched + ?Sized> Watched for $pointer {
            fn state(&self, now: Duration) -> State {
                (**self).state(now)
            }

            fn transitions(&self) -> u64 {
                (**self).transitions()
            }

            fn force_open_for(&self, time: Duration, now: Duration) {
                (**self).force_open_for(time, now);
            }
        }
    };
}

forward!(&W);
forward!(Arc<W>);

#[cfg(test)]
mod tests {
    use super::*;

    /// Opens a breaker for a second, by itself or through a pointer.
    fn opens(breaker: impl Watched) {
        let second = Duration::from_secs(1);
        assert_eq!(
            (breaker.state(Duration::ZERO), breaker.transitions()),
            (State::Closed, 0)
        );
        breaker.force_open_for(second, Duration::ZERO);
        assert_eq!((breaker.state(Duration::ZERO), breaker.transitions()), (State::Open, 1));
        assert_eq!(breaker.state(2 * second), State::HalfOpen);
    }

    #[test]
    fn every_form_of_a_breaker_is_watched() {
        let breaker = || CircuitBreaker::consecutive_failures(1).build();
        opens(breaker());
        let borrowed = &breaker();
        opens(borrowed);
        opens(Arc::new(breaker()));
        opens(breaker().shared());
    }
}
