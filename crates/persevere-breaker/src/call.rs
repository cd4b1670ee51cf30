//! A call that is being made.

use crate::breaker::CircuitBreaker;
use crate::error::BreakerError;
use crate::judge::Judge;
use crate::permit::Permit;
use crate::probes::Ticket;
use crate::trip::Trip;
use core::mem::ManuallyDrop;
use core::time::Duration;
use persevere_core::{Backoff, Sleeper};

/// A call that was let through. Unlike a permit on its own it can tell when a panic has ended it.
pub(crate) struct Call<'c, S: Sleeper, T: Trip, B: Backoff, C> {
    breaker: &'c CircuitBreaker<T, B, C>,
    ticket: Ticket,
    entered: Duration,
    sleeper: &'c S,
    /// While the clock is read, which if it panics is not to be read again.
    is_timing: bool,
}

impl<'c, S: Sleeper, T: Trip, B: Backoff, C> Call<'c, S, T, B, C> {
    #[inline]
    pub(crate) fn enter<E>(breaker: &'c CircuitBreaker<T, B, C>, sleeper: &'c S) -> Result<Self, BreakerError<E>> {
        let permit = breaker.acquire_by(|| sleeper.now()).map_err(BreakerError::Rejected)?;
        Ok(Call::of(breaker, permit.into_parts(), sleeper))
    }

    /// A call that is gone on with.
    #[inline(always)]
    pub(crate) fn of(
        breaker: &'c CircuitBreaker<T, B, C>,
        (ticket, entered): (Ticket, Duration),
        sleeper: &'c S,
    ) -> Self {
        Call {
            breaker,
            ticket,
            entered,
            sleeper,
            is_timing: false,
        }
    }

    /// What tells it from others, to be gone on with later.
    #[inline(always)]
    pub(crate) fn into_parts(self) -> (Ticket, Duration) {
        let call = ManuallyDrop::new(self);
        (call.ticket, call.entered)
    }

    #[inline]
    pub(crate) fn report<V, E>(mut self, outcome: Result<V, E>) -> Result<V, BreakerError<E>>
    where
        C: Judge<V, E>,
    {
        let verdict = self.breaker.judge(&outcome);
        if self.breaker.is_plain(self.ticket, verdict) {
            let call = ManuallyDrop::new(self);
            call.breaker.record(call.ticket, false, Duration::ZERO, Duration::ZERO);
        } else {
            self.is_timing = true;
            let now = self.sleeper.now();
            let call = ManuallyDrop::new(self);
            Permit::new(call.breaker, call.ticket, call.entered).judged(verdict, now);
        }
        outcome.map_err(BreakerError::Inner)
    }
}

/// A call that was not reported: it was dropped, or it panicked. Its parts are handed on by value, so that a call need not
/// be in memory.
impl<S: Sleeper, T: Trip, B: Backoff, C> Drop for Call<'_, S, T, B, C> {
    #[inline(always)]
    fn drop(&mut self) {
        let permit = Permit::new(self.breaker, self.ticket, self.entered);
        unreported(permit, self.sleeper, self.is_timing);
    }
}

#[cold]
fn unreported<S: Sleeper, T: Trip, B: Backoff, C>(permit: Permit<'_, T, B, C>, sleeper: &S, is_timing: bool) {
    if persevere_core::panicking() {
        return if is_timing {
            permit.ignore();
        } else {
            permit.failure(sleeper.now());
        };
    }
    drop(permit);
}
