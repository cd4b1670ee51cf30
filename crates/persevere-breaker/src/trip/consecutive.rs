//! So many failures in a row.

use super::{Sample, Window};
use crate::error::InvalidBreaker;
use crate::generation::Generation;
use crate::word::{Ordering, Word};
use core::cmp::Ordering as Order;

/// Opens when so many calls in a row have failed. A call that succeeds begins the count anew, one that is ignored or
/// abandoned leaves it as it is.
///
/// A healthy breaker of this kind only reads memory that is shared, so it costs many threads no more than one.
///
/// ```
/// use persevere_breaker::{CircuitBreaker, State};
/// use std::time::Duration;
///
/// let breaker = CircuitBreaker::consecutive_failures(2).build();
/// let now = Duration::ZERO;
/// for failed in [true, false, true, true] {
///     assert_eq!(breaker.state(now), State::Closed);
///     let permit = breaker.try_acquire(now).unwrap();
///     if failed { permit.failure(now) } else { permit.success(now) }
/// }
/// assert_eq!(breaker.state(now), State::Open);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConsecutiveFailures(u32);

impl ConsecutiveFailures {
    /// Opens on the failure that makes it `failures` in a row.
    ///
    /// # Panics
    ///
    /// If `failures` is 0, which in a `const` or `static` is a compile error.
    #[must_use]
    pub const fn new(failures: u32) -> ConsecutiveFailures {
        match ConsecutiveFailures::try_new(failures) {
            Ok(trip) => trip,
            Err(_) => panic!("invalid circuit breaker: a breaker opens on at least 1 failure"),
        }
    }

    /// [`new`](ConsecutiveFailures::new) for a number that comes from outside.
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
    type Counts = Word;
    type Saved = u32;
    const EMPTY: Word = Word::new(0);
    const TIMED: bool = false;

    #[inline]
    fn record(&self, counts: &Word, sample: Sample) -> bool {
        if sample.failed {
            return self.failed(counts, sample.generation);
        }
        let seen = counts.load(Ordering::Relaxed);
        if seen as u32 != 0 {
            succeeded(counts, seen, sample.generation);
        }
        false
    }

    fn save(&self, counts: &Word, generation: Generation, _: u64) -> u32 {
        let seen = counts.load(Ordering::Acquire);
        if Generation::of(seen) == generation {
            (seen as u32).min(self.0)
        } else {
            0
        }
    }

    fn restore(&self, counts: &Word, saved: &u32, generation: Generation, _: u64) {
        // One failure more is needed to open, since this is no failure.
        counts.store(generation.tag((*saved).min(self.0 - 1)), Ordering::Release);
    }
}

impl ConsecutiveFailures {
    #[cold]
    fn failed(self, counts: &Word, generation: Generation) -> bool {
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
fn succeeded(counts: &Word, mut seen: u64, generation: Generation) {
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

    /// A report that was let through before the breaker has gone on, and comes after.
    #[test]
    fn a_late_report_counts_for_nothing() {
        let trip = ConsecutiveFailures::new(2);
        let counts = Word::new(Generation(5).tag(1));
        let late = Sample {
            generation: Generation(4),
            failed: true,
            now: 0,
        };
        for failed in [true, false] {
            assert!(!trip.record(&counts, Sample { failed, ..late }));
            assert_eq!(counts.load(Ordering::Relaxed), Generation(5).tag(1));
        }
    }
}
