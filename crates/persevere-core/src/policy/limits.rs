//! The limits and settings of a policy, apart from its backoff and its classifier.

use crate::jitter::{Jitter, Ratio};
use crate::random::Draws;
use crate::time::{nanos, optional};
use core::fmt;
use core::time::Duration;

/// The settings of a [`Policy`](crate::Policy), to be read: one getter for each setter. Returned by
/// [`Policy::limits`](crate::Policy::limits).
///
/// ```
/// use persevere::Policy;
/// use std::time::Duration;
///
/// let policy = Policy::exponential(Duration::from_millis(100)).max_attempts(4).max_delay(Duration::from_secs(5));
/// assert_eq!(policy.limits().max_attempts(), Some(4));
/// assert_eq!(policy.limits().max_delay(), Some(Duration::from_secs(5)));
/// assert_eq!(policy.limits().max_elapsed(), None);
/// ```
#[derive(Clone, Copy, PartialEq)]
pub struct Limits {
    /// One less than the attempts.
    pub(crate) max_retries: u32,
    pub(crate) jitter: Jitter,
    pub(crate) spread_hints: Ratio,
    pub(crate) clamp_hints: bool,
    pub(crate) longer_of_hint_and_delay: bool,
    pub(crate) retry_rejected: bool,
    pub(crate) stop_on_timeout: bool,
    pub(crate) since_first_failure: bool,
    // Nanoseconds, converted when they are set and not at every failure.
    pub(crate) max_delay: u64,
    pub(crate) max_hint: u64,
    pub(crate) min_attempt_time: u64,
    pub(crate) max_elapsed: Option<u64>,
    pub(crate) attempt_timeout: Option<u64>,
    pub(crate) draws: Draws,
}

impl Limits {
    pub(crate) const NEW: Limits = Limits {
        max_retries: 2,
        jitter: Jitter::None,
        spread_hints: Ratio::TENTH,
        clamp_hints: false,
        longer_of_hint_and_delay: false,
        retry_rejected: false,
        stop_on_timeout: false,
        since_first_failure: false,
        max_delay: u64::MAX,
        max_hint: nanos(Duration::from_secs(5 * 60)),
        min_attempt_time: 0,
        max_elapsed: None,
        attempt_timeout: None,
        draws: Draws::Entropy,
    };

    /// How many attempts there may be, the first included; `None` if they are not limited.
    #[must_use]
    pub const fn max_attempts(&self) -> Option<u32> {
        match self.max_retries.checked_add(1) {
            None | Some(u32::MAX) => None,
            attempts => attempts,
        }
    }

    /// The longest computed delay; `None` if there is no cap.
    #[must_use]
    pub const fn max_delay(&self) -> Option<Duration> {
        match self.max_delay {
            u64::MAX => None,
            cap => Some(Duration::from_nanos(cap)),
        }
    }

    /// The time for the whole run; `None` if it is not limited.
    #[must_use]
    pub const fn max_elapsed(&self) -> Option<Duration> {
        optional(self.max_elapsed)
    }

    /// Whether [`max_elapsed`](Limits::max_elapsed) counts from the first failure, not from the start.
    #[must_use]
    pub const fn since_first_failure(&self) -> bool {
        self.since_first_failure
    }

    /// The time for one attempt; `None` if it is not limited.
    #[must_use]
    pub const fn attempt_timeout(&self) -> Option<Duration> {
        optional(self.attempt_timeout)
    }

    /// The least time that an attempt must have left to begin; zero by default.
    #[must_use]
    pub const fn min_attempt_time(&self) -> Duration {
        Duration::from_nanos(self.min_attempt_time)
    }

    /// How computed delays are spread.
    #[must_use]
    pub const fn jitter(&self) -> Jitter {
        self.jitter
    }

    /// The longest hint that is obeyed.
    #[must_use]
    pub const fn max_hint(&self) -> Duration {
        Duration::from_nanos(self.max_hint)
    }

    /// Whether a longer hint is shortened to [`max_hint`](Limits::max_hint) and does not stop the run.
    #[must_use]
    pub const fn clamp_hints(&self) -> bool {
        self.clamp_hints
    }

    /// By how much of a hint the wait for it may be longer, from 0.0 to 1.0.
    #[must_use]
    pub const fn spread_hints(&self) -> f64 {
        self.spread_hints.get()
    }

    /// Whether a wait is the longer of the hint and the computed delay.
    #[must_use]
    pub const fn longer_of_hint_and_delay(&self) -> bool {
        self.longer_of_hint_and_delay
    }

    /// Whether the run waits for a circuit breaker that rejects an attempt.
    #[must_use]
    pub const fn retry_rejected(&self) -> bool {
        self.retry_rejected
    }

    /// Whether an attempt that times out is followed by another.
    #[must_use]
    pub const fn retry_timeouts(&self) -> bool {
        !self.stop_on_timeout
    }

    /// The seed of all draws; `None` if there is none.
    #[must_use]
    pub const fn seed(&self) -> Option<u64> {
        match self.draws {
            Draws::Seeded(seed) => Some(seed),
            Draws::Entropy | Draws::Bits(_) => None,
        }
    }

    pub(crate) fn describe(&self, f: &mut fmt::DebugStruct<'_, '_>) {
        match self.max_attempts() {
            Some(attempts) => f.field("max_attempts", &attempts),
            None => f.field("max_attempts", &format_args!("unlimited")),
        };
        if let Some(cap) = self.max_delay() {
            f.field("max_delay", &cap);
        }
        f.field("jitter", &self.jitter);
        if let Some(limit) = self.max_elapsed() {
            f.field("max_elapsed", &limit);
        }
        if self.since_first_failure {
            f.field("since_first_failure", &true);
        }
        if let Some(limit) = self.attempt_timeout() {
            f.field("attempt_timeout", &limit);
        }
        if self.min_attempt_time > 0 {
            f.field("min_attempt_time", &self.min_attempt_time());
        }
        f.field("max_hint", &self.max_hint());
        for (name, is_set) in [
            ("clamp_hints", self.clamp_hints),
            ("longer_of_hint_and_delay", self.longer_of_hint_and_delay),
            ("retry_rejected", self.retry_rejected),
        ] {
            if is_set {
                f.field(name, &true);
            }
        }
        if self.stop_on_timeout {
            f.field("retry_timeouts", &false);
        }
        if self.spread_hints != Ratio::TENTH {
            f.field("spread_hints", &self.spread_hints());
        }
        if let Some(seed) = self.seed() {
            f.field("seed", &seed);
        }
        if let Draws::Bits(bits) = self.draws {
            f.field("draw_bits", &bits);
        }
    }
}

impl fmt::Debug for Limits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut limits = f.debug_struct("Limits");
        self.describe(&mut limits);
        limits.finish()
    }
}
