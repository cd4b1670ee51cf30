//! A number of consecutive failures.

use super::{Sample, Window, WindowCounts};
use crate::error::InvalidBreaker;
use crate::generation::Generation;
use core::cmp::Ordering as Order;
use core::time::Duration;
use persevere_core::time::nanos;
use portable_atomic::{AtomicU64, Ordering};

/// An hour, in nanoseconds.
const WITHIN: u64 = 60 * 60 * 1_000_000_000;

/// Opens when the given number of consecutive calls have failed. A call that succeeds resets the count, and so does a
/// while without failures: see [`within`](ConsecutiveFailures::within). A call that is ignored or abandoned leaves it
/// unchanged.
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
pub struct ConsecutiveFailures {
    failures: u32,
    /// In nanoseconds.
    within: u64,
}

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
        Ok(ConsecutiveFailures {
            failures,
            within: WITHIN,
        })
    }

    /// Counts a failure as consecutive only if the failure before was within the given time, an hour by default. A
    /// failure after that starts the count at 1.
    ///
    /// # Panics
    ///
    /// If `time` is zero, which in a `const` or `static` is a compile error.
    /// [`try_within`](ConsecutiveFailures::try_within) does not panic.
    ///
    /// # Examples
    ///
    /// ```
    /// use persevere::breaker::{CircuitBreaker, State};
    /// use std::time::Duration;
    ///
    /// let day = Duration::from_secs(24 * 60 * 60);
    /// let by_default = CircuitBreaker::consecutive_failures(5).build();
    /// let within_a_day = CircuitBreaker::consecutive_failures(5).within(day).build();
    /// for now in (0..5).map(|number| day * number) {
    ///     by_default.try_acquire(now)?.failed(now);
    ///     within_a_day.try_acquire(now)?.failed(now);
    /// }
    /// assert_eq!(by_default.state(day * 4), State::Closed);
    /// assert_eq!(within_a_day.state(day * 4), State::Open);
    /// # Ok::<(), persevere::breaker::Rejected>(())
    /// ```
    #[must_use]
    pub const fn within(self, time: Duration) -> Self {
        match self.try_within(time) {
            Ok(trip) => trip,
            Err(_) => panic!("invalid circuit breaker: within must be above zero"),
        }
    }

    /// [`within`](ConsecutiveFailures::within) for a time that is read at run time.
    ///
    /// # Errors
    ///
    /// [`InvalidBreaker::Within`] if `time` is zero.
    pub const fn try_within(mut self, time: Duration) -> Result<Self, InvalidBreaker> {
        if time.is_zero() {
            return Err(InvalidBreaker::Within);
        }
        self.within = nanos(time);
        Ok(self)
    }
}

/// The counts of a [`ConsecutiveFailures`].
#[derive(Debug)]
pub struct Streak {
    /// The generation, and how many failures there were (32 bits each).
    count: AtomicU64,
    /// When the last failure was, in nanoseconds.
    last: AtomicU64,
}

impl Window for ConsecutiveFailures {
    type Counts = Streak;
    type Saved = u32;
    const EMPTY: Streak = Streak {
        count: AtomicU64::new(0),
        last: AtomicU64::new(0),
    };
    const TIMED: bool = false;

    #[inline]
    fn record(&self, streak: &Streak, sample: Sample) -> bool {
        if sample.failed {
            return self.failed(streak, sample);
        }
        let seen = streak.count.load(Ordering::Relaxed);
        if seen as u32 != 0 {
            succeeded(&streak.count, seen, sample.generation);
        }
        false
    }

    fn read(&self, streak: &Streak, generation: Generation, now: u64) -> WindowCounts {
        let failures = self.save(streak, generation, now);
        WindowCounts {
            calls: failures,
            failures,
        }
    }

    fn save(&self, streak: &Streak, generation: Generation, now: u64) -> u32 {
        let seen = streak.count.load(Ordering::Acquire);
        let is_old = now.saturating_sub(streak.last.load(Ordering::Acquire)) > self.within;
        if Generation::of(seen) == generation && !is_old {
            (seen as u32).min(self.failures)
        } else {
            0
        }
    }

    fn restore(&self, streak: &Streak, saved: &u32, generation: Generation, now: u64) {
        // Below the limit: restoring is no failure, so it must not open the breaker.
        let failures = (*saved).min(self.failures - 1);
        streak.last.store(now, Ordering::Release);
        streak.count.store(generation.tag(failures), Ordering::Release);
    }
}

impl ConsecutiveFailures {
    #[cold]
    fn failed(self, streak: &Streak, Sample { generation, now, .. }: Sample) -> bool {
        // Ordering: the count is read before the time. A thread that reads the time of another failure reads its count too.
        let mut seen = streak.count.load(Ordering::Acquire);
        let mut is_old = now.saturating_sub(streak.last.load(Ordering::Acquire)) > self.within;
        loop {
            let failures = match Generation::of(seen).compare(generation) {
                Order::Less => 1,
                Order::Equal if is_old => 1,
                Order::Equal => (seen as u32).saturating_add(1),
                Order::Greater => return false,
            };
            let counted = generation.tag(failures);
            match streak
                .count
                .compare_exchange(seen, counted, Ordering::AcqRel, Ordering::Relaxed)
            {
                Ok(_) => {
                    // Stored, not only moved forward, so that a clock far ahead is forgotten.
                    streak.last.store(now, Ordering::Release);
                    return failures >= self.failures;
                }
                Err(other) => {
                    // Another thread has reported just now, so the count is no longer old.
                    (seen, is_old) = (other, false);
                }
            }
        }
    }
}

#[cold]
fn succeeded(count: &AtomicU64, mut seen: u64, generation: Generation) {
    while Generation::of(seen) == generation && seen as u32 != 0 {
        match count.compare_exchange(seen, generation.tag(0), Ordering::AcqRel, Ordering::Relaxed) {
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
        let streak = ConsecutiveFailures::EMPTY;
        streak.count.store(Generation(5).tag(1), Ordering::Relaxed);
        let stale = Sample {
            generation: Generation(4),
            failed: true,
            now: 0,
        };
        for failed in [true, false] {
            assert!(!trip.record(&streak, Sample { failed, ..stale }));
            assert_eq!(streak.count.load(Ordering::Relaxed), Generation(5).tag(1));
        }
    }
}
