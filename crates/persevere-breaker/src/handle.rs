//! Handles of a breaker: a reference, an `Arc`, or a [`SharedBreaker`](crate::SharedBreaker).

use crate::breaker::CircuitBreaker;
use crate::error::Rejected;
use crate::outcome::Outcome;
use crate::ticket::Admitted;
use crate::trip::Trip;
use core::time::Duration;
use persevere_core::classify::Judge;
use persevere_core::{Backoff, Verdict};

/// A handle of a breaker, through which calls are made. Sealed: see [the crate](crate) for the implementations. You need
/// not name it.
pub trait Handle: sealed::Door {}

impl<H: sealed::Door> Handle for H {}

/// A handle whose classifier judges `Result<V, E>`. Sealed, as [`Handle`].
#[diagnostic::on_unimplemented(
    message = "the circuit breaker does not judge `Result<{V}, {E}>`",
    label = "the operation fails with `{E}`, which the breaker's classifier does not know",
    note = "a circuit breaker counts every error unless its `classify` or `failure_if` sets a classifier for another type"
)]
pub trait Judges<V, E>: Handle {
    /// The verdict of the classifier.
    #[doc(hidden)]
    fn judge(&self, outcome: &Result<V, E>) -> Verdict;
}

pub(crate) mod sealed {
    use super::{Admitted, Duration, Outcome, Rejected};

    /// The part of a handle that only this crate may use.
    pub trait Door {
        /// Admits a call, reading the clock only if the breaker depends on it.
        fn admit_call(&self, clock: impl FnOnce() -> Duration) -> Result<Admitted, Rejected>;

        /// Reports the outcome of a call, reading the clock only if the breaker depends on it.
        fn report(&self, call: Admitted, outcome: Outcome, clock: impl FnOnce() -> Duration);

        /// Drops a call without a report.
        fn drop_call(&self, call: Admitted);
    }
}

impl<T: Trip, B: Backoff, C, On> sealed::Door for &CircuitBreaker<T, B, C, On> {
    #[inline]
    fn admit_call(&self, clock: impl FnOnce() -> Duration) -> Result<Admitted, Rejected> {
        (**self).admit_call(clock)
    }

    #[inline]
    fn report(&self, call: Admitted, outcome: Outcome, clock: impl FnOnce() -> Duration) {
        (**self).report(call, outcome, clock);
    }

    fn drop_call(&self, call: Admitted) {
        (**self).drop_call(call);
    }
}

impl<T: Trip, B: Backoff, C, On: Judge<C, V, E>, V, E> Judges<V, E> for &CircuitBreaker<T, B, C, On> {
    #[inline]
    fn judge(&self, outcome: &Result<V, E>) -> Verdict {
        (**self).judge(outcome)
    }
}
