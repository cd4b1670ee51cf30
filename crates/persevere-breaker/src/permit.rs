//! The permit to make one call.

use crate::breaker::CircuitBreaker;
use crate::judge::Judge;
use crate::probes::Ticket;
use crate::trip::{ConsecutiveFailures, Trip};
use core::fmt;
use core::mem::ManuallyDrop;
use core::time::Duration;
use persevere_core::backoff::Fixed;
use persevere_core::classify::AnyError;
use persevere_core::{Backoff, Verdict};

/// The permit to make one call; made by [`CircuitBreaker::try_acquire`]. Reporting consumes it.
///
/// A permit that is dropped without a report was *abandoned*, as when the future of a call is dropped: it gives its place
/// back and counts for nothing, least of all as a success. One that is dropped by a panic counts as a failure, if there is
/// std to ask (feature `std`); the time of that failure is when the permit was issued, if the breaker had reason to look
/// at it then, since a drop cannot be told another.
///
/// A permit belongs to the generation in which it was issued: if the breaker has opened or closed since, its report
/// changes nothing but the [`Stats`](crate::Stats).
///
/// ```
/// use persevere_breaker::{CircuitBreaker, State};
/// use std::time::Duration;
///
/// let breaker = CircuitBreaker::consecutive_failures(1).open_for(Duration::from_secs(1)).build();
/// let now = Duration::ZERO;
/// let early = breaker.try_acquire(now).unwrap();
/// breaker.try_acquire(now).unwrap().failure(now);
/// early.success(now);
/// assert_eq!(breaker.state(now), State::Open, "a call of before says nothing about now");
///
/// let now = Duration::from_secs(1);
/// drop(breaker.try_acquire(now).unwrap());
/// assert_eq!(breaker.state(now), State::HalfOpen, "an abandoned probe is no success");
/// breaker.try_acquire(now).unwrap().success(now);
/// assert_eq!(breaker.state(now), State::Closed);
/// ```
#[must_use = "a permit that is dropped counts for nothing: report with `success`, `failure` or `ignore`"]
pub struct Permit<'b, T: Trip = ConsecutiveFailures, B: Backoff = Fixed, C = AnyError> {
    breaker: &'b CircuitBreaker<T, B, C>,
    ticket: Ticket,
    entered: Duration,
}

impl<'b, T: Trip, B: Backoff, C> Permit<'b, T, B, C> {
    #[inline(always)]
    pub(crate) fn new(breaker: &'b CircuitBreaker<T, B, C>, ticket: Ticket, entered: Duration) -> Self {
        Permit {
            breaker,
            ticket,
            entered,
        }
    }

    /// Whether this is for a probe of a half-open breaker.
    #[inline]
    #[must_use]
    pub fn is_probe(&self) -> bool {
        self.ticket.is_held()
    }

    /// The [sequence](crate::Transition::sequence) of the last transition before this was issued. Its report counts only
    /// until there is another.
    #[inline]
    #[must_use]
    pub fn sequence(&self) -> u32 {
        self.ticket.generation().0
    }

    /// The call succeeded, and ended `now`. It counts as a failure if it was slow: see
    /// [`Builder::slow_after`](crate::Builder::slow_after).
    #[inline(always)]
    pub fn success(self, now: Duration) {
        if self.ticket.is_plain() {
            self.record(false, Duration::ZERO, now);
        } else {
            self.timed_success(now);
        }
    }

    // Apart, so that a breaker which does not look at it needs no registers for it.
    #[cold]
    fn timed_success(self, now: Duration) {
        let took = now.saturating_sub(self.entered);
        let is_slow = self.breaker.built.settings.slow.is_some_and(|limit| took >= limit);
        self.record(is_slow, Duration::ZERO, now);
    }

    /// The call failed, and ended `now`.
    #[inline]
    pub fn failure(self, now: Duration) {
        self.record(true, Duration::ZERO, now);
    }

    /// The call failed, and ended `now`; whoever was called asked to be left alone for so long. If this failure opens the
    /// breaker, it stays open for as long at least, up to [`Builder::max_hint`](crate::Builder::max_hint).
    #[inline]
    pub fn failure_with_hint(self, hint: Duration, now: Duration) {
        self.record(true, hint, now);
    }

    /// The call ended in a way that says nothing about the health of what was called.
    #[inline]
    pub fn ignore(self) {
        let permit = ManuallyDrop::new(self);
        if permit.ticket.is_held() {
            permit.breaker.probes.give_back(permit.ticket);
        }
    }

    /// Reports what the breaker's classifier says of `outcome`: see [`Builder::classify`](crate::Builder::classify).
    ///
    /// ```
    /// use persevere_breaker::{CircuitBreaker, State};
    /// use std::time::Duration;
    ///
    /// let breaker = CircuitBreaker::consecutive_failures(1).failure_if(|e: &u16| *e >= 500).build();
    /// let now = Duration::ZERO;
    /// for (status, state) in [(404, State::Closed), (503, State::Open)] {
    ///     breaker.try_acquire(now).unwrap().report(&Err::<(), u16>(status), now);
    ///     assert_eq!(breaker.state(now), state);
    /// }
    /// ```
    #[inline]
    pub fn report<V, E>(self, outcome: &Result<V, E>, now: Duration)
    where
        C: Judge<V, E>,
    {
        let verdict = self.breaker.judge(outcome);
        self.judged(verdict, now);
    }

    /// [`report`](Permit::report), with a clock that is read only if it matters.
    #[inline]
    pub(crate) fn report_by<V, E>(self, outcome: &Result<V, E>, clock: impl Fn() -> Duration)
    where
        C: Judge<V, E>,
    {
        let verdict = self.breaker.judge(outcome);
        if self.breaker.is_plain(self.ticket, verdict) {
            self.record(false, Duration::ZERO, Duration::ZERO);
        } else {
            self.judged(verdict, clock());
        }
    }

    /// What makes it, to be put together again.
    #[inline(always)]
    pub(crate) fn into_parts(self) -> (Ticket, Duration) {
        let permit = ManuallyDrop::new(self);
        (permit.ticket, permit.entered)
    }

    #[inline]
    pub(crate) fn judged(self, verdict: Verdict, now: Duration) {
        match verdict {
            Verdict::Accept => self.success(now),
            Verdict::Retry => self.failure(now),
            Verdict::RetryAfter(hint) => self.failure_with_hint(hint, now),
            _ => self.ignore(),
        }
    }

    // Its parts are handed on by value, so that a permit need not be in memory.
    #[inline(always)]
    fn record(self, failed: bool, hint: Duration, now: Duration) {
        let permit = ManuallyDrop::new(self);
        permit.breaker.record(permit.ticket, failed, hint, now);
    }
}

impl<T: Trip, B: Backoff, C> Drop for Permit<'_, T, B, C> {
    #[inline]
    fn drop(&mut self) {
        self.breaker.dropped(self.ticket, self.entered);
    }
}

impl<T: Trip, B: Backoff, C> fmt::Debug for Permit<'_, T, B, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Permit")
            .field("sequence", &self.sequence())
            .field("is_probe", &self.is_probe())
            .finish_non_exhaustive()
    }
}
