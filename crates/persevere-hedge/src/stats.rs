//! Counters over hedged calls.

use crate::observe::{HedgeEvent, HedgeObserver, Suppression};
use core::fmt;
use portable_atomic::{AtomicU64, Ordering};

/// Lock-free counters over hedged calls, for a `static` or an `Arc`, which any number of hedges may share.
///
/// ```
/// use persevere::TokioSleeper;
/// use persevere::budget::WindowedRatio;
/// use persevere::hedge::{Hedge, HedgeStats};
/// use std::time::Duration;
///
/// static STATS: HedgeStats = HedgeStats::new();
/// static BUDGET: WindowedRatio = WindowedRatio::new().reserve(1);
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let hedge = Hedge::after(Duration::from_millis(1)).on(TokioSleeper).budget(&BUDGET).observe(&STATS);
/// let value = hedge.run(|leg| async move {
///     if !leg.is_hedge() { std::future::pending::<()>().await }
///     Ok::<_, std::io::Error>(7)
/// });
/// assert_eq!(value.await.unwrap(), 7);
/// let stats = STATS.snapshot();
/// assert_eq!((stats.calls, stats.hedges, stats.hedges_won), (1, 1, 1));
/// # }
/// ```
pub struct HedgeStats {
    calls: AtomicU64,
    hedges: AtomicU64,
    hedges_won: AtomicU64,
    hedges_lost: AtomicU64,
    failures: AtomicU64,
    without_budget: AtomicU64,
    rejected: AtomicU64,
    unrepeatable: AtomicU64,
    without_delay: AtomicU64,
}

/// The counts of a [`HedgeStats`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct HedgeSnapshot {
    /// Calls of which a leg was made.
    pub calls: u64,
    /// Legs that were made in addition to the first of each call.
    pub hedges: u64,
    /// Hedges that gave the answer.
    pub hedges_won: u64,
    /// Hedges that were dropped, since another leg gave the answer.
    pub hedges_lost: u64,
    /// Legs that failed.
    pub failures: u64,
    /// Hedges that were not made, since the budget was exhausted.
    pub without_budget: u64,
    /// Legs that were not made, since a breaker rejected them.
    pub rejected: u64,
    /// Hedges that were not made, since the request could not be repeated.
    pub unrepeatable: u64,
    /// Calls without hedges by time, since there were too few samples or the quantile was out of range.
    pub without_delay: u64,
}

impl HedgeSnapshot {
    /// Returns the hedges that were not made: without budget, rejected, or of a request that could not be repeated.
    #[must_use]
    pub const fn hedges_suppressed(&self) -> u64 {
        self.without_budget + self.rejected + self.unrepeatable
    }
}

impl HedgeStats {
    /// Counters with nothing counted.
    #[must_use]
    pub const fn new() -> HedgeStats {
        HedgeStats {
            calls: AtomicU64::new(0),
            hedges: AtomicU64::new(0),
            hedges_won: AtomicU64::new(0),
            hedges_lost: AtomicU64::new(0),
            failures: AtomicU64::new(0),
            without_budget: AtomicU64::new(0),
            rejected: AtomicU64::new(0),
            unrepeatable: AtomicU64::new(0),
            without_delay: AtomicU64::new(0),
        }
    }

    /// Returns what was counted so far.
    #[must_use]
    pub fn snapshot(&self) -> HedgeSnapshot {
        let load = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        HedgeSnapshot {
            calls: load(&self.calls),
            hedges: load(&self.hedges),
            hedges_won: load(&self.hedges_won),
            hedges_lost: load(&self.hedges_lost),
            failures: load(&self.failures),
            without_budget: load(&self.without_budget),
            rejected: load(&self.rejected),
            unrepeatable: load(&self.unrepeatable),
            without_delay: load(&self.without_delay),
        }
    }
}

impl HedgeObserver for HedgeStats {
    #[inline]
    fn on_event(&self, event: &HedgeEvent) {
        let counter = match *event {
            HedgeEvent::Started { is_hedge: false, .. } => &self.calls,
            HedgeEvent::Started { .. } => &self.hedges,
            HedgeEvent::Won { is_hedge: true, .. } => &self.hedges_won,
            HedgeEvent::Lost { is_hedge: true, .. } => &self.hedges_lost,
            HedgeEvent::Won { .. } | HedgeEvent::Lost { .. } => return,
            HedgeEvent::Failed { .. } => &self.failures,
            HedgeEvent::Suppressed { reason } => match reason {
                Suppression::Budget => &self.without_budget,
                Suppression::Rejected => &self.rejected,
                Suppression::Unrepeatable => &self.unrepeatable,
                Suppression::NoDelay => &self.without_delay,
            },
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }
}

impl Default for HedgeStats {
    fn default() -> HedgeStats {
        HedgeStats::new()
    }
}

impl fmt::Debug for HedgeStats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("HedgeStats").field(&self.snapshot()).finish()
    }
}
