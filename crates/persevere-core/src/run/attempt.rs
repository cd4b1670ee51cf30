//! One call of the operation, as the operation receives it.

use core::fmt;
use core::time::Duration;

/// The attempt that an operation is called for, under the `_with` forms.
///
/// ```
/// use persevere::Attempt;
/// use std::time::Duration;
///
/// // For testing an operation alone.
/// let attempt = Attempt::new(2).within(Duration::from_secs(1));
/// assert!(attempt.is_retry());
/// assert_eq!(attempt.timeout(), Some(Duration::from_secs(1)));
/// ```
#[derive(Debug, Clone)]
pub struct Attempt {
    number: u32,
    /// 0 if it is unknown or not limited.
    max: u32,
    timeout: Option<Duration>,
    #[cfg(feature = "std")]
    token: Option<crate::CancelToken>,
}

impl Attempt {
    /// The attempt with this number, from 1, without a limit of time.
    #[must_use]
    pub const fn new(number: u32) -> Attempt {
        Attempt {
            number,
            max: 0,
            timeout: None,
            #[cfg(feature = "std")]
            token: None,
        }
    }

    /// The same of a run that makes at most the given number of attempts.
    #[must_use]
    pub const fn of(mut self, max_attempts: u32) -> Attempt {
        self.max = max_attempts;
        self
    }

    /// The same with a limit of time.
    #[must_use]
    pub const fn within(mut self, timeout: Duration) -> Attempt {
        self.timeout = Some(timeout);
        self
    }

    /// The same under a token.
    #[cfg(feature = "std")]
    #[must_use]
    pub fn under(mut self, token: Option<&crate::CancelToken>) -> Attempt {
        self.token = token.cloned();
        self
    }

    /// Its number, from 1.
    #[must_use]
    pub const fn number(&self) -> u32 {
        self.number
    }

    /// How many attempts its run may make; `None` if they are not limited.
    #[must_use]
    pub const fn max_attempts(&self) -> Option<u32> {
        match self.max {
            0 => None,
            max => Some(max),
        }
    }

    /// The value of a header with the number of the attempt, so that the server can distinguish retries from load: as
    /// in the `amz-sdk-request` of AWS.
    ///
    /// ```
    /// use persevere::{Attempt, Policy, ThreadSleeper};
    ///
    /// let policy = Policy::default().max_attempts(4);
    /// let sent = policy.on(ThreadSleeper).run_blocking_with(|attempt| Ok::<_, ()>(attempt.header().to_string()));
    /// assert_eq!(sent.unwrap(), "attempt=1; max=4");
    /// assert_eq!(Attempt::new(2).header().to_string(), "attempt=2", "of attempts without a limit");
    /// ```
    #[must_use]
    pub const fn header(&self) -> AttemptHeader {
        AttemptHeader {
            number: self.number,
            max: self.max,
        }
    }

    /// Whether the attempt follows another.
    #[must_use]
    pub const fn is_retry(&self) -> bool {
        self.number > 1
    }

    /// How long the attempt may take: the attempt timeout or the rest of the run, whichever is less; `None` if
    /// neither is limited. If nothing is left, because the sleeper overslept, it is one nanosecond, since sockets reject
    /// a timeout of zero.
    #[must_use]
    pub const fn timeout(&self) -> Option<Duration> {
        match self.timeout {
            Some(Duration::ZERO) => Some(Duration::from_nanos(1)),
            timeout => timeout,
        }
    }

    /// Whether the run has been cancelled since the attempt began: for a blocking attempt, which cannot be interrupted,
    /// to look at between its steps.
    #[cfg(feature = "std")]
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.token.as_ref().is_some_and(crate::CancelToken::is_cancelled)
    }

    /// The token that cancels the run; `None` if no token can cancel it.
    #[cfg(feature = "std")]
    #[must_use]
    pub const fn cancel_token(&self) -> Option<&crate::CancelToken> {
        self.token.as_ref()
    }
}

/// The value of a header with the number of the attempt; made by [`Attempt::header`], and printed by `{}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AttemptHeader {
    number: u32,
    max: u32,
}

impl fmt::Display for AttemptHeader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "attempt={}", self.number)?;
        match self.max {
            0 => Ok(()),
            max => write!(f, "; max={max}"),
        }
    }
}
