//! Counters for a budget.

use core::time::Duration;
use persevere_core::budget::{Budget, Class, LastFailure};
use portable_atomic::{AtomicU64, Ordering};

/// A budget that counts its withdrawals and rejections, for metrics.
///
/// It counts on the path of a retry alone.
///
/// # Examples
///
/// ```
/// use persevere::budget::{Counted, WindowedRatio};
/// use persevere::{Policy, ThreadSleeper};
/// use std::time::Duration;
///
/// static BUDGET: Counted<WindowedRatio> = Counted::new(WindowedRatio::new().reserve(3));
///
/// let policy = Policy::fixed(Duration::ZERO).max_attempts(10);
/// let _ = policy.on(ThreadSleeper).budget(&BUDGET).run_blocking(|| Err::<(), _>("down"));
/// let stats = BUDGET.stats();
/// assert_eq!((stats.withdrawals, stats.rejections), (3, 1));
/// ```
#[derive(Debug)]
pub struct Counted<B> {
    budget: B,
    withdrawals: AtomicU64,
    rejections: AtomicU64,
    returns: AtomicU64,
}

/// The counts of a [`Counted`] budget so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub struct BudgetStats {
    /// Retries that the budget admitted.
    pub withdrawals: u64,
    /// Retries that it rejected, since there was not enough.
    pub rejections: u64,
    /// Retries that were admitted and then not made, and given back.
    pub returns: u64,
}

impl<B> Counted<B> {
    /// Counts the withdrawals and rejections of `budget`.
    #[must_use]
    pub const fn new(budget: B) -> Counted<B> {
        Counted {
            budget,
            withdrawals: AtomicU64::new(0),
            rejections: AtomicU64::new(0),
            returns: AtomicU64::new(0),
        }
    }

    /// Returns the budget.
    pub const fn get(&self) -> &B {
        &self.budget
    }

    /// Returns what was counted so far.
    #[must_use]
    pub fn stats(&self) -> BudgetStats {
        // Ordering: relaxed, since each count stands alone.
        BudgetStats {
            withdrawals: self.withdrawals.load(Ordering::Relaxed),
            rejections: self.rejections.load(Ordering::Relaxed),
            returns: self.returns.load(Ordering::Relaxed),
        }
    }
}

impl<B: Budget> Budget for Counted<B> {
    #[inline]
    fn attempted(&self, now: Duration) {
        self.budget.attempted(now);
    }

    fn withdraw(&self, class: Class, now: Duration) -> Option<u32> {
        let cost = self.budget.withdraw(class, now);
        let count = if cost.is_some() {
            &self.withdrawals
        } else {
            &self.rejections
        };
        count.fetch_add(1, Ordering::Relaxed);
        cost
    }

    fn give_back(&self, cost: u32) {
        self.returns.fetch_add(1, Ordering::Relaxed);
        self.budget.give_back(cost);
    }

    #[inline]
    fn succeeded(&self, last: Option<u32>, now: Duration) {
        self.budget.succeeded(last, now);
    }

    #[inline]
    fn failed(&self, failure: LastFailure, now: Duration) {
        self.budget.failed(failure, now);
    }

    #[inline]
    fn is_timed(&self) -> bool {
        self.budget.is_timed()
    }
}
