//! One call of the operation, as it sees itself.

use core::time::Duration;

/// The attempt that an operation is called for, under the `_with` forms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attempt {
    pub(crate) number: u32,
    pub(crate) timeout: Option<Duration>,
}

impl Attempt {
    /// Its number, from 1.
    #[must_use]
    pub const fn number(self) -> u32 {
        self.number
    }

    /// Whether it is an attempt after the first.
    #[must_use]
    pub const fn is_retry(self) -> bool {
        self.number > 1
    }

    /// What it may take: the attempt timeout or what is left of the run, whichever is less; `None` if neither is
    /// limited. If nothing is left, because the sleeper overslept, it is one nanosecond, since sockets refuse a timeout
    /// of zero.
    #[must_use]
    pub const fn timeout(self) -> Option<Duration> {
        match self.timeout {
            Some(Duration::ZERO) => Some(Duration::from_nanos(1)),
            timeout => timeout,
        }
    }
}
