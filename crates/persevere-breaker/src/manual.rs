//! Manual control: forcing a breaker open or closed, and resetting it.

use crate::breaker::CircuitBreaker;
use crate::control::Control;
use crate::state::State;
use crate::trip::Trip;

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
