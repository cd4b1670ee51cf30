//! Circuit breakers as sources.

use core::hash::Hash;
use core::time::Duration;
use persevere_breaker::trip::Trip;
use persevere_breaker::{BreakerStats, Breakers, CircuitBreaker, SharedBreaker, State};
use std::sync::Arc;

/// A circuit breaker, or several, that metrics read. Anything behind `&` or `Arc` works as it is.
pub trait ReadBreaker {
    /// Calls `each` with the state of each breaker.
    fn states(&self, now: Duration, each: &mut dyn FnMut(State));

    /// Returns the counts of the breaker; `None` for several breakers, since one may be forgotten with its counts.
    fn stats(&self) -> Option<BreakerStats>;
}

impl<T: Trip, B, C, On> ReadBreaker for CircuitBreaker<T, B, C, On> {
    fn states(&self, now: Duration, each: &mut dyn FnMut(State)) {
        each(self.state(now));
    }

    fn stats(&self) -> Option<BreakerStats> {
        Some(CircuitBreaker::stats(self))
    }
}

impl<C, On> ReadBreaker for SharedBreaker<C, On> {
    fn states(&self, now: Duration, each: &mut dyn FnMut(State)) {
        each(self.state(now));
    }

    fn stats(&self) -> Option<BreakerStats> {
        Some(SharedBreaker::stats(self))
    }
}

impl<K: Eq + Hash + Clone, C: Clone, On> ReadBreaker for Breakers<K, C, On> {
    fn states(&self, now: Duration, each: &mut dyn FnMut(State)) {
        for (_, breaker) in self.all() {
            each(breaker.state(now));
        }
    }

    fn stats(&self) -> Option<BreakerStats> {
        None
    }
}

impl<R: ReadBreaker + ?Sized> ReadBreaker for &R {
    fn states(&self, now: Duration, each: &mut dyn FnMut(State)) {
        (**self).states(now, each);
    }

    fn stats(&self) -> Option<BreakerStats> {
        (**self).stats()
    }
}

impl<R: ReadBreaker + ?Sized> ReadBreaker for Arc<R> {
    fn states(&self, now: Duration, each: &mut dyn FnMut(State)) {
        (**self).states(now, each);
    }

    fn stats(&self) -> Option<BreakerStats> {
        (**self).stats()
    }
}
