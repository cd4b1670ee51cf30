//! Lock-free statistics over the outcomes of runs.

mod by_reason;
#[cfg(target_has_atomic = "64")]
mod count;
#[cfg(any(test, not(target_has_atomic = "64")))]
mod halves;
mod snapshot;

pub use by_reason::ByReason;
pub use snapshot::StatsSnapshot;

#[cfg(target_has_atomic = "64")]
use count::Count;
#[cfg(not(target_has_atomic = "64"))]
use halves::Halves as Count;

use crate::observe::{Event, Observer};
use crate::time::nanos;
use core::fmt;
use core::time::Duration;

/// Lock-free statistics over the outcomes of runs: an observer for a `static` or an `Arc`, which any number of runs may
/// share.
///
/// It needs no lock and no allocator. A run that succeeds at once costs two additions. One `Stats` may observe runs of
/// different policies and errors. `StatsRegistry` of the facade keeps one for each name.
///
/// It counts [events](Event), so an attempt counts when it has ended, and the waits of a run count when the run has
/// ended. A run that is dropped or unwinds has no end: it stays in [`unfinished`](StatsSnapshot::unfinished), with the
/// attempts that had ended.
///
/// It does not exist on targets without atomic read-modify-write, such as `thumbv6m` and `riscv32imc`. On targets with
/// 32-bit atomics and none of 64 bits, such as `thumbv7m`, a count is two words. Nothing is lost there, and the sum of
/// the waits saturates at 292 years instead of 584.
///
/// ```
/// use persevere::{Policy, Stats, StopReason, ThreadSleeper};
/// use std::time::Duration;
///
/// static FETCHES: Stats = Stats::new();
///
/// let policy = Policy::fixed(Duration::from_millis(1)).max_attempts(3);
/// for answers in [&[Ok(1)][..], &[Err("busy"), Ok(2)], &[Err("busy")]] {
///     let mut answers = answers.iter().copied().cycle();
///     let _ = policy.on(ThreadSleeper).observe(&FETCHES).run_blocking(|| answers.next().unwrap());
/// }
///
/// let stats = FETCHES.snapshot();
/// assert_eq!((stats.started, stats.successes, stats.successes_after_retry), (3, 2, 1));
/// assert_eq!((stats.attempts, stats.retries, stats.failures), (6, 3, 4));
/// assert_eq!((stats.gave_up.attempts, stats.gave_up.total()), (1, 1));
/// assert_eq!((stats.waited, stats.unfinished()), (Duration::from_millis(3), 0));
/// assert_eq!(
///     stats.to_string(),
///     "3 started, 2 succeeded (1 after a retry), 1 gave up (Attempts 1), 0 unfinished; \
///      6 attempts, 3 retries, 4 failures; waited 3.0ms; 66.7 % success",
/// );
/// ```
pub struct Stats {
    started: Count,
    failures_at_first: Count,
    failures_of_retries: Count,
    rejections: Count,
    paced: Count,
    waited: Count,
    successes_at_once: Count,
    successes_after_retry: Count,
    gave_up: ByReason<Count>,
}

impl Stats {
    /// Statistics with nothing counted.
    #[must_use]
    pub const fn new() -> Stats {
        Stats {
            started: Count::new(),
            failures_at_first: Count::new(),
            failures_of_retries: Count::new(),
            rejections: Count::new(),
            paced: Count::new(),
            waited: Count::new(),
            successes_at_once: Count::new(),
            successes_after_retry: Count::new(),
            gave_up: ByReason {
                permanent: Count::new(),
                attempts: Count::new(),
                elapsed: Count::new(),
                attempt_timed_out: Count::new(),
                hint: Count::new(),
                budget: Count::new(),
                rejected: Count::new(),
                cancelled: Count::new(),
            },
        }
    }

    /// Returns what was counted so far.
    ///
    /// Events that are counted during the call may be seen in part: `started`, `failures` and `waited` may be ahead of
    /// the ends of the runs, and are never behind them. `attempts` is always `successes + failures`.
    #[must_use]
    pub fn snapshot(&self) -> StatsSnapshot {
        // In the reverse order of the writes of a run, so that no end is seen without its start.
        let gave_up = ByReason::from_fn(|reason| self.gave_up[reason].load());
        let successes_after_retry = self.successes_after_retry.load();
        let successes_at_once = self.successes_at_once.load();
        let waited = self.waited.load();
        let rejections = self.rejections.load();
        let paced = self.paced.load();
        let failures_of_retries = self.failures_of_retries.load();
        let failures_at_first = self.failures_at_first.load();
        let started = self.started.load();

        let successes = successes_at_once + successes_after_retry;
        let failures = failures_at_first + failures_of_retries;
        StatsSnapshot {
            started,
            attempts: successes + failures,
            retries: successes_after_retry + failures_of_retries,
            failures,
            successes,
            successes_after_retry,
            gave_up,
            rejections,
            paced,
            waited: Duration::from_nanos(waited),
        }
    }

    #[inline]
    fn end(&self, ends: &Count, waited: Duration) {
        if !waited.is_zero() {
            self.waited.add(nanos(waited));
        }
        ends.increment();
    }
}

impl<E> Observer<E> for Stats {
    #[inline]
    fn on_event(&self, event: &Event<'_, E>) {
        match *event {
            Event::Started { .. } => self.started.increment(),
            Event::Failed { attempt: 1, .. } => self.failures_at_first.increment(),
            Event::Failed { .. } => self.failures_of_retries.increment(),
            Event::Rejected { .. } => self.rejections.increment(),
            Event::Paced { .. } => self.paced.increment(),
            Event::Succeeded { attempts, waited, .. } => {
                let is_first = attempts == 1;
                let successes = if is_first {
                    &self.successes_at_once
                } else {
                    &self.successes_after_retry
                };
                self.end(successes, waited);
            }
            Event::GaveUp { reason, waited, .. } => self.end(&self.gave_up[reason], waited),
            _ => {}
        }
    }
}

impl Default for Stats {
    fn default() -> Stats {
        Stats::new()
    }
}

impl fmt::Debug for Stats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Stats").field(&self.snapshot()).finish()
    }
}
