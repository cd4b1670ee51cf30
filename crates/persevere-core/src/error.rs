//! Why a run failed, and what is wrong with a policy that cannot be built.

#[cfg(feature = "alloc")]
mod boxed;
mod invalid;

#[cfg(feature = "alloc")]
pub use boxed::BoxError;
pub use invalid::InvalidPolicy;

use crate::time::optional;
use core::error::Error;
use core::fmt;
use core::time::Duration;

/// Why a run stopped without success.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum StopReason {
    /// The classifier decided that trying again does not help.
    Permanent,
    /// As many attempts were made as the policy or its schedule allows.
    Attempts,
    /// The next wait would have ended at or past [`max_elapsed`](crate::Policy::max_elapsed), or the time of the run
    /// ended during an attempt.
    Elapsed,
    /// An attempt exceeded [`attempt_timeout`](crate::Policy::attempt_timeout), and the policy allows no more attempts, or
    /// none after a timeout.
    AttemptTimedOut,
    /// The operation requested a longer wait than [`max_hint`](crate::Policy::max_hint), or no retry
    /// ([`Verdict::Pushback`](crate::Verdict::Pushback)).
    Hint,
    /// The retry budget is exhausted.
    Budget,
    /// A circuit breaker, or another gate, rejected the attempt.
    Rejected,
    /// The run was cancelled, by a [`CancelToken`](https://docs.rs/persevere/latest/persevere/struct.CancelToken.html)
    /// or by [`Run::cancelled_by`](crate::Run::cancelled_by).
    Cancelled,
}

impl StopReason {
    /// A stable name in snake case, for labels of metrics and fields of logs.
    ///
    /// ```
    /// assert_eq!(persevere::StopReason::AttemptTimedOut.as_str(), "attempt_timed_out");
    /// ```
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            StopReason::Permanent => "permanent",
            StopReason::Attempts => "attempts",
            StopReason::Elapsed => "elapsed",
            StopReason::AttemptTimedOut => "attempt_timed_out",
            StopReason::Hint => "hint",
            StopReason::Budget => "budget",
            StopReason::Rejected => "rejected",
            StopReason::Cancelled => "cancelled",
        }
    }
}

impl fmt::Display for StopReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            StopReason::Permanent => "not retryable",
            StopReason::Attempts => "gave up",
            StopReason::Elapsed => "out of time",
            StopReason::AttemptTimedOut => "the last attempt timed out",
            StopReason::Hint => "asked to wait for too long",
            StopReason::Budget => "the retry budget is exhausted",
            StopReason::Rejected => "rejected by a breaker or limit",
            StopReason::Cancelled => "cancelled",
        })
    }
}

/// A run that ended without success: why, after how many attempts, and with what last error.
///
/// `{}` prints why, after how many attempts, and the last error. `{:#}` prints the last error with `{:#}`, which for
/// `anyhow` and `eyre` adds its chain. Since the last error is printed, [`source`](Error::source) returns the source of
/// the last error, and not the last error itself.
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
/// assert_eq!(error.to_string(), "gave up after 3 attempts: invalid digit found in string");
/// ```
///
/// # Converting
///
/// `?` works where `RetryError<E>` is an error, which it is if `E` is an error. For an `E` that is not, such as
/// `anyhow::Error`, `Box<dyn Error + Send + Sync>` or `String`, there is `boxed`:
///
/// ```
/// use persevere::{Policy, RetryError, ThreadSleeper};
/// use std::error::Error;
///
/// fn parse(text: &str) -> Result<u8, Box<dyn Error + Send + Sync>> { Ok(text.parse()?) }
///
/// fn run() -> Result<u8, Box<dyn Error + Send + Sync>> {
///     let value = Policy::default().on(ThreadSleeper).run_blocking(|| parse("7")).map_err(RetryError::boxed)?;
///     Ok(value)
/// }
/// assert_eq!(run().unwrap(), 7);
/// ```
///
/// `io::Error::from` keeps the kind of a last `io::Error`.
#[derive(Clone, PartialEq, Eq)]
pub struct RetryError<E> {
    // perf: nanoseconds, and options apart from their values, since this travels in every `Result` (`exhausted`).
    waited: u64,
    elapsed: u64,
    hint: u64,
    attempts: u32,
    timed: bool,
    reason: StopReason,
    last: Option<E>,
}

impl<E> RetryError<E> {
    /// `hint` is `u64::MAX` if there was none.
    #[inline]
    pub(crate) fn new(
        reason: StopReason,
        attempts: u32,
        waited: u64,
        elapsed: Option<u64>,
        hint: u64,
        last: Option<E>,
    ) -> Self {
        RetryError {
            waited,
            elapsed: elapsed.unwrap_or(0),
            hint,
            attempts,
            timed: elapsed.is_some(),
            reason,
            last,
        }
    }

    /// An error that is not worth a retry, after one attempt: for functions that fail before or beside a run.
    ///
    /// ```
    /// use persevere::{RetryError, StopReason};
    ///
    /// let error = RetryError::permanent("no such user");
    /// assert_eq!((error.reason(), error.to_string()), (StopReason::Permanent, "not retryable: no such user".into()));
    /// ```
    pub const fn permanent(error: E) -> Self {
        RetryError {
            waited: 0,
            elapsed: 0,
            hint: u64::MAX,
            attempts: 1,
            timed: false,
            reason: StopReason::Permanent,
            last: Some(error),
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

    /// The sum of the waits that were made to their end. It saturates at 584 years.
    #[must_use]
    pub const fn waited(&self) -> Duration {
        Duration::from_nanos(self.waited)
    }

    /// How long the run took on the sleeper's clock; `None` if it did not read the clock. Only a run with a limit of
    /// time reads it.
    #[must_use]
    pub const fn elapsed(&self) -> Option<Duration> {
        if self.timed {
            Some(Duration::from_nanos(self.elapsed))
        } else {
            None
        }
    }

    /// The hint of the last failure: how long to wait; `None` if it had no hint.
    #[must_use]
    pub const fn hint(&self) -> Option<Duration> {
        match self.reason {
            StopReason::Rejected => None,
            _ => self.retry_after(),
        }
    }

    /// The time after which to try again, from the last failure or from the circuit breaker that rejected the attempt;
    /// `None` if neither has a time. For the `Retry-After` header of a service's own answer.
    #[must_use]
    #[doc(alias("Retry-After"))]
    pub const fn retry_after(&self) -> Option<Duration> {
        match self.hint {
            u64::MAX => None,
            hint => optional(Some(hint)),
        }
    }

    /// The last error that an attempt returned. It is kept over waits and over later attempts that time out. `None` if
    /// no attempt returned an error, or the last attempt that returned was an `Ok` which the classifier did not accept.
    #[must_use]
    pub const fn last_error(&self) -> Option<&E> {
        self.last.as_ref()
    }

    /// [`last_error`](RetryError::last_error), owned.
    #[must_use]
    pub fn into_last_error(self) -> Option<E> {
        self.last
    }

    /// The last error; if there is none, the error that `otherwise` returns for the reason.
    ///
    /// ```
    /// use persevere::{Policy, ThreadSleeper};
    ///
    /// let result = Policy::default().on(ThreadSleeper).run_blocking(|| "7".parse::<u8>().map_err(|e| e.to_string()));
    /// let result: Result<u8, String> = result.map_err(|error| error.into_last_or(|reason| reason.to_string()));
    /// assert_eq!(result, Ok(7));
    /// ```
    pub fn into_last_or(self, otherwise: impl FnOnce(StopReason) -> E) -> E {
        let reason = self.reason;
        self.last.unwrap_or_else(|| otherwise(reason))
    }

    /// Converts the last error.
    pub fn map_last<F>(self, f: impl FnOnce(E) -> F) -> RetryError<F> {
        RetryError {
            waited: self.waited,
            elapsed: self.elapsed,
            hint: self.hint,
            attempts: self.attempts,
            timed: self.timed,
            reason: self.reason,
            last: self.last.map(f),
        }
    }

    /// Prints why and after how many attempts, for an `E` that cannot be printed.
    ///
    /// ```
    /// use persevere::{Policy, ThreadSleeper};
    ///
    /// let error = Policy::default().max_attempts(1).on(ThreadSleeper).run_blocking(|| Err::<(), ()>(())).unwrap_err();
    /// assert_eq!(error.summary().to_string(), "gave up after 1 attempt");
    /// ```
    #[must_use]
    pub const fn summary(&self) -> Summary {
        Summary {
            reason: self.reason,
            attempts: self.attempts,
            hinted: self.retry_after().is_some(),
        }
    }
}

/// Why a run stopped and after how many attempts; returned by [`RetryError::summary`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Summary {
    reason: StopReason,
    attempts: u32,
    /// Whether the last failure had a hint.
    hinted: bool,
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Summary {
            reason,
            attempts,
            hinted,
        } = *self;
        let plural = if attempts == 1 { "" } else { "s" };
        match (reason, attempts) {
            (StopReason::Permanent, 1) | (StopReason::Rejected, 0) => write!(f, "{reason}"),
            (StopReason::Cancelled | StopReason::Elapsed, 0) => write!(f, "{reason} before the first attempt"),
            (StopReason::Hint, _) if !hinted => {
                write!(f, "gave up after {attempts} attempt{plural}, asked not to retry")
            }
            (StopReason::AttemptTimedOut | StopReason::Hint, _) => {
                write!(f, "gave up after {attempts} attempt{plural}, {reason}")
            }
            _ => write!(f, "{reason} after {attempts} attempt{plural}"),
        }
    }
}

/// The values of the getters, which is what `unwrap` and `main` print.
impl<E: fmt::Debug> fmt::Debug for RetryError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RetryError")
            .field("reason", &self.reason)
            .field("attempts", &self.attempts)
            .field("waited", &self.waited())
            .field("elapsed", &self.elapsed())
            .field("retry_after", &self.retry_after())
            .field("last_error", &self.last)
            .finish()
    }
}

impl<E: fmt::Display> fmt::Display for RetryError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.summary().fmt(f)?;
        match &self.last {
            Some(last) if f.alternate() => write!(f, ": {last:#}"),
            Some(last) => write!(f, ": {last}"),
            None => Ok(()),
        }
    }
}

/// Prints the [summary](RetryError::summary), whatever `E` is.
#[cfg(feature = "defmt")]
impl<E> defmt::Format for RetryError<E> {
    fn format(&self, f: defmt::Formatter<'_>) {
        self.summary().format(f);
    }
}

impl<E: Error + 'static> Error for RetryError<E> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.last.as_ref().and_then(Error::source)
    }
}

/// Keeps the kind of the last error. Without a last error it is `TimedOut` if time ran out, and otherwise `Other`. The
/// `io::Error` wraps the [`RetryError`].
#[cfg(feature = "std")]
impl From<RetryError<std::io::Error>> for std::io::Error {
    fn from(error: RetryError<std::io::Error>) -> Self {
        use std::io::ErrorKind;
        let kind = match (&error.last, error.reason) {
            (Some(last), _) => last.kind(),
            (None, StopReason::Elapsed | StopReason::AttemptTimedOut) => ErrorKind::TimedOut,
            (None, _) => ErrorKind::Other,
        };
        std::io::Error::new(kind, error)
    }
}
