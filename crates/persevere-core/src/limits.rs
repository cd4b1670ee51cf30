//! The limits of a policy.

use crate::jitter::Jitter;
use core::time::Duration;

/// The limits of a policy: fields, so that none can be wrapped away by another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// One less than the attempts.
    pub(crate) max_retries: u32,
    pub(crate) jitter: Jitter,
    pub(crate) clamp_hints: bool,
    pub(crate) retry_rejected: bool,
    pub(crate) max_delay: Duration,
    /// The same in nanoseconds, as far as they go: computed once, when it is set, and not at every failure.
    pub(crate) max_nanos: u64,
    pub(crate) max_hint: Option<Duration>,
    pub(crate) max_elapsed: Option<Duration>,
    pub(crate) attempt_timeout: Option<Duration>,
    pub(crate) seed: Option<u64>,
}

impl Limits {
    pub(crate) const NEW: Limits = Limits {
        max_retries: 2,
        jitter: Jitter::None,
        clamp_hints: false,
        retry_rejected: false,
        max_delay: Duration::MAX,
        max_nanos: u64::MAX,
        max_hint: None,
        max_elapsed: None,
        attempt_timeout: None,
        seed: None,
    };

    /// The longest hint that is obeyed as it is.
    pub(crate) fn hint_bound(&self) -> Duration {
        self.max_hint.unwrap_or(self.max_delay)
    }

    /// Whether a run has to look at a clock.
    #[inline]
    pub(crate) fn are_timed(&self) -> bool {
        self.max_elapsed.is_some() || self.attempt_timeout.is_some()
    }

    /// Ends by `deadline` from the start, running attempts included.
    pub(crate) fn tightened(mut self, deadline: Duration) -> Limits {
        self.max_elapsed = Some(self.max_elapsed.unwrap_or(Duration::MAX).min(deadline));
        self.attempt_timeout.get_or_insert(Duration::MAX);
        self
    }
}
