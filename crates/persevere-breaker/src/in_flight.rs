//! A call in flight: admitted, and not reported yet.

use crate::breaker::CircuitBreaker;
use crate::error::BreakerError;
use crate::ticket::Admitted;
use crate::trip::Trip;
use core::time::Duration;
use persevere_core::classify::Judge;
use persevere_core::{Backoff, Sleeper};

/// A call in flight. Unlike a permit, it reports a panic with the time of the panic.
pub(crate) struct InFlight<'c, S: Sleeper, T: Trip, B: Backoff, C, On> {
    breaker: &'c CircuitBreaker<T, B, C, On>,
    sleeper: &'c S,
    /// `None` once it is reported.
    call: Option<Admitted>,
    /// Whether code supplied by the caller is running, so that a drop is due to its panic.
    is_running: bool,
}

impl<'c, S: Sleeper, T: Trip, B: Backoff, C, On> InFlight<'c, S, T, B, C, On> {
    #[inline]
    pub(crate) fn admit<E>(breaker: &'c CircuitBreaker<T, B, C, On>, sleeper: &'c S) -> Result<Self, BreakerError<E>> {
        let call = breaker.admit_call(|| sleeper.now()).map_err(BreakerError::Rejected)?;
        Ok(InFlight {
            breaker,
            sleeper,
            call: Some(call),
            is_running: false,
        })
    }

    /// Runs the operation, or polls it. A panic in it is a failure of the call.
    #[inline]
    pub(crate) fn run<R>(&mut self, operation: impl FnOnce() -> R) -> R {
        self.is_running = true;
        let result = operation();
        self.is_running = false;
        result
    }

    #[inline]
    pub(crate) fn report<V, E>(mut self, outcome: Result<V, E>) -> Result<V, BreakerError<E>>
    where
        On: Judge<C, V, E>,
    {
        let breaker = self.breaker;
        let verdict = self.run(|| breaker.judge(&outcome));
        if let Some(call) = self.call.take() {
            breaker.report(call, verdict, || self.sleeper.now());
        }
        outcome.map_err(BreakerError::Inner)
    }
}

/// Reports a call that was dropped or has panicked.
impl<S: Sleeper, T: Trip, B: Backoff, C, On> Drop for InFlight<'_, S, T, B, C, On> {
    #[inline]
    fn drop(&mut self) {
        if let Some(call) = self.call.take() {
            if self.is_running {
                let now = self.sleeper.now();
                self.breaker.report_failure(call, Duration::ZERO, now);
            } else {
                self.breaker.report_abandoned(call);
            }
        }
    }
}
