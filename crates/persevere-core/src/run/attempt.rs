//! One call of the operation, as the operation sees it.

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
            timeout: None,
            #[cfg(feature = "std")]
            token: None,
        }
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

    /// Whether the attempt follows another.
    #[must_use]
    pub const fn is_retry(&self) -> bool {
        self.number > 1
    }

    /// How long the attempt may take: the attempt timeout or what is left of the run, whichever is less; `None` if
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

    /// The token that cancels the run; `None` if it cannot be cancelled by one.
    #[cfg(feature = "std")]
    #[must_use]
    pub const fn cancel_token(&self) -> Option<&crate::CancelToken> {
        self.token.as_ref()
    }
}
