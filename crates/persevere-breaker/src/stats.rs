//! The counters of a breaker over its lifetime.

use portable_atomic::{AtomicU64, Ordering};

/// The counters of a breaker over its lifetime, across all its states; returned by
/// [`CircuitBreaker::stats`](crate::CircuitBreaker::stats).
///
/// Calls that succeed are not counted, so that a healthy breaker writes no shared memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct BreakerStats {
    /// Transitions, modulo 2^32.
    pub transitions: u64,
    /// Calls that the breaker rejected, or would have rejected: see [`report_only`](crate::Builder::report_only).
    pub rejected: u64,
    /// Calls that were abandoned: their permits or futures were dropped without a report, other than by a panic.
    pub abandoned: u64,
    /// Calls that were superseded: see [`Permit::superseded`](crate::Permit::superseded).
    pub superseded: u64,
    /// Calls that took [`slow_after`](crate::Builder::slow_after) or longer, however they ended.
    pub slow: u64,
    /// Stale reports, which changed nothing: the breaker had made a transition since, or the lease of the probe had
    /// ended.
    pub stale: u64,
    /// Probes whose place another call took after their lease.
    pub reclaimed: u64,
}

#[derive(Debug)]
pub(crate) struct Counters {
    pub(crate) rejected: Counter,
    pub(crate) abandoned: Counter,
    pub(crate) superseded: Counter,
    pub(crate) slow: Counter,
    pub(crate) stale: Counter,
    pub(crate) reclaimed: Counter,
}

#[derive(Debug)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    const fn new() -> Counter {
        Counter(AtomicU64::new(0))
    }

    pub(crate) fn increment(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

impl Counters {
    pub(crate) const fn new() -> Counters {
        Counters {
            rejected: Counter::new(),
            abandoned: Counter::new(),
            superseded: Counter::new(),
            slow: Counter::new(),
            stale: Counter::new(),
            reclaimed: Counter::new(),
        }
    }

    pub(crate) fn read(&self, transitions: u32) -> BreakerStats {
        BreakerStats {
            transitions: u64::from(transitions),
            rejected: self.rejected.get(),
            abandoned: self.abandoned.get(),
            superseded: self.superseded.get(),
            slow: self.slow.get(),
            stale: self.stale.get(),
            reclaimed: self.reclaimed.get(),
        }
    }
}
