//! A number of consecutive failures.

use super::{Sample, Window};
use crate::atomic::{AtomicU64, Ordering};
use crate::error::InvalidBreaker;
use crate::generation::Generation;
use core::cmp::Ordering as Order;

/// Opens when the given number of consecutive calls have failed. A call that succeeds resets the count. A call that is
/// ignored or abandoned leaves it unchanged.
///
/// A healthy breaker of this kind only reads shared memory, so threads do not slow each other down.
///
/// # Examples
///
/// ```
/// use persevere::breaker::{CircuitBreaker, State};
/// use std::time::Duration;
///
/// let breaker = CircuitBreaker::consecutive_failures(2).build();
/// let now = Duration::ZERO;
/// for failed in [true, false, true, true] {
///     assert_eq!(breaker.state(now), State::Closed);
///     let permit = breaker.try_acquire(now)?;
///     if failed { permit.failed(now) } else { permit.succeeded(now) }
/// }
/// assert_eq!(breaker.state(now), State::Open);
/// # Ok::<(), persevere::breaker::Rejected>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConsecutiveFailures(u32);

impl ConsecutiveFailures {
    /// Opens on the given number of consecutive failures.
    ///
    /// # Panics
    ///
    /// If `failures` is 0, which in a `const` or `static` is a compile error.
    /// [`try_new`](ConsecutiveFailures::try_new) does not panic.
    #[must_use]
    pub const fn new(failures: u32) -> ConsecutiveFailures {
        match ConsecutiveFailures::try_new(failures) {
            Ok(trip) => trip,
            Err(_) => panic!("invalid circuit breaker: consecutive failures must be at least 1"),
        }
    }

    /// [`new`](ConsecutiveFailures::new) for a number that is read at run time.
    ///
    /// # Errors
    ///
    /// [`InvalidBreaker::Failures`] if `failures` is 0.
    pub const fn try_new(failures: u32) -> Result<ConsecutiveFailures, InvalidBreaker> {
        if failures == 0 {
            return Err(InvalidBreaker::Failures);
        }
        Ok(ConsecutiveFailures(failures))
    }
}

impl Window for ConsecutiveFailures {
    type Counts = AtomicU64;
    type Saved = u32;
    const EMPTY: AtomicU64 = AtomicU64::new(0);
    const TIMED: bool = false;

    #[inline]
    fn record(&self, counts: &AtomicU64, sample: Sample) -> bool {
        if sample.failed {
            return self.failed(counts, sample.generation);
        }
        let seen = counts.load(Ordering::Relaxed);
        if seen as u32 != 0 {
            succeeded(counts, seen, sample.generation);
        }
        false
    }

    fn save(&self, counts: &AtomicU64, generation: Generation, _: u64) -> u32 {
        let seen = counts.load(Ordering::Acquire);
        if Generation::of(seen) == generation {
            (seen as u32).min(self.0)
        } else {
            0
        }
    }

    fn restore(&self, counts: &AtomicU64, saved: &u32, generation: Generation, _: u64) {
        // Below the limit: restoring is no failure, so it must not open the breaker.
        counts.store(generation.tag((*saved).min(self.0 - 1)), Ordering::Release);
    }
}

impl ConsecutiveFailures {
    #[cold]
    fn failed(self, counts: &AtomicU64, generation: Generation) -> bool {
        let mut seen = counts.load(Ordering::Relaxed);
        loop {
            let failures = match Generation::of(seen).compare(generation) {
                Order::Less => 1,
                Order::Equal => (seen as u32).saturating_add(1),
                Order::Greater => return false,
            };
            match counts.compare_exchange(seen, generation.tag(failures), Ordering::AcqRel, Ordering::Relaxed) {
                Ok(_) => return failures >= self.0,
                Err(other) => seen = other,
            }
        }
    }
}

#[cold]
fn succeeded(counts: &AtomicU64, mut seen: u64, generation: Generation) {
    while Generation::of(seen) == generation && seen as u32 != 0 {
        match counts.compare_exchange(seen, generation.tag(0), Ordering::AcqRel, Ordering::Relaxed) {
            Ok(_) => return,
            Err(other) => seen = other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The report of a call that was admitted before the last transition.
    #[test]
    fn stale_report_is_not_counted() {
        let trip = ConsecutiveFailures::new(2);
        let counts = AtomicU64::new(Generation(5).tag(1));
        let stale = Sample {
            generation: Generation(4),
            failed: true,
            now: 0,
        };
        for failed in [true, false] {
            assert!(!trip.record(&counts, Sample { failed, ..stale }));
            assert_eq!(counts.load(Ordering::Relaxed), Generation(5).tag(1));
        }
    }
}
