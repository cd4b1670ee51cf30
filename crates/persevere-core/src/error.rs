//! What a run that failed says of itself, and what is wrong with a policy that cannot be built.

use core::error::Error;
use core::fmt;
use core::time::Duration;

/// Why a run stopped without success.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StopReason {
    /// The classifier said that trying again will not help.
    Permanent,
    /// As many attempts were made as the policy or its schedule allows.
    Attempts,
    /// The next wait would have ended at or past [`max_elapsed`](crate::Policy::max_elapsed).
    Elapsed,
    /// As many attempts were made as the policy allows, and the last was cut off by
    /// [`attempt_timeout`](crate::Policy::attempt_timeout), so there is no last error.
    AttemptTimedOut,
    /// The operation asked for a longer wait than [`max_hint`](crate::Policy::max_hint).
    Hint,
    /// The retry budget is exhausted.
    Budget,
    /// A circuit breaker did not let the attempt through.
    Rejected,
    /// The sleeper's [`CancelToken`](https://docs.rs/persevere/latest/persevere/struct.CancelToken.html) was cancelled.
    Cancelled,
}

impl fmt::Display for StopReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            StopReason::Permanent => "the error is permanent",
            StopReason::Attempts => "no attempts are left",
            StopReason::Elapsed => "no time is left",
            StopReason::AttemptTimedOut => "no attempts are left and the last one timed out",
            StopReason::Hint => "the requested wait is too long",
            StopReason::Budget => "the retry budget is exhausted",
            StopReason::Rejected => "rejected by the circuit breaker",
            StopReason::Cancelled => "the run was cancelled",
        })
    }
}

/// A run that ended without success: why, after how many attempts, and with what last error.
///
/// `{}` says why and after how many attempts; `{:#}` adds the last error, which is also the
/// [`source`](Error::source).
///
/// ```
/// use persevere::{Policy, StopReason, ThreadSleeper};
/// use std::time::Duration;
///
/// let error = Policy::fixed(Duration::ZERO)
///     .on(ThreadSleeper)
///     .run_blocking(|| "seven".parse::<u8>())
///     .unwrap_err();
/// assert_eq!(error.reason(), StopReason::Attempts);
/// assert_eq!(error.to_string(), "no attempts are left after 3 attempts");
/// assert_eq!(format!("{error:#}"), "no attempts are left after 3 attempts: invalid digit found in string");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct RetryError<E> {
    // Nanoseconds, and the option apart from its value, since this travels in every `Result` of every run.
    waited: u64,
    elapsed: u64,
    attempts: u32,
    timed: bool,
    reason: StopReason,
    last: Option<E>,
}

impl<E> RetryError<E> {
    #[inline]
    pub(crate) fn new(reason: StopReason, attempts: u32, waited: u64, elapsed: Option<u64>, last: Option<E>) -> Self {
        RetryError {
            waited,
            elapsed: elapsed.unwrap_or(0),
            attempts,
            timed: elapsed.is_some(),
            reason,
            last,
        }
    }

    /// Why the run stopped.
    #[must_use]
    pub const fn reason(&self) -> StopReason {
        self.reason
    }

    /// How many times the operation was called.
    #[must_use]
    pub const fn attempts(&self) -> u32 {
        self.attempts
    }

    /// The sum of the delays that were waited for to their end. It saturates at 2^64 nanoseconds, 584 years.
    #[must_use]
    pub const fn waited(&self) -> Duration {
        Duration::from_nanos(self.waited)
    }

    /// How long the run took on the sleeper's clock, if it read the clock: only a policy with
    /// [`max_elapsed`](crate::Policy::max_elapsed) does.
    #[must_use]
    pub const fn elapsed(&self) -> Option<Duration> {
        if self.timed {
            Some(Duration::from_nanos(self.elapsed))
        } else {
            None
        }
    }

    /// The error of the last attempt, if that is how it ended: not if it was cut off, or ended in an `Ok` that the
    /// classifier did not accept. Nor if the run was cancelled before the first attempt or while it waited: an error
    /// is dropped before the wait, so that a future is `Send` even if its errors are not.
    #[must_use]
    pub const fn last_error(&self) -> Option<&E> {
        self.last.as_ref()
    }

    /// The error of the last attempt, owned. See [`last_error`](RetryError::last_error).
    #[must_use]
    pub fn into_last_error(self) -> Option<E> {
        self.last
    }
}

/// What the methods say, not the fields: it is what `unwrap` and `main` print.
impl<E: fmt::Debug> fmt::Debug for RetryError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RetryError")
            .field("reason", &self.reason)
            .field("attempts", &self.attempts)
            .field("waited", &self.waited())
            .field("elapsed", &self.elapsed())
            .field("last_error", &self.last)
            .finish()
    }
}

impl<E: fmt::Display> fmt::Display for RetryError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = if self.attempts == 1 { "" } else { "s" };
        write!(f, "{} after {} attempt{plural}", self.reason, self.attempts)?;
        match &self.last {
            Some(last) if f.alternate() => write!(f, ": {last:#}"),
            _ => Ok(()),
        }
    }
}

impl<E: Error + 'static> Error for RetryError<E> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.last.as_ref().map(|last| last as _)
    }
}

/// A number that no policy may have. The `try_` form of each setter returns it; the plain form panics with it,
/// which in a `const` or `static` is a compile error.
///
/// ```
/// use persevere::{InvalidPolicy, Policy};
///
/// assert_eq!(Policy::default().try_max_attempts(0).unwrap_err(), InvalidPolicy::Attempts);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum InvalidPolicy {
    /// `max_attempts(0)`: the first attempt is always made, so there is at least one.
    Attempts,
    /// A growth factor that is not a finite number of at least 1.
    Factor(f64),
    /// A jitter ratio outside `0.0..=1.0`.
    JitterRatio(f64),
}

impl fmt::Display for InvalidPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("invalid retry policy: ")?;
        match self {
            Self::Attempts => f.write_str("max_attempts must be at least 1, which means no retry"),
            Self::Factor(factor) => write!(f, "the backoff factor must be finite and at least 1.0, not {factor}"),
            Self::JitterRatio(ratio) => write!(f, "the jitter ratio must be within 0.0..=1.0, not {ratio}"),
        }
    }
}

impl Error for InvalidPolicy {}
