//! A breaker as the gate of a run.

use crate::breaker::CircuitBreaker;
use crate::error::Rejected;
use crate::permit::Permit;
use crate::trip::Trip;
use core::time::Duration;
use persevere_core::Backoff;
use persevere_core::classify::Judge;
use persevere_core::gate::{self, Ended, Gate, Report};

impl<'b, T: Trip, B: Backoff, C, On> Gate for &'b CircuitBreaker<T, B, C, On> {
    type Permit = Permit<'b, T, B, C, On>;

    #[inline]
    fn admit(&self, now: Duration) -> Result<Self::Permit, gate::Rejected> {
        Ok(self.try_acquire(now)?)
    }

    #[inline]
    fn admit_by(&self, clock: impl Fn() -> Duration) -> Result<Self::Permit, gate::Rejected> {
        Ok(Permit::new(self, self.admit_call(clock)?))
    }
}

impl<'b, T: Trip, B: Backoff, C, On: Judge<C, V, E>, V, E> Report<V, E> for &'b CircuitBreaker<T, B, C, On> {
    #[inline]
    fn report(&self, permit: Permit<'b, T, B, C, On>, ended: Ended<'_, V, E>, clock: impl Fn() -> Duration) {
        match ended {
            Ended::Returned(outcome) => permit.report_by(outcome, clock),
            _ => permit.failed(clock()),
        }
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
