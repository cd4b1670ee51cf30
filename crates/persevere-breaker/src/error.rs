//! Calls that were rejected, and breakers that cannot be built.

use crate::probes::MAX_PROBES;
use crate::state::State;
use core::fmt;
use core::time::Duration;

/// A call that the breaker did not let through.
///
/// ```
/// use persevere_breaker::{CircuitBreaker, State};
/// use std::time::Duration;
///
/// let breaker = CircuitBreaker::consecutive_failures(1).open_for(Duration::from_secs(60)).build();
/// breaker.try_acquire(Duration::ZERO).unwrap().failure(Duration::ZERO);
///
/// let rejected = breaker.try_acquire(Duration::from_secs(20)).unwrap_err();
/// assert_eq!(rejected.state(), State::Open);
/// assert_eq!(rejected.retry_after(), Some(Duration::from_secs(40)));
/// assert_eq!(rejected.to_string(), "the circuit breaker is open, for 40s more");
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Rejected {
    state: State,
    /// In nanoseconds, which are made a `Duration` for those who ask. Nothing, if it is held open by hand.
    left: u64,
}

impl Rejected {
    #[inline]
    pub(crate) const fn new(state: State, left: u64) -> Rejected {
        Rejected { state, left }
    }

    /// What the breaker was: open, half-open with all its probes out, or forced open.
    #[inline]
    #[must_use]
    pub const fn state(self) -> State {
        self.state
    }

    /// The time until the breaker lets a call through again: until it is half-open, or, if it is that already, until
    /// the first lease of a probe ends, though most probes report before. Zero if another thread is just opening the
    /// breaker. `None` if it is held open by hand, since no time ends that.
    #[inline]
    #[must_use]
    pub const fn retry_after(self) -> Option<Duration> {
        match self.state {
            State::ForcedOpen => None,
            _ => Some(Duration::from_nanos(self.left)),
        }
    }
}

impl fmt::Debug for Rejected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rejected")
            .field("state", &self.state)
            .field("retry_after", &self.retry_after())
            .finish()
    }
}

impl fmt::Display for Rejected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the circuit breaker is {}", self.state)?;
        match self.retry_after() {
            Some(left) if !left.is_zero() => write!(f, ", for {left:?} more"),
            _ => Ok(()),
        }
    }
}

impl core::error::Error for Rejected {}

/// Why a call through a breaker failed: it was not made, or it was and failed itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BreakerError<E> {
    /// The breaker did not let the call through.
    #[error(transparent)]
    Rejected(Rejected),
    /// The call was made, and this is its error.
    #[error(transparent)]
    Inner(E),
}

impl<E> BreakerError<E> {
    /// The error of the call, if it was made.
    #[must_use]
    pub fn into_inner(self) -> Option<E> {
        match self {
            BreakerError::Rejected(_) => None,
            BreakerError::Inner(error) => Some(error),
        }
    }

    /// The rejection, if the call was not made.
    #[must_use]
    pub const fn rejected(&self) -> Option<Rejected> {
        match self {
            BreakerError::Rejected(rejected) => Some(*rejected),
            BreakerError::Inner(_) => None,
        }
    }
}

/// A number that no breaker may have. The `try_` form of what takes it returns this; the plain form panics with it,
/// which in a `const` or `static` is a compile error.
///
/// ```
/// use persevere_breaker::{InvalidBreaker, LastCalls};
///
/// assert_eq!(LastCalls::<4>::try_new(100, 1.5, 20), Err(InvalidBreaker::Rate(1.5)));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidBreaker {
    /// A count of failures of 0.
    #[error("invalid circuit breaker: a breaker opens on at least 1 failure")]
    Failures,
    /// A failure rate that is not above 0.0 and at most 1.0.
    #[error("invalid circuit breaker: the rate must be above 0.0 and at most 1.0, not {0}")]
    Rate(f64),
    /// A minimum of 0 calls, or of more than the window has.
    #[error("invalid circuit breaker: the minimum must be at least 1, and at most the calls of the window")]
    Minimum,
    /// A window that is empty, or has more than there is memory for.
    #[error("invalid circuit breaker: the window is empty or larger than its memory")]
    Window,
    /// No probes, or more than [`MAX_PROBES`].
    #[error("invalid circuit breaker: the probes must be within 1..={MAX_PROBES}")]
    Probes,
    /// A breaker that would close after no successful probe, or after more than 100,000.
    #[error("invalid circuit breaker: the successes to close must be within 1..=100000")]
    Successes,
}

#[cfg(test)]
mod tests {
    extern crate alloc;
    use super::*;
    use alloc::string::ToString;

    /// Another thread is just opening the breaker.
    #[test]
    fn no_time_is_not_told() {
        assert_eq!(Rejected::new(State::Open, 0).to_string(), "the circuit breaker is open");
        let rejected = Rejected::new(State::Open, 1);
        assert_eq!(rejected.to_string(), "the circuit breaker is open, for 1ns more");
    }
}
