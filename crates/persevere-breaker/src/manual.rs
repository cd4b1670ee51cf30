//! Manual control: forcing a breaker open or closed, and resetting it.

use crate::breaker::CircuitBreaker;
use crate::control::Control;
use crate::state::State;
use crate::trip::Trip;
use core::time::Duration;
use persevere_core::Backoff;
use persevere_core::time::nanos;

/// Manual control. Each of these is a transition like any other: reports of calls that were admitted before are stale.
///
/// # Examples
///
/// ```
/// use persevere::breaker::{CircuitBreaker, State};
/// use std::time::Duration;
///
/// let breaker = CircuitBreaker::default();
/// let now = Duration::ZERO;
/// breaker.force_open();
/// assert_eq!(breaker.try_acquire(now).unwrap_err().retry_after(), None);
/// breaker.release();
/// assert_eq!(breaker.state(now), State::Closed);
/// ```
impl<T: Trip, B, C, On> CircuitBreaker<T, B, C, On> {
    /// Rejects every call from now on, until [`release`](CircuitBreaker::release), another force, or a reset.
    pub fn force_open(&self) {
        self.move_to(State::ForcedOpen, |control| control.state() != State::ForcedOpen);
    }

    /// Admits every call from now on and counts none, until [`release`](CircuitBreaker::release), another force, or a
    /// reset.
    pub fn force_close(&self) {
        self.move_to(State::ForcedClosed, |control| control.state() != State::ForcedClosed);
    }

    /// Releases a breaker that was forced open or closed: it is closed, with an empty window. Any other breaker is
    /// unchanged.
    pub fn release(&self) {
        self.move_to(State::Closed, |control| {
            matches!(control.state(), State::ForcedOpen | State::ForcedClosed)
        });
    }

    /// Closes the breaker, whatever its state, with an empty window. [`stats`](CircuitBreaker::stats) are kept.
    pub fn reset(&self) {
        self.move_to(State::Closed, |_| true);
    }

    fn move_to(&self, state: State, is_due: impl Fn(Control) -> bool) {
        loop {
            let control = self.control();
            if !is_due(control) || self.go(control, state) {
                return;
            }
        }
    }
}

impl<T: Trip, B: Backoff, C, On> CircuitBreaker<T, B, C, On> {
    /// Opens the breaker for the given time from `now`, such as a `Retry-After` that arrived by another way than a call.
    /// After it the breaker is half-open. Does nothing if the breaker is open for longer already.
    ///
    /// # Examples
    ///
    /// ```
    /// use persevere::breaker::{CircuitBreaker, State};
    /// use std::time::Duration;
    ///
    /// let secs = Duration::from_secs;
    /// let breaker = CircuitBreaker::default();
    /// breaker.force_open_for(secs(10), secs(0));
    /// assert_eq!(breaker.state(secs(9)), State::Open);
    /// assert_eq!(breaker.state(secs(10)), State::HalfOpen);
    /// ```
    pub fn force_open_for(&self, time: Duration, now: Duration) {
        // The backoff is code supplied by the caller, so it runs before anything has changed.
        let (_, lease) = self.built.open.length_and_lease(1);
        let until = nanos(now.saturating_add(time));
        loop {
            let control = self.control();
            let is_open = control.state() == State::Open && !control.is_settling();
            if is_open && self.open_until(control).is_some_and(|end| end >= until) {
                return;
            }
            if self.open_from(control, now, time, lease) {
                return;
            }
        }
    }
}
