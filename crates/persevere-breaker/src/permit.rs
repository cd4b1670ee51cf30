//! The permit to make one call.

use crate::breaker::CircuitBreaker;
use crate::outcome::Outcome;
use crate::ticket::Admitted;
use crate::trip::{ConsecutiveFailures, Trip};
use core::fmt;
use core::mem::ManuallyDrop;
use core::time::Duration;
use persevere_core::Backoff;
use persevere_core::backoff::Fixed;
use persevere_core::classify::{AnyError, Errors, Judge};
use persevere_core::contain;

/// The permit to make one call; returned by [`CircuitBreaker::try_acquire`]. A report consumes it.
///
/// A permit that is dropped without a report is *abandoned*, as when the future of a call is dropped. It returns its
/// place and counts as neither success nor failure. Where there is a clock, report it by
/// [`abandoned`](Permit::abandoned), so that a breaker with [`slow_after`](crate::Builder::slow_after) notices calls
/// that hang until their callers go away. A permit that a panic drops counts as a failure (feature `std`). Its time is
/// the time when it was issued, since a destructor is passed no other time.
///
/// A permit belongs to the generation in which it was issued. If the breaker has made a transition since, the report is
/// stale, and changes only the [`BreakerStats`](crate::BreakerStats).
///
/// # Examples
///
/// ```
/// use persevere::breaker::{CircuitBreaker, State};
/// use std::time::Duration;
///
/// let breaker = CircuitBreaker::consecutive_failures(1).open_for(Duration::from_secs(1)).build();
/// let now = Duration::ZERO;
/// let early = breaker.try_acquire(now)?;
/// breaker.try_acquire(now)?.failed(now);
/// early.succeeded(now);
/// assert_eq!(breaker.state(now), State::Open, "the report is stale");
///
/// let now = Duration::from_secs(1);
/// drop(breaker.try_acquire(now)?);
/// assert_eq!(breaker.state(now), State::HalfOpen, "an abandoned probe is no success");
/// breaker.try_acquire(now)?.succeeded(now);
/// assert_eq!(breaker.state(now), State::Closed);
/// # Ok::<(), persevere::breaker::Rejected>(())
/// ```
#[must_use = "a permit that is dropped counts as abandoned: report with `succeeded`, `failed`, `ignored` or `abandoned`"]
pub struct Permit<'b, T: Trip = ConsecutiveFailures, B: Backoff = Fixed, C = AnyError, On = Errors> {
    breaker: &'b CircuitBreaker<T, B, C, On>,
    call: Admitted,
}

impl<'b, T: Trip, B: Backoff, C, On> Permit<'b, T, B, C, On> {
    #[inline]
    pub(crate) const fn new(breaker: &'b CircuitBreaker<T, B, C, On>, call: Admitted) -> Self {
        Permit { breaker, call }
    }

    /// Whether the call is a probe of a half-open breaker.
    #[inline]
    #[must_use]
    pub const fn is_probe(&self) -> bool {
        self.call.ticket.is_probe()
    }

    /// Returns the [sequence](crate::Transition::sequence) of the last transition before the permit was issued. The
    /// report is stale after the next.
    #[inline]
    #[must_use]
    pub const fn sequence(&self) -> u32 {
        self.call.ticket.generation().0
    }

    /// Reports that the call succeeded, and ended `now`. A slow success counts as a failure: see
    /// [`Builder::slow_after`](crate::Builder::slow_after).
    #[inline]
    pub fn succeeded(self, now: Duration) {
        self.report_as(Outcome::Succeeded, || now);
    }

    /// Reports that the call failed, and ended `now`.
    #[inline]
    pub fn failed(self, now: Duration) {
        self.failed_with_hint(Duration::ZERO, now);
    }

    /// Reports that the call failed, and ended `now`, with a hint such as `Retry-After`. If this failure opens the
    /// breaker, it stays open at least as long, up to [`Builder::clamp_hints_to`](crate::Builder::clamp_hints_to).
    #[inline]
    pub fn failed_with_hint(self, hint: Duration, now: Duration) {
        self.report_as(Outcome::Failed(hint), || now);
    }

    /// Reports that the outcome of the call does not depend on the health of what was called. It counts as neither
    /// success nor failure.
    #[inline]
    pub fn ignored(self) {
        self.report_as(Outcome::Ignored, || Duration::ZERO);
    }

    /// Reports that the caller went away `now`, before the call ended. It counts as a failure if it took
    /// [`slow_after`](crate::Builder::slow_after) or longer until now, and otherwise as neither success nor failure.
    ///
    /// # Examples
    ///
    /// ```
    /// use persevere::breaker::{CircuitBreaker, State};
    /// use std::time::Duration;
    ///
    /// let secs = Duration::from_secs;
    /// let breaker = CircuitBreaker::consecutive_failures(2).slow_after(secs(5)).build();
    /// let [young, old, older] = [(); 3].map(|_| breaker.try_acquire(secs(0)).unwrap());
    /// young.abandoned(secs(1));
    /// old.abandoned(secs(5));
    /// assert_eq!(breaker.state(secs(5)), State::Closed);
    /// older.abandoned(secs(6));
    /// assert_eq!(breaker.state(secs(6)), State::Open);
    /// ```
    #[inline]
    pub fn abandoned(self, now: Duration) {
        self.report_as(Outcome::Abandoned, || now);
    }

    /// Reports that another call of the same operation was faster `now`, such as the other leg of a hedge. It counts as
    /// a failure if it took [`slow_after`](crate::Builder::slow_after) or longer until now, and otherwise as neither
    /// success nor failure.
    #[inline]
    pub fn superseded(self, now: Duration) {
        self.report_as(Outcome::Superseded, || now);
    }

    /// Reports the verdict of the breaker's classifier on `outcome`: see
    /// [`Builder::classify`](crate::Builder::classify).
    ///
    /// # Examples
    ///
    /// ```
    /// use persevere::breaker::{CircuitBreaker, State};
    /// use std::time::Duration;
    ///
    /// let breaker = CircuitBreaker::consecutive_failures(1).failure_if(|e: &u16| *e >= 500).build();
    /// let now = Duration::ZERO;
    /// for (status, state) in [(404, State::Closed), (503, State::Open)] {
    ///     breaker.try_acquire(now)?.report(&Err::<(), u16>(status), now);
    ///     assert_eq!(breaker.state(now), state);
    /// }
    /// # Ok::<(), persevere::breaker::Rejected>(())
    /// ```
    #[inline]
    pub fn report<V, E>(self, outcome: &Result<V, E>, now: Duration)
    where
        On: Judge<C, V, E>,
    {
        // Before the permit is consumed, so that a panic in the classifier drops it.
        let verdict = self.breaker.judge(outcome);
        self.report_as(verdict.into(), || now);
    }

    #[inline]
    fn report_as(self, outcome: Outcome, clock: impl FnOnce() -> Duration) {
        let permit = ManuallyDrop::new(self);
        permit.breaker.report(permit.call, outcome, clock);
    }
}

impl<T: Trip, B: Backoff, C, On> Drop for Permit<'_, T, B, C, On> {
    #[inline]
    fn drop(&mut self) {
        if persevere_core::panicking() {
            contain(|| {
                let call = self.call;
                self.breaker.report(call, Outcome::Failed(Duration::ZERO), || call.at);
            });
            return;
        }
        self.breaker.drop_call(self.call);
    }
}

impl<T: Trip, B: Backoff, C, On> fmt::Debug for Permit<'_, T, B, C, On> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Permit")
            .field("sequence", &self.sequence())
            .field("is_probe", &self.is_probe())
            .finish_non_exhaustive()
    }
}
