//! Counters over a sliding window of time, in ten slices.

use crate::error::InvalidBudget;
use crate::word::{Ordering, Word};
use core::time::Duration;
use persevere_core::time::nanos as clock_nanos;

/// A window covers the slice that is going on and those before it, so many in all.
const SLICES: usize = 10;

const SHORTEST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(60 * 60);

/// `C` counters that are never reset: what counts is how far each has come since the window began.
///
/// Whatever adds to a counter or takes from it does so in one atomic step, and looks at nothing but the counter and where it
/// stood when the window began. So there is no moment at which a slice is half out of the window.
#[derive(Debug)]
pub(crate) struct Window<const C: usize> {
    /// The length of a slice, in nanoseconds.
    slice: u64,
    /// When the slice that is going on ends, so that there is nothing to divide before that.
    end: Word,
    /// The number of that slice, times two, plus one while a thread turns the window to it.
    turn: Word,
    counters: [Word; C],
    /// Where the counters stood when the window began.
    begin: [Word; C],
    /// Where the counters stood when each slice of the window began. Written by the thread that turns the window alone.
    marks: [[Word; C]; SLICES],
}

impl<const C: usize> Window<C> {
    /// With a length that [`length`](Window::length) has passed.
    pub(crate) const fn new(slice: u64) -> Window<C> {
        Window {
            slice,
            end: Word::new(slice),
            turn: Word::new(0),
            counters: [const { Word::new(0) }; C],
            begin: [const { Word::new(0) }; C],
            marks: [const { [const { Word::new(0) }; C] }; SLICES],
        }
    }

    /// The nanoseconds of a slice in a window of this length.
    pub(crate) const fn slice_of(length: Duration) -> Result<u64, InvalidBudget> {
        let nanos = length.as_nanos();
        if nanos < SHORTEST.as_nanos() || nanos > LONGEST.as_nanos() {
            return Err(InvalidBudget::Window(length));
        }
        Ok(nanos as u64 / SLICES as u64)
    }

    /// Lets what is too old at `now` fall out of the window. A `now` before that of another thread changes nothing.
    #[inline]
    pub(crate) fn turn(&self, now: Duration) {
        // After 584 years it stands still.
        let nanos = clock_nanos(now);
        if nanos >= self.end.load(Ordering::Acquire) {
            self.turn_to(nanos / self.slice);
        }
    }

    /// One thread turns the window, in so many steps however long ago the last turn was. Nobody waits for it: for the others
    /// the window is the one before until it is done, as if they had come a moment earlier.
    #[cold]
    fn turn_to(&self, slice: u64) {
        let mut turn = self.turn.load(Ordering::Acquire);
        while turn & 1 == 0 && slice > turn >> 1 {
            // A slice is at least 100 ms long, so twice its number fits.
            match self
                .turn
                .compare_exchange(turn, slice << 1 | 1, Ordering::Acquire, Ordering::Acquire)
            {
                Ok(_) => {
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
            // All slices from the one after the last turn to this one begin where the counter is now.
            for back in 0..(to - from).min(SLICES as u64) {
                self.marks[place(to - back)][counter].store(count, Ordering::Relaxed);
            }
            let begin = self.marks[place(to + 1)][counter].load(Ordering::Relaxed);
            // Whoever reads this reads a count that is no older than it.
            self.begin[counter].store(begin, Ordering::Release);
        }
    }

    /// Adds to a counter, which wraps: only differences mean anything.
    #[inline]
    pub(crate) fn add(&self, counter: usize, amount: u64) {
        self.counters[counter].fetch_add(amount, Ordering::Relaxed);
    }

    /// How far a counter has come since the window began.
    #[inline]
    pub(crate) fn sum(&self, counter: usize) -> u64 {
        let begin = self.begin[counter].load(Ordering::Acquire);
        self.counters[counter].load(Ordering::Relaxed).wrapping_sub(begin)
    }

    /// Takes `amount` from a counter if it has come at least that far since the window began, `reserve` included, and says
    /// whether it did.
    #[inline]
    pub(crate) fn take(&self, counter: usize, amount: u64, reserve: u64) -> bool {
        let begin = self.begin[counter].load(Ordering::Acquire).wrapping_sub(reserve);
        let taken = self.counters[counter].fetch_update(Ordering::Relaxed, Ordering::Relaxed, |count| {
            // Below zero when the reserve has been taken from in slices that are still in the window.
            let left = count.wrapping_sub(begin) as i64;
            (left >= amount as i64).then_some(count.wrapping_sub(amount))
        });
        taken.is_ok()
    }

    /// Makes the words known to the model checker before they are shared.
    #[cfg(feature = "loom")]
    pub(crate) fn touch(&self) {
        let words = self
            .counters
            .iter()
            .chain(&self.begin)
            .chain(self.marks.iter().flatten());
        for word in words.chain([&self.end, &self.turn]) {
            word.load(Ordering::Relaxed);
        }
    }
}

/// Where the mark of a slice is kept.
fn place(slice: u64) -> usize {
    (slice % SLICES as u64) as usize
}

#[cfg(all(test, not(feature = "loom")))]
mod tests {
    use super::*;

    const SECOND: u64 = 1_000_000_000;

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn a_slice_falls_out_after_ten() {
        let window = Window::<1>::new(SECOND);
        for second in 100..105 {
            window.turn(at(second));
            window.add(0, 1);
        }
        for (second, sum) in [(104, 5), (109, 5), (110, 4), (112, 2), (113, 1), (114, 0)] {
            window.turn(at(second));
            assert_eq!(window.sum(0), sum, "at {second} s");
        }
    }

    #[test]
    fn a_long_silence_empties_it_at_once() {
        let window = Window::<2>::new(SECOND);
        window.turn(at(3));
        window.add(0, 7);
        window.add(1, 8);
        window.turn(Duration::MAX);
        assert_eq!((window.sum(0), window.sum(1)), (0, 0));
    }

    #[test]
    fn time_that_is_late_changes_nothing() {
        let window = Window::<1>::new(SECOND);
        window.turn(at(50));
        window.add(0, 7);
        window.turn(at(49));
        window.turn(Duration::ZERO);
        assert_eq!(window.sum(0), 7);
    }

    #[test]
    fn what_was_taken_comes_back_after_the_window() {
        let window = Window::<1>::new(SECOND);
        window.turn(at(1));
        assert!(window.take(0, 3, 5) && !window.take(0, 3, 5) && window.take(0, 2, 5));
        window.turn(at(10));
        assert!(!window.take(0, 1, 5));
        window.turn(at(11));
        assert!(window.take(0, 5, 5) && !window.take(0, 1, 5));
    }

    #[test]
    fn counters_may_wrap() {
        let window = Window::<1>::new(SECOND);
        window.add(0, u64::MAX - 1);
        window.turn(at(20));
        window.add(0, 5);
        assert_eq!(window.sum(0), 5);
        assert!(window.take(0, 5, 0) && !window.take(0, 1, 0));
    }

    #[test]
    fn another_that_turns_is_not_waited_for() {
        let window = Window::<1>::new(SECOND);
        window.turn(at(20));
        window.add(0, 1);
        window.turn.store(30 << 1 | 1, Ordering::Relaxed);
        window.turn(at(45));
        assert_eq!(window.sum(0), 1, "the window is the one before");
        assert!(window.take(0, 1, 0));
    }
}
