//! A breaker as the gate of a run.

use crate::breaker::CircuitBreaker;
use crate::error::Rejected;
use crate::handle::{Handle, Judges};
use crate::outcome::Outcome;
use crate::ticket::Admitted;
use crate::trip::Trip;
use core::fmt;
use core::time::Duration;
use persevere_core::Backoff;
use persevere_core::classify::Judge;
use persevere_core::gate::{self, Ended, Gate, Report};
use persevere_core::run::counted;

/// The permit of an attempt of a run. You need not name it.
///
/// Dropped without a report, it is abandoned, by a panic too: a run reports its own panics, with their times. A destructor
/// is passed no clock, so whether the attempt was slow by then is unknown.
pub struct AttemptPermit<H: Handle> {
    breaker: H,
    /// `None` once it is reported.
    call: Option<Admitted>,
}

impl<H: Handle> AttemptPermit<H> {
    #[inline]
    pub(crate) fn admit(breaker: H, clock: impl FnOnce() -> Duration) -> Result<Self, gate::Rejected> {
        let call = breaker.admit_call(clock)?;
        Ok(AttemptPermit {
            breaker,
            call: Some(call),
        })
    }

    #[inline]
    pub(crate) fn report<V, E>(mut self, ended: Ended<'_, V, E>, clock: impl FnOnce() -> Duration)
    where
        H: Judges<V, E>,
    {
        let outcome = match ended {
            Ended::Returned(outcome) => {
                let judged = self.breaker.judge(outcome).into();
                counted(|| outcome.is_err() && matches!(judged, Outcome::Failed(_)));
                judged
            }
            Ended::TimedOut | Ended::Panicked => Outcome::Failed(Duration::ZERO),
            Ended::Superseded => Outcome::Superseded,
            // An ending of a later version, which does not depend on what was called.
            _ => Outcome::Abandoned,
        };
        if let Some(call) = self.call.take() {
            self.breaker.report(call, outcome, clock);
        }
    }
}

impl<H: Handle> Drop for AttemptPermit<H> {
    #[inline]
    fn drop(&mut self) {
        if let Some(call) = self.call.take() {
            self.breaker.drop_call(call);
        }
    }
}

impl<H: Handle> fmt::Debug for AttemptPermit<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AttemptPermit").finish_non_exhaustive()
    }
}

impl<T: Trip, B: Backoff, C, On> Gate for &CircuitBreaker<T, B, C, On> {
    type Permit = AttemptPermit<Self>;

    #[inline]
    fn admit(&self, now: Duration) -> Result<Self::Permit, gate::Rejected> {
        AttemptPermit::admit(*self, || now)
    }

    #[inline]
    fn admit_by(&self, clock: impl Fn() -> Duration) -> Result<Self::Permit, gate::Rejected> {
        AttemptPermit::admit(*self, clock)
    }
}

impl<T: Trip, B: Backoff, C, On: Judge<C, V, E>, V, E> Report<V, E> for &CircuitBreaker<T, B, C, On> {
    #[inline]
    fn report(&self, permit: Self::Permit, ended: Ended<'_, V, E>, clock: impl Fn() -> Duration) {
        permit.report(ended, clock);
    }
}

impl From<Rejected> for gate::Rejected {
    #[inline]
    fn from(rejected: Rejected) -> gate::Rejected {
        match rejected.retry_after() {
            Some(left) => gate::Rejected::for_now(left),
            None => gate::Rejected::indefinitely(),
        }
    }
}
