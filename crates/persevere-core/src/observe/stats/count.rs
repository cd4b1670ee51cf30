//! A count in one word.

use core::sync::atomic::{AtomicU64, Ordering};

/// A count that only grows.
///
/// A reader also reads what the same run counted before, so that it may rely on the order.
pub(super) struct Count(AtomicU64);

impl Count {
    pub(super) const fn new() -> Count {
        Count(AtomicU64::new(0))
    }

    #[inline]
    pub(super) fn increment(&self) {
        self.0.fetch_add(1, Ordering::Release);
    }

    /// Adds `n`, and saturates.
    #[inline]
    pub(super) fn add(&self, n: u64) {
        let sum = |count: u64| Some(count.saturating_add(n));
        // Never rejected.
        let _ = self.0.fetch_update(Ordering::Release, Ordering::Relaxed, sum);
    }

    pub(super) fn load(&self) -> u64 {
        self.0.load(Ordering::Acquire)
    }
}
