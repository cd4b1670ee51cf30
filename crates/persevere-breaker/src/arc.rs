//! An `Arc` of a breaker, as a handle and as the gate of a run.

use crate::breaker::CircuitBreaker;
use crate::error::Rejected;
use crate::gate::AttemptPermit;
use crate::handle::{Judges, sealed};
use crate::outcome::Outcome;
use crate::ticket::Admitted;
use crate::trip::Trip;
use alloc::sync::Arc;
use core::time::Duration;
use persevere_core::classify::Judge;
use persevere_core::gate::{self, ArcGate, ArcReport, Ended};
use persevere_core::{Backoff, Verdict};

impl<T: Trip, B: Backoff, C, On> sealed::Door for Arc<CircuitBreaker<T, B, C, On>> {
    fn admit_call(&self, clock: impl FnOnce() -> Duration) -> Result<Admitted, Rejected> {
        (**self).admit_call(clock)
    }

    fn report(&self, call: Admitted, outcome: Outcome, clock: impl FnOnce() -> Duration) {
        (**self).report(call, outcome, clock);
    }

    fn drop_call(&self, call: Admitted) {
        (**self).drop_call(call);
    }
}

impl<T: Trip, B: Backoff, C, On: Judge<C, V, E>, V, E> Judges<V, E> for Arc<CircuitBreaker<T, B, C, On>> {
    fn judge(&self, outcome: &Result<V, E>) -> Verdict {
        (**self).judge(outcome)
    }
}

impl<T: Trip, B: Backoff, C, On> ArcGate for CircuitBreaker<T, B, C, On> {
    type Permit = AttemptPermit<Arc<Self>>;

    fn admit_by(self: &Arc<Self>, clock: impl Fn() -> Duration) -> Result<Self::Permit, gate::Rejected> {
        AttemptPermit::admit(Arc::clone(self), clock)
    }
}

impl<T: Trip, B: Backoff, C, On: Judge<C, V, E>, V, E> ArcReport<V, E> for CircuitBreaker<T, B, C, On> {
    fn report(self: &Arc<Self>, permit: Self::Permit, ended: Ended<'_, V, E>, clock: impl Fn() -> Duration) {
        permit.report(ended, clock);
    }
}
