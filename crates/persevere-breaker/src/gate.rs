//! A breaker before the attempts of a run.

use crate::breaker::CircuitBreaker;
use crate::error::Rejected;
use crate::judge::Judge;
use crate::permit::Permit;
use crate::trip::Trip;
use core::time::Duration;
use persevere_core::Backoff;
use persevere_core::gate::{Ended, Gate, Rejected as GateRejected, Report};

impl<'b, T: Trip, B: Backoff, C> Gate for &'b CircuitBreaker<T, B, C> {
    type Permit = Permit<'b, T, B, C>;

    #[inline]
    fn admit(&self, now: Duration) -> Result<Self::Permit, GateRejected> {
        Ok(self.try_acquire(now)?)
    }

    #[inline]
    fn admit_by(&self, clock: impl Fn() -> Duration) -> Result<Self::Permit, GateRejected> {
        Ok(self.acquire_by(clock)?)
    }
}

impl<'b, T: Trip, B: Backoff, C: Judge<V, E>, V, E> Report<V, E> for &'b CircuitBreaker<T, B, C> {
    #[inline]
    fn report(&self, permit: Permit<'b, T, B, C>, ended: Ended<'_, V, E>, clock: impl Fn() -> Duration) {
        match ended {
            Ended::Returned(outcome) => permit.report_by(outcome, clock),
            _ => permit.failure(clock()),
        }
    }
}

impl From<Rejected> for GateRejected {
    #[inline]
    fn from(rejected: Rejected) -> GateRejected {
        match rejected.retry_after() {
            Some(left) => GateRejected::for_now(left),
            None => GateRejected::indefinitely(),
        }
    }
}
