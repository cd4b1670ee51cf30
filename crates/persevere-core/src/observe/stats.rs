//! Lock-free statistics over the outcomes of runs.

mod by_reason;
#[cfg(target_has_atomic = "64")]
mod count;
#[cfg(any(test, not(target_has_atomic = "64")))]
mod halves;
#[cfg(feature = "std")]
mod named;
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
/// different policies and errors. [`Stats::named`](Stats#method.named) has a name, by which `StatsRegistry` and metrics
/// find it.
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
    counts: Counts,
    #[cfg(feature = "std")]
    named: Option<named::Named>,
}

struct Counts {
    started: Count,
    failures_at_first: Count,
    failures_of_retries: Count,
    rejections: Count,
    paced: Count,
    waited: Count,
    successes_at_once: Count,
    successes_after_retry: Count,
    gave_up: ByReason<Count>,
    /// Runs that ended, by their retries, except the successes at once.
    by_retries: [Count; 6],
}

impl Stats {
    /// Statistics with nothing counted.
    #[must_use]
    pub const fn new() -> Stats {
        Stats {
            counts: Counts::new(),
            #[cfg(feature = "std")]
            named: None,
        }
    }

    /// Statistics with a name, for a `static`. They are in [`StatsRegistry::global`](super::StatsRegistry::global), and
    /// so in metrics, from the first run or snapshot on.
    ///
    /// All statistics of one name count together, in several crates too, so libraries prefix their names. There are as
    /// many names as the program has, never one for each request or key.
    ///
    /// ```
    /// use persevere::{Policy, Stats, StatsRegistry, ThreadSleeper};
    ///
    /// static BILLING: Stats = Stats::named("billing");
    ///
    /// let _ = Policy::default().on(ThreadSleeper).observe(&BILLING).run_blocking(|| Ok::<_, ()>(7));
    /// assert_eq!(StatsRegistry::global().snapshot().get("billing"), Some(&BILLING.snapshot()));
    /// ```
    #[cfg(feature = "std")]
    #[must_use]
    pub const fn named(name: &'static str) -> Stats {
        Stats {
            counts: Counts::new(),
            named: Some(named::Named::new(name)),
        }
    }

    /// The counts of these statistics: in the registry, if they have a name.
    #[inline]
    fn counts(&self) -> &Counts {
        #[cfg(feature = "std")]
        if let Some(named) = &self.named {
            return &named.registered().counts;
        }
        &self.counts
    }

    /// Returns what was counted so far.
    ///
    /// Events that are counted during the call may be included in part. `started`, `failures` and `waited` may be ahead
    /// of the ends of the runs, and are never behind them. `attempts` is always `successes + failures`.
    #[must_use]
    pub fn snapshot(&self) -> StatsSnapshot {
        let counts = self.counts();
        // In the reverse order of the writes of a run, so that no end is read without its start.
        let gave_up = ByReason::from_fn(|reason| counts.gave_up[reason].load());
        let successes_after_retry = counts.successes_after_retry.load();
        let successes_at_once = counts.successes_at_once.load();
        let [without_retry, by_retries @ ..] = &counts.by_retries;
        let without_retry = without_retry.load() + successes_at_once;
        let [one, two, three, four, more] = by_retries.each_ref().map(Count::load);
        let waited = counts.waited.load();
        let rejections = counts.rejections.load();
        let paced = counts.paced.load();
        let failures_of_retries = counts.failures_of_retries.load();
        let failures_at_first = counts.failures_at_first.load();
        let started = counts.started.load();

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
            by_retries: [without_retry, one, two, three, four, more],
            rejections,
            paced,
            waited: Duration::from_nanos(waited),
        }
    }
}

impl Counts {
    const fn new() -> Counts {
        Counts {
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
            by_retries: [const { Count::new() }; 6],
        }
    }

    #[inline]
    fn wait(&self, waited: Duration) {
        if !waited.is_zero() {
            self.waited.add(nanos(waited));
        }
    }

    /// Counts the end of a run that made this number of attempts, except a success at once.
    #[inline]
    fn end(&self, ends: &Count, attempts: u32, waited: Duration) {
        self.wait(waited);
        let retries = attempts.saturating_sub(1).min(5);
        self.by_retries[retries as usize].increment();
        ends.increment();
    }
}

impl<E> Observer<E> for Stats {
    #[inline]
    fn on_event(&self, event: &Event<'_, E>) {
        match *event {
            Event::Started { .. } => self.counts().started.increment(),
            Event::Failed { attempt: 1, .. } => self.counts().failures_at_first.increment(),
            Event::Failed { .. } => self.counts().failures_of_retries.increment(),
            Event::Rejected { .. } => self.counts().rejections.increment(),
            Event::Paced { .. } => self.counts().paced.increment(),
            Event::Succeeded {
                attempts: 1, waited, ..
            } => {
                let counts = self.counts();
                counts.wait(waited);
                counts.successes_at_once.increment();
            }
            Event::Succeeded { attempts, waited, .. } => {
                let counts = self.counts();
                counts.end(&counts.successes_after_retry, attempts, waited);
            }
            Event::GaveUp {
                reason,
                attempts,
                waited,
                ..
            } => {
                let counts = self.counts();
                counts.end(&counts.gave_up[reason], attempts, waited);
            }
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
