//! One value for each stop reason.

use crate::error::StopReason;
use core::ops::Index;

/// One value for each [`StopReason`]; in a [`StatsSnapshot`](super::StatsSnapshot), how many runs gave up for it.
///
/// ```
/// use persevere::{Policy, Stats, StopReason, ThreadSleeper};
///
/// let stats = Stats::new();
/// let policy = Policy::default().retry_if(|_: &&str| false);
/// let _ = policy.on(ThreadSleeper).observe(&stats).run_blocking(|| Err::<(), _>("no"));
///
/// let gave_up = stats.snapshot().gave_up;
/// assert_eq!((gave_up.permanent, gave_up[StopReason::Permanent], gave_up.total()), (1, 1, 1));
/// for (reason, runs) in gave_up.iter() {
///     println!("{reason:?} {runs}");
/// }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(default))]
#[non_exhaustive]
pub struct ByReason<T = u64> {
    /// For [`StopReason::Permanent`].
    pub permanent: T,
    /// For [`StopReason::Attempts`].
    pub attempts: T,
    /// For [`StopReason::Elapsed`].
    pub elapsed: T,
    /// For [`StopReason::AttemptTimedOut`].
    pub attempt_timed_out: T,
    /// For [`StopReason::Hint`].
    pub hint: T,
    /// For [`StopReason::Budget`].
    pub budget: T,
    /// For [`StopReason::Rejected`].
    pub rejected: T,
    /// For [`StopReason::Cancelled`].
    pub cancelled: T,
}

/// All of them, in the order of the fields.
const REASONS: [StopReason; 8] = [
    StopReason::Permanent,
    StopReason::Attempts,
    StopReason::Elapsed,
    StopReason::AttemptTimedOut,
    StopReason::Hint,
    StopReason::Budget,
    StopReason::Rejected,
    StopReason::Cancelled,
];

impl<T> ByReason<T> {
    /// The values that `value` returns.
    pub(super) fn from_fn(mut value: impl FnMut(StopReason) -> T) -> ByReason<T> {
        let [
            permanent,
            attempts,
            elapsed,
            attempt_timed_out,
            hint,
            budget,
            rejected,
            cancelled,
        ] = REASONS.map(&mut value);
        ByReason {
            permanent,
            attempts,
            elapsed,
            attempt_timed_out,
            hint,
            budget,
            rejected,
            cancelled,
        }
    }
}

impl<T> Index<StopReason> for ByReason<T> {
    type Output = T;

    #[inline]
    fn index(&self, reason: StopReason) -> &T {
        match reason {
            StopReason::Permanent => &self.permanent,
            StopReason::Attempts => &self.attempts,
            StopReason::Elapsed => &self.elapsed,
            StopReason::AttemptTimedOut => &self.attempt_timed_out,
            StopReason::Hint => &self.hint,
            StopReason::Budget => &self.budget,
            StopReason::Rejected => &self.rejected,
            StopReason::Cancelled => &self.cancelled,
        }
    }
}

impl ByReason {
    /// Returns every reason with its number, zero included.
    pub fn iter(&self) -> impl Iterator<Item = (StopReason, u64)> + use<> {
        let numbers = *self;
        REASONS.into_iter().map(move |reason| (reason, numbers[reason]))
    }

    /// The sum over all reasons; it saturates.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.iter().fold(0, |sum, (_, runs)| sum.saturating_add(runs))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_reason_has_its_field() {
        let numbers = ByReason::from_fn(|reason| 1 << reason as u64);
        assert_eq!(numbers.total(), 0xff);
        assert!(numbers.iter().all(|(reason, runs)| runs == 1 << reason as u64));
        assert_eq!((numbers.permanent, numbers.cancelled), (1, 0x80));
    }
}
