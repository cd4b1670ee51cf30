//! Moving a breaker by hand.

use crate::breaker::CircuitBreaker;
use crate::control::Control;
use crate::state::State;
use crate::trip::Trip;

/// By hand. Each of these is a transition like any other: a call that was let through before changes nothing after.
///
/// ```
/// use persevere_breaker::{CircuitBreaker, State};
/// use std::time::Duration;
///
/// let breaker = CircuitBreaker::default();
/// let now = Duration::ZERO;
/// breaker.force_open();
/// assert_eq!(breaker.try_acquire(now).unwrap_err().retry_after(), None);
/// breaker.automatic();
/// assert_eq!(breaker.state(now), State::Closed);
/// ```
impl<T: Trip, B, C> CircuitBreaker<T, B, C> {
    /// Rejects every call from now on, until the breaker is moved by hand again.
    pub fn force_open(&self) {
        self.move_to(State::ForcedOpen, |control| control.state() != State::ForcedOpen);
    }

    /// Lets every call through from now on and counts none, until the breaker is moved by hand again.
    pub fn force_closed(&self) {
        self.move_to(State::ForcedClosed, |control| control.state() != State::ForcedClosed);
    }

    /// Lets a breaker that is held by hand go: it is closed, with nothing counted. Any other stays as it is.
    pub fn automatic(&self) {
        self.move_to(State::Closed, |control| {
            matches!(control.state(), State::ForcedOpen | State::ForcedClosed)
        });
    }

    /// Closes the breaker, with nothing counted, whatever it was; [`stats`](CircuitBreaker::stats) go on.
    pub fn reset(&self) {
        self.move_to(State::Closed, |_| true);
    }

    fn move_to(&self, state: State, is_to_move: impl Fn(Control) -> bool) {
        loop {
            let control = self.control();
            if !is_to_move(control) || self.go(control, state) {
                return;
            }
        }
    }
}
