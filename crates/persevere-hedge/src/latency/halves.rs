//! Counters over a sliding window, in two halves.

use core::time::Duration;
use persevere_core::time::nanos;
use portable_atomic::{AtomicU32, AtomicU64, Ordering};

/// `N` counters over the current period and the period before.
#[derive(Debug)]
pub(crate) struct Halves<const N: usize> {
    /// The length of a period, in nanoseconds.
    period: u64,
    /// The number of the current period, times two, plus one while a thread turns to it.
    turn: AtomicU64,
    /// The counters of periods with even and with odd numbers.
    counters: [[AtomicU32; N]; 2],
}

impl<const N: usize> Halves<N> {
    /// Counters with periods of a length in nanoseconds, not zero.
    pub(crate) const fn new(period: u64) -> Halves<N> {
        Halves {
            period,
            turn: AtomicU64::new(0),
            counters: [const { [const { AtomicU32::new(0) }; N] }; 2],
        }
    }

    /// The length of a period, in nanoseconds.
    pub(crate) const fn period(&self) -> u64 {
        self.period
    }

    /// Adds 1 to a counter. No sample is lost at a turn, except after a silence of a whole period.
    #[inline]
    pub(crate) fn add(&self, counter: usize, now: Duration) {
        let turn = self.turn(now);
        self.counters[current(turn)][counter].fetch_add(1, Ordering::Relaxed);
    }

    /// Returns the sums over both periods. During a turn these are the sums of some of the samples.
    pub(crate) fn sums(&self, now: Duration) -> [u32; N] {
        let turn = self.turn(now);
        let current = current(turn);
        let mut sums = [0; N];
        for (counter, sum) in sums.iter_mut().enumerate() {
            *sum = self.counters[current][counter].load(Ordering::Relaxed);
            // During a turn the other counters are being cleared.
            if turn & 1 == 0 {
                let before = self.counters[1 - current][counter].load(Ordering::Relaxed);
                *sum = sum.saturating_add(before);
            }
        }
        sums
    }

    /// Turns to the period of `now`, and returns the state of the turns. A `now` before the `now` of another thread
    /// changes nothing.
    #[inline]
    fn turn(&self, now: Duration) -> u64 {
        // Ordering: pairs with the store in `turn_to`, so that counters are cleared before they are added to.
        let turn = self.turn.load(Ordering::Acquire);
        let period = nanos(now) / self.period;
        if turn & 1 == 0 && period > turn >> 1 {
            return self.turn_to(turn, period);
        }
        turn
    }

    /// One thread turns to a period. No thread waits for it: until it is done, the others use the period before, as if
    /// they had read the clock a moment earlier.
    #[cold]
    fn turn_to(&self, turn: u64, period: u64) -> u64 {
        // A period is at least half a second long, so twice its number fits.
        let turned = self
            .turn
            .compare_exchange(turn, period << 1 | 1, Ordering::Acquire, Ordering::Acquire);
        if let Err(other) = turned {
            return other;
        }
        self.clear(current(period << 1));
        if period - (turn >> 1) > 1 {
            self.clear(1 - current(period << 1));
        }
        self.turn.store(period << 1, Ordering::Release);
        period << 1
    }

    fn clear(&self, half: usize) {
        for counter in &self.counters[half] {
            counter.store(0, Ordering::Relaxed);
        }
    }
}

/// The index of the counters to add to: of the current period, or during a turn of the period before.
#[inline]
const fn current(turn: u64) -> usize {
    ((turn >> 1) & 1) as usize ^ (turn & 1) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: u64 = 1_000_000_000;

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn sample_is_evicted_after_two_periods() {
        let halves = Halves::<2>::new(10 * SECOND);
        halves.add(0, at(105));
        halves.add(1, at(112));
        for (second, sums) in [
            (112, [1, 1]),
            (119, [1, 1]),
            (120, [0, 1]),
            (129, [0, 1]),
            (130, [0, 0]),
        ] {
            assert_eq!(halves.sums(at(second)), sums, "at {second} s");
        }
    }

    #[test]
    fn silence_evicts_everything() {
        let halves = Halves::<1>::new(10 * SECOND);
        halves.add(0, at(5));
        assert_eq!(halves.sums(at(25)), [0]);
        halves.add(0, at(25));
        assert_eq!(halves.sums(Duration::MAX), [0]);
    }

    #[test]
    fn earlier_time_counts_now() {
        let halves = Halves::<1>::new(10 * SECOND);
        halves.add(0, at(50));
        halves.add(0, at(9));
        assert_eq!(halves.sums(Duration::ZERO), [2]);
    }

    #[test]
    fn turn_of_another_thread_is_not_waited_for() {
        let halves = Halves::<1>::new(10 * SECOND);
        halves.add(0, at(45));
        halves.turn.store(5 << 1 | 1, Ordering::Relaxed);
        halves.add(0, at(55));
        assert_eq!(halves.sums(at(55)), [2], "both are in the period before");
        halves.turn.store(5 << 1, Ordering::Relaxed);
        assert_eq!(halves.sums(at(55)), [2]);
    }
}
