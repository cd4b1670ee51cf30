//! Calls that were rejected, and settings that are invalid.

use crate::probes::MAX_PROBES;
use crate::state::State;
use core::fmt;
use core::time::Duration;

/// A call that the breaker rejected.
///
/// # Examples
///
/// ```
/// use persevere::breaker::{CircuitBreaker, State};
/// use std::time::Duration;
///
/// let secs = Duration::from_secs;
/// let breaker = CircuitBreaker::consecutive_failures(1).open_for(secs(60)).build();
/// breaker.try_acquire(secs(0)).unwrap().failed(secs(0));
///
/// let rejected = breaker.try_acquire(secs(20)).unwrap_err();
/// assert_eq!(rejected.state(), State::Open);
/// assert_eq!(rejected.retry_after(), Some(secs(40)));
/// assert_eq!(rejected.to_string(), "rejected by the circuit breaker: open for another 40s");
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Rejected {
    state: State,
    /// In nanoseconds. Unused if the breaker is forced open.
    left: u64,
}

impl Rejected {
    #[inline]
    pub(crate) const fn new(state: State, left: u64) -> Rejected {
        Rejected { state, left }
    }

    /// Returns the state of the breaker: open, half-open with all its probes out, or forced open.
    #[inline]
    #[must_use]
    pub const fn state(self) -> State {
        self.state
    }

    /// Returns the time after which to try again; `None` if the breaker is forced open, which no time ends.
    ///
    /// An open breaker returns the time until it is half-open. A half-open breaker returns a short, jittered time. It
    /// grows with the time that the probe has taken, up to the end of the probe's lease. The time is zero if another
    /// thread is just opening the breaker.
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
        write!(f, "rejected by the circuit breaker: {}", self.state)?;
        match (self.state, self.retry_after()) {
            (_, None | Some(Duration::ZERO)) => Ok(()),
            (State::Open, Some(left)) => write!(f, " for another {left:?}"),
            (_, Some(left)) => write!(f, ", try again in {left:?}"),
        }
    }
}

impl core::error::Error for Rejected {}

/// Why a call through a breaker failed: it was rejected, or it was made and failed.
///
/// Exhaustive on purpose: there is no third way for a call to fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BreakerError<E> {
    /// The breaker rejected the call.
    #[error(transparent)]
    Rejected(Rejected),
    /// The call was made and failed with this error.
    #[error(transparent)]
    Inner(E),
}

impl<E> BreakerError<E> {
    /// Returns the error of the call; `None` if the call was rejected.
    #[must_use]
    pub fn into_inner(self) -> Option<E> {
        match self {
            BreakerError::Rejected(_) => None,
            BreakerError::Inner(error) => Some(error),
        }
    }

    /// Returns the rejection; `None` if the call was made.
    #[must_use]
    pub const fn rejected(&self) -> Option<Rejected> {
        match self {
            BreakerError::Rejected(rejected) => Some(*rejected),
            BreakerError::Inner(_) => None,
        }
    }
}

/// An invalid setting of a breaker.
///
/// The `try_` form of a setter returns this. The plain form panics, which in a `const` or `static` is a compile error.
///
/// # Examples
///
/// ```
/// use persevere::breaker::{InvalidBreaker, LastCalls};
///
/// assert_eq!(LastCalls::of(100).try_rate(1.5), Err(InvalidBreaker::Rate(1.5)));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidBreaker {
    /// The number of consecutive failures is 0.
    #[error("invalid circuit breaker: consecutive failures must be at least 1")]
    Failures,
    /// The failure rate is not above 0.0 and at most 1.0.
    #[error("invalid circuit breaker: rate must be above 0.0 and at most 1.0, not {0}")]
    Rate(f64),
    /// The minimum is 0, or more calls than the window holds.
    #[error("invalid circuit breaker: minimum must be at least 1 and at most the calls of the window")]
    Minimum,
    /// The window is empty or larger than its memory, or its slices are shorter than a millisecond.
    #[error("invalid circuit breaker: window must not be empty, fit its memory, and have slices of at least 1 ms")]
    Window,
    /// The number of probes is 0 or above [`MAX_PROBES`].
    #[error("invalid circuit breaker: max_probes must be within 1..={MAX_PROBES}")]
    Probes,
    /// The number of successful probes is 0 or above 1,000.
    #[error("invalid circuit breaker: successes_to_close must be within 1..=1000")]
    Successes,
    /// The number of failed probes is 0 or above 100.
    #[error("invalid circuit breaker: failures_to_reopen must be within 1..=100")]
    ProbeFailures,
    /// The open time is zero.
    #[error("invalid circuit breaker: open time must be above zero")]
    OpenTime,
    /// The lease of a probe is zero.
    #[error("invalid circuit breaker: probe_lease must be above zero")]
    Lease,
    /// The duration of a slow call is zero, so that every call would be slow.
    #[error("invalid circuit breaker: slow_after must be above zero")]
    SlowAfter,
    /// The time between consecutive failures is zero.
    #[error("invalid circuit breaker: within must be above zero")]
    Within,
}

#[cfg(test)]
mod tests {
    extern crate alloc;
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn rejection_displays_state_and_time() {
        // Another thread is just opening the breaker.
        let rejected = Rejected::new(State::Open, 0);
        assert_eq!(rejected.to_string(), "rejected by the circuit breaker: open");
        let rejected = Rejected::new(State::Open, 1);
        assert_eq!(
            rejected.to_string(),
            "rejected by the circuit breaker: open for another 1ns"
        );
    }
}
