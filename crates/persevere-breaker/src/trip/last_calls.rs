//! A share of the last N calls.

use super::{Rate, Sample, Window};
use crate::error::InvalidBreaker;
use crate::generation::Generation;
use crate::word::{Ordering, Word, fence};
use core::cmp::Ordering as Order;

/// Opens when of the last `size` calls this share has failed, once there were at least `minimum` since it closed. Calls
/// that are ignored or abandoned are not among them.
///
/// The condition is looked at after every call that counts, a success that completes the minimum included. `WORDS` is
/// the memory for the window, 32 calls each: 128 unless said otherwise.
///
/// ```
/// use persevere_breaker::{CircuitBreaker, LastCalls, State};
/// use std::time::Duration;
///
/// /// Half of the last 100, if there were 20.
/// static BREAKER: CircuitBreaker<LastCalls> = CircuitBreaker::when(LastCalls::new(100, 0.5, 20)).build();
/// /// A longer window needs more memory.
/// static LONG: CircuitBreaker<LastCalls<32>> = CircuitBreaker::when(LastCalls::new(1_000, 0.1, 100)).build();
///
/// let now = Duration::ZERO;
/// for call in 0..20 {
///     let permit = BREAKER.try_acquire(now).unwrap();
///     if call % 2 == 0 { permit.failure(now) } else { permit.success(now) }
/// }
/// assert_eq!(BREAKER.state(now), State::Open);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LastCalls<const WORDS: usize = 4> {
    size: u32,
    rate: Rate,
}

impl<const WORDS: usize> LastCalls<WORDS> {
    /// The longest window that `WORDS` have room for.
    pub const CAPACITY: u32 = if WORDS <= 1 << 20 { 32 * WORDS as u32 } else { 32 << 20 };

    /// Opens when `rate` of the last `size` calls have failed, and there were at least `minimum`.
    ///
    /// # Panics
    ///
    /// If `size` is 0 or above [`CAPACITY`](Self::CAPACITY), `rate` not above 0.0 and at most 1.0, or `minimum` 0 or
    /// above `size`; in a `const` or `static` that is a compile error.
    #[must_use]
    pub const fn new(size: u32, rate: f64, minimum: u32) -> Self {
        match Self::try_new(size, rate, minimum) {
            Ok(trip) => trip,
            Err(InvalidBreaker::Rate(_)) => panic!("invalid circuit breaker: the rate must be above 0.0, at most 1.0"),
            Err(InvalidBreaker::Minimum) => panic!("invalid circuit breaker: the minimum must be within 1..=size"),
            Err(_) => panic!("invalid circuit breaker: the window must be within 1..=32 * WORDS"),
        }
    }

    /// [`new`](LastCalls::new) for numbers that come from outside.
    ///
    /// # Errors
    ///
    /// [`InvalidBreaker`] says which number it is.
    pub const fn try_new(size: u32, rate: f64, minimum: u32) -> Result<Self, InvalidBreaker> {
        if size == 0 || size > Self::CAPACITY {
            return Err(InvalidBreaker::Window);
        }
        if minimum > size {
            return Err(InvalidBreaker::Minimum);
        }
        match Rate::try_new(rate, minimum) {
            Ok(rate) => Ok(LastCalls { size, rate }),
            Err(error) => Err(error),
        }
    }
}

/// What a [`LastCalls`] counts.
#[derive(Debug)]
pub struct Ring<const WORDS: usize> {
    /// The generation, and how many calls it had, modulo the size once the first lap is done: within `size..2 * size`
    /// then, so that it tells the place of the next call as well as that the window is full.
    head: Word,
    /// The generation, and 32 calls, a bit each: 1 for a failure. A word of an older generation has none.
    calls: [Word; WORDS],
}

/// The window of a [`LastCalls`] as a plain value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SavedCalls<const WORDS: usize> {
    /// How many calls there were, modulo the size once the first lap is done.
    pub head: u32,
    /// The calls, 32 in a word: 1 for a failure.
    pub calls: [u32; WORDS],
}

impl<const WORDS: usize> Default for SavedCalls<WORDS> {
    fn default() -> Self {
        SavedCalls {
            head: 0,
            calls: [0; WORDS],
        }
    }
}

impl<const WORDS: usize> Window for LastCalls<WORDS> {
    type Counts = Ring<WORDS>;
    type Saved = SavedCalls<WORDS>;
    const EMPTY: Ring<WORDS> = Ring {
        head: Word::new(0),
        calls: [const { Word::new(0) }; WORDS],
    };
    const TIMED: bool = false;

    #[inline(always)]
    fn record(&self, ring: &Ring<WORDS>, Sample { generation, failed, .. }: Sample) -> bool {
        let Some(count) = self.advance(ring, generation) else {
            return false;
        };
        let place = if count >= self.size { count - self.size } else { count };
        write(
            &ring.calls[(place / 32) as usize],
            1 << (place % 32),
            failed,
            generation,
        );
        // A success lowers the rate, so it can only reach it by completing the minimum.
        (failed || count + 1 == self.rate.minimum()) && self.is_reached(ring, generation)
    }

    fn save(&self, ring: &Ring<WORDS>, generation: Generation, _: u64) -> SavedCalls<WORDS> {
        SavedCalls {
            head: current(&ring.head, generation),
            calls: core::array::from_fn(|index| current(&ring.calls[index], generation)),
        }
    }

    fn restore(&self, ring: &Ring<WORDS>, saved: &SavedCalls<WORDS>, generation: Generation, _: u64) {
        let head = if saved.head < 2 * self.size {
            saved.head
        } else {
            self.size
        };
        for (index, (word, calls)) in (0_u32..).zip(ring.calls.iter().zip(saved.calls)) {
            // Only what the window has room for.
            let room = head.min(self.size).saturating_sub(32 * index);
            let mask = if room < 32 { (1 << room) - 1 } else { u32::MAX };
            word.store(generation.tag(calls & mask), Ordering::Release);
        }
        ring.head.store(generation.tag(head), Ordering::Release);
    }
}

impl<const WORDS: usize> LastCalls<WORDS> {
    /// Takes the next place: the head before it was moved on; none if the report is of an older generation.
    #[inline(always)]
    fn advance(&self, ring: &Ring<WORDS>, generation: Generation) -> Option<u32> {
        let mut seen = ring.head.load(Ordering::Relaxed);
        loop {
            let count = written(seen, generation)?;
            let next = if count + 1 == 2 * self.size {
                self.size
            } else {
                count + 1
            };
            match ring
                .head
                .compare_exchange(seen, generation.tag(next), Ordering::AcqRel, Ordering::Relaxed)
            {
                Ok(_) => return Some(count),
                Err(other) => seen = other,
            }
        }
    }

    #[cold]
    fn is_reached(&self, ring: &Ring<WORDS>, generation: Generation) -> bool {
        // Of two reports that race, at least one sees the other.
        fence(Ordering::SeqCst);
        let calls = current(&ring.head, generation).min(self.size);
        let failures = ring
            .calls
            .iter()
            .map(|word| current(word, generation).count_ones())
            .sum();
        self.rate.is_reached(failures, calls)
    }
}

/// What a word holds of this generation.
#[inline]
fn current(word: &Word, generation: Generation) -> u32 {
    let seen = word.load(Ordering::Acquire);
    if Generation::of(seen) == generation {
        seen as u32
    } else {
        0
    }
}

/// What this generation has written to a word: nothing yet, if it is still that of an older one. None if a later one has
/// taken it.
#[inline(always)]
fn written(word: u64, generation: Generation) -> Option<u32> {
    if Generation::of(word) == generation {
        return Some(word as u32);
    }
    (Generation::of(word).compare(generation) == Order::Less).then_some(0)
}

/// Writes the outcome of one call; nothing, if it is already so.
#[inline(always)]
fn write(word: &Word, bit: u32, failed: bool, generation: Generation) {
    let mut seen = word.load(Ordering::Relaxed);
    loop {
        let Some(calls) = written(seen, generation) else {
            return;
        };
        if failed == (calls & bit != 0) {
            return;
        }
        match word.compare_exchange(seen, generation.tag(calls ^ bit), Ordering::AcqRel, Ordering::Relaxed) {
            Ok(_) => return,
            Err(other) => seen = other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reports that were let through before the breaker has gone on, and come after: before they take a place, and after.
    #[test]
    fn a_late_report_counts_for_nothing() {
        let (trip, late, current) = (LastCalls::<1>::new(2, 0.5, 1), Generation(4), Generation(5));
        let ring = LastCalls::<1>::EMPTY;
        let record = |generation, failed| {
            let sample = Sample {
                generation,
                failed,
                now: 0,
            };
            trip.record(&ring, sample)
        };
        assert!(record(current, true));
        let saved = trip.save(&ring, current, 0);
        assert!(!record(late, true));
        write(&ring.calls[0], 0b10, true, late);
        assert_eq!(trip.save(&ring, current, 0), saved);
        assert!(record(current, true), "two of two");
    }
}
