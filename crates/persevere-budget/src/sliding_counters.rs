//! Counters over a sliding window, in ten slices.

use crate::error::InvalidBudget;
use core::time::Duration;
use persevere_core::time::nanos;
use portable_atomic::{AtomicU64, Ordering};

/// The number of slices of a window, the current slice included.
const SLICES: usize = 10;

const SHORTEST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(60 * 60);

/// `C` counters over a window. A counter is never reset: its sum is how far it has come since the window began.
///
/// Adding and taking are one atomic step, which depends on the counter and its value at the begin of the window alone. So
/// there is no moment at which a slice is half outside of the window.
#[derive(Debug)]
pub(crate) struct SlidingCounters<const C: usize> {
    /// The length of a slice, in nanoseconds.
    slice: u64,
    /// When the current slice ends. perf: until then nothing is divided (`budgets/windowed`).
    end: AtomicU64,
    /// The number of the current slice, times two, plus one while a thread turns the window to it.
    turn: AtomicU64,
    counters: [AtomicU64; C],
    /// The counters at the begin of the window.
    begin: [AtomicU64; C],
    /// The counters at the begin of each slice of the window.
    ///
    /// Invariant: written only by the thread that turns the window.
    marks: [[AtomicU64; C]; SLICES],
}

impl<const C: usize> SlidingCounters<C> {
    /// Counters with slices of a length that [`slice_of`](SlidingCounters::slice_of) returned.
    pub(crate) const fn new(slice: u64) -> SlidingCounters<C> {
        SlidingCounters {
            slice,
            end: AtomicU64::new(slice),
            turn: AtomicU64::new(0),
            counters: [const { AtomicU64::new(0) }; C],
            begin: [const { AtomicU64::new(0) }; C],
            marks: [const { [const { AtomicU64::new(0) }; C] }; SLICES],
        }
    }

    /// The length of a slice of a window of this length, in nanoseconds.
    pub(crate) const fn slice_of(length: Duration) -> Result<u64, InvalidBudget> {
        let nanos = length.as_nanos();
        if nanos < SHORTEST.as_nanos() || nanos > LONGEST.as_nanos() {
            return Err(InvalidBudget::Window(length));
        }
        Ok(nanos as u64 / SLICES as u64)
    }

    /// The length of the window.
    pub(crate) const fn window(&self) -> Duration {
        Duration::from_nanos(self.slice * SLICES as u64)
    }

    /// Evicts what is older than the window at `now`. A `now` before the `now` of another thread changes nothing.
    #[inline]
    pub(crate) fn turn(&self, now: Duration) {
        self.turn_after(now, |_| {});
    }

    /// [`turn`](SlidingCounters::turn), where the thread that turns the window first calls `add` with the number of the
    /// new slice. What it adds still belongs to the slice before.
    #[inline]
    pub(crate) fn turn_after(&self, now: Duration, add: impl FnOnce(u64)) {
        let nanos = nanos(now);
        if nanos >= self.end.load(Ordering::Acquire) {
            self.turn_to(nanos / self.slice, add);
        }
    }

    /// One thread turns the window, in at most 10 steps however long ago the last turn was. No thread waits for it: until
    /// it is done, the others use the window before, as if they had read the clock a moment earlier.
    #[cold]
    fn turn_to(&self, slice: u64, add: impl FnOnce(u64)) {
        let mut turn = self.turn.load(Ordering::Acquire);
        while turn & 1 == 0 && slice > turn >> 1 {
            // A slice is at least 100 ms long, so twice its number fits.
            match self
                .turn
                .compare_exchange(turn, slice << 1 | 1, Ordering::Acquire, Ordering::Acquire)
            {
                Ok(_) => {
                    add(slice);
                    self.mark(turn >> 1, slice);
                    self.end
                        .store((slice + 1).saturating_mul(self.slice), Ordering::Release);
                    self.turn.store(slice << 1, Ordering::Release);
                    return;
                }
                Err(other) => turn = other,
            }
        }
    }

    fn mark(&self, from: u64, to: u64) {
        for counter in 0..C {
            let count = self.counters[counter].load(Ordering::Relaxed);
            // Every slice after the last turn begins at the current count.
            for back in 0..(to - from).min(SLICES as u64) {
                self.marks[place(to - back)][counter].store(count, Ordering::Relaxed);
            }
            let begin = self.marks[place(to + 1)][counter].load(Ordering::Relaxed);
            // Ordering: pairs with the loads in `sum` and `take`, which then read a count that is no older.
            self.begin[counter].store(begin, Ordering::Release);
        }
    }

    /// Adds the sums of other counters, as if they had all been counted `now`: they expire up to a window later.
    pub(crate) fn adopt(&self, other: &SlidingCounters<C>, now: Duration) {
        other.turn(now);
        self.turn(now);
        for counter in 0..C {
            self.add(counter, other.sum(counter));
        }
    }

    /// Adds to a counter, which wraps: only differences mean anything.
    #[inline]
    pub(crate) fn add(&self, counter: usize, amount: u64) {
        self.counters[counter].fetch_add(amount, Ordering::Relaxed);
    }

    /// The sum of a counter over the window.
    #[inline]
    pub(crate) fn sum(&self, counter: usize) -> u64 {
        let begin = self.begin[counter].load(Ordering::Acquire);
        self.counters[counter].load(Ordering::Relaxed).wrapping_sub(begin)
    }

    /// Takes `amount` from a counter, and returns whether its sum and the `reserve` covered it.
    #[inline]
    pub(crate) fn take(&self, counter: usize, amount: u64, reserve: u64) -> bool {
        let begin = self.begin[counter].load(Ordering::Acquire).wrapping_sub(reserve);
        let taken = self.counters[counter].fetch_update(Ordering::Relaxed, Ordering::Relaxed, |count| {
            // Below zero if part of the reserve was taken within the window.
            let left = count.wrapping_sub(begin) as i64;
            (left >= amount as i64).then_some(count.wrapping_sub(amount))
        });
        taken.is_ok()
    }
}

/// The place of a slice's mark.
fn place(slice: u64) -> usize {
    (slice % SLICES as u64) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: u64 = 1_000_000_000;

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn slice_is_evicted_after_ten() {
        let counters = SlidingCounters::<1>::new(SECOND);
        for second in 100..105 {
            counters.turn(at(second));
            counters.add(0, 1);
        }
        for (second, sum) in [(104, 5), (109, 5), (110, 4), (112, 2), (113, 1), (114, 0)] {
            counters.turn(at(second));
            assert_eq!(counters.sum(0), sum, "at {second} s");
        }
    }

    #[test]
    fn long_silence_empties_the_window() {
        let counters = SlidingCounters::<2>::new(SECOND);
        counters.turn(at(3));
        counters.add(0, 7);
        counters.add(1, 8);
        counters.turn(Duration::MAX);
        assert_eq!((counters.sum(0), counters.sum(1)), (0, 0));
    }

    #[test]
    fn earlier_time_changes_nothing() {
        let counters = SlidingCounters::<1>::new(SECOND);
        counters.turn(at(50));
        counters.add(0, 7);
        counters.turn(at(49));
        counters.turn(Duration::ZERO);
        assert_eq!(counters.sum(0), 7);
    }

    #[test]
    fn taken_amount_returns_after_the_window() {
        let counters = SlidingCounters::<1>::new(SECOND);
        counters.turn(at(1));
        assert!(counters.take(0, 3, 5) && !counters.take(0, 3, 5) && counters.take(0, 2, 5));
        counters.turn(at(10));
        assert!(!counters.take(0, 1, 5));
        counters.turn(at(11));
        assert!(counters.take(0, 5, 5) && !counters.take(0, 1, 5));
    }

    #[test]
    fn counter_wraps() {
        let counters = SlidingCounters::<1>::new(SECOND);
        counters.add(0, u64::MAX - 1);
        counters.turn(at(20));
        counters.add(0, 5);
        assert_eq!(counters.sum(0), 5);
        assert!(counters.take(0, 5, 0) && !counters.take(0, 1, 0));
    }

    #[test]
    fn turn_of_another_thread_is_not_waited_for() {
        let counters = SlidingCounters::<1>::new(SECOND);
        counters.turn(at(20));
        counters.add(0, 1);
        counters.turn.store(30 << 1 | 1, Ordering::Relaxed);
        counters.turn(at(45));
        assert_eq!(counters.sum(0), 1, "the window before is used");
        assert!(counters.take(0, 1, 0));
    }
}
