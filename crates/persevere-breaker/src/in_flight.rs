//! A call in flight: admitted, and not reported yet.

use crate::error::BreakerError;
use crate::handle::{Handle, Judges};
use crate::outcome::Outcome;
use crate::ticket::Admitted;
use core::time::Duration;
use persevere_core::Sleeper;
use persevere_core::contain;
use persevere_core::run::{counted, note_rejection};

/// A call in flight. Unlike a permit, it reports a panic with the time of the panic.
pub(crate) struct InFlight<'c, S: Sleeper, H: Handle> {
    breaker: &'c H,
    sleeper: &'c S,
    /// `None` once it is reported.
    call: Option<Admitted>,
    /// Whether code supplied by the caller is running, so that a drop is due to its panic.
    is_running: bool,
}

impl<'c, S: Sleeper, H: Handle> InFlight<'c, S, H> {
    #[inline]
    pub(crate) fn admit<E>(breaker: &'c H, sleeper: &'c S) -> Result<Self, BreakerError<E>> {
        let call = breaker.admit_call(|| sleeper.now()).map_err(|rejected| {
            note_rejection();
            BreakerError::Rejected(rejected)
        })?;
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
        H: Judges<V, E>,
    {
        let breaker = self.breaker;
        let judged = self.run(|| breaker.judge(&outcome)).into();
        counted(|| outcome.is_err() && matches!(judged, Outcome::Failed(_)));
        if let Some(call) = self.call.take() {
            breaker.report(call, judged, || self.sleeper.now());
        }
        outcome.map_err(BreakerError::Inner)
    }
}

/// Reports a call that was dropped or has panicked.
impl<S: Sleeper, H: Handle> Drop for InFlight<'_, S, H> {
    #[inline]
    fn drop(&mut self) {
        if let Some(call) = self.call.take() {
            let outcome = if self.is_running {
                Outcome::Failed(Duration::ZERO)
            } else {
                Outcome::Abandoned
            };
            contain(|| self.breaker.report(call, outcome, || self.sleeper.now()));
        }
    }
}
