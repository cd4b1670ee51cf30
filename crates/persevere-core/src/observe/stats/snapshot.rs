//! Statistics as plain numbers.

use super::ByReason;
use core::fmt;
use core::time::Duration;

/// Statistics over the outcomes of runs, as plain numbers; made by [`Stats::snapshot`](super::Stats::snapshot).
///
/// While no run is under way, the numbers add up. `attempts` is `successes + failures`. `retries` is `attempts` less
/// the runs that made an attempt. `started` is [`ended`](StatsSnapshot::ended) plus
/// [`unfinished`](StatsSnapshot::unfinished).
///
/// `{}` prints all of it in one line. With the feature `serde` it is serialized as a map of its fields, and missing fields
/// are read as zero.
///
/// ```
/// use persevere::{Policy, Stats, ThreadSleeper};
///
/// let stats = Stats::new();
/// let run = || Policy::default().on(ThreadSleeper).observe(&stats).run_blocking(|| Ok::<_, ()>(7));
/// let _ = run();
/// let before = stats.snapshot();
/// let _ = (run(), run());
///
/// let after = stats.snapshot();
/// assert_eq!((after.started, after.since(&before).started), (3, 2));
/// assert_eq!(after.success_rate(), Some(1.0));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(default))]
#[non_exhaustive]
pub struct StatsSnapshot {
    /// Runs that began.
    pub started: u64,
    /// Attempts that ended, with a success or a failure.
    pub attempts: u64,
    /// Attempts that ended and were not the first of their run.
    pub retries: u64,
    /// Attempts that failed: with an error, with an `Ok` that was not accepted, or by their timeout.
    pub failures: u64,
    /// Runs that succeeded.
    pub successes: u64,
    /// Runs that succeeded after more than one attempt.
    pub successes_after_retry: u64,
    /// Runs that gave up, by their reason.
    pub gave_up: ByReason,
    /// Runs that ended, by how many retries they made: none, 1, 2, 3, 4, and 5 or more.
    pub by_retries: [u64; 6],
    /// Attempts that a circuit breaker or another gate rejected.
    pub rejections: u64,
    /// Waits for a gate: see [`Run::pace`](crate::Run::pace).
    pub paced: u64,
    /// The sum of the waits of runs that have ended. It saturates at 584 years.
    pub waited: Duration,
}

impl StatsSnapshot {
    /// Runs that succeeded or gave up.
    #[must_use]
    pub fn ended(&self) -> u64 {
        self.successes.saturating_add(self.gave_up.total())
    }

    /// Runs that have no end: they go on, were dropped, or unwound.
    #[must_use]
    pub fn unfinished(&self) -> u64 {
        self.started.saturating_sub(self.ended())
    }

    /// Runs that succeeded with their first attempt.
    #[must_use]
    pub const fn successes_at_once(&self) -> u64 {
        self.successes.saturating_sub(self.successes_after_retry)
    }

    /// The share of the ended runs that succeeded, from 0.0 to 1.0; `None` if no run has ended.
    #[must_use]
    pub fn success_rate(&self) -> Option<f64> {
        match self.ended() {
            0 => None,
            ended => Some(self.successes as f64 / ended as f64),
        }
    }

    /// Returns what was counted since `earlier`, a snapshot of the same [`Stats`](super::Stats).
    ///
    /// Runs that began before `earlier` may have ended since, so there may be more ends than starts.
    #[must_use]
    pub fn since(&self, earlier: &StatsSnapshot) -> StatsSnapshot {
        StatsSnapshot {
            started: self.started.saturating_sub(earlier.started),
            attempts: self.attempts.saturating_sub(earlier.attempts),
            retries: self.retries.saturating_sub(earlier.retries),
            failures: self.failures.saturating_sub(earlier.failures),
            successes: self.successes.saturating_sub(earlier.successes),
            successes_after_retry: self.successes_after_retry.saturating_sub(earlier.successes_after_retry),
            gave_up: ByReason::from_fn(|reason| self.gave_up[reason].saturating_sub(earlier.gave_up[reason])),
            by_retries: core::array::from_fn(|retries| {
                self.by_retries[retries].saturating_sub(earlier.by_retries[retries])
            }),
            rejections: self.rejections.saturating_sub(earlier.rejections),
            paced: self.paced.saturating_sub(earlier.paced),
            waited: self.waited.saturating_sub(earlier.waited),
        }
    }
}

impl fmt::Display for StatsSnapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} started, {} succeeded ({} after a retry), {} gave up",
            self.started,
            self.successes,
            self.successes_after_retry,
            self.gave_up.total()
        )?;
        let mut before = " (";
        for (reason, runs) in self.gave_up.iter().filter(|(_, runs)| *runs > 0) {
            write!(f, "{before}{reason:?} {runs}")?;
            before = ", ";
        }
        let after = if before == ", " { ")" } else { "" };
        write!(
            f,
            "{after}, {} unfinished; {} attempts, {} retries, {} failures; waited {:.1?}",
            self.unfinished(),
            self.attempts,
            self.retries,
            self.failures,
            self.waited
        )?;
        match self.success_rate() {
            Some(rate) => write!(f, "; {:.1} % success", rate * 100.0),
            None => Ok(()),
        }
    }
}
