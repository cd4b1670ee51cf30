//! A share of the calls in the last slices of time.

use super::{Rate, Sample, Window};
use crate::error::InvalidBreaker;
use crate::generation::Generation;
use crate::word::{Ordering, Word, fence};
use core::time::Duration;
use persevere_core::time::nanos as clock_nanos;

/// Opens when of the calls in the last `SLICES` slices of time this share has failed, and there were at least `minimum`.
/// The current slice is one of them, so the window is between `SLICES - 1` and `SLICES` slices long.
///
/// The condition is looked at after every call that counts. A slice counts 16,383 calls exactly; beyond that it keeps
/// their proportion. It takes a millisecond at least.
///
/// ```
/// use persevere_breaker::{CircuitBreaker, State, TimeSlices};
/// use std::time::Duration;
///
/// /// Half of the calls in the last 10 seconds, if there were 20: ten slices of a second.
/// static BREAKER: CircuitBreaker<TimeSlices> =
///     CircuitBreaker::when(TimeSlices::new(Duration::from_secs(1), 0.5, 20)).build();
///
/// for call in 0..20 {
///     let now = Duration::from_millis(call * 100);
///     let permit = BREAKER.try_acquire(now).unwrap();
///     if call % 2 == 0 { permit.failure(now) } else { permit.success(now) }
/// }
/// assert_eq!(BREAKER.state(Duration::from_secs(2)), State::Open);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeSlices<const SLICES: usize = 10> {
    slice: u64,
    rate: Rate,
}

impl<const SLICES: usize> TimeSlices<SLICES> {
    /// Opens when `rate` of the calls in the last `SLICES` slices have failed, and there were at least `minimum`.
    ///
    /// # Panics
    ///
    /// If `slice` is below a millisecond, `SLICES` 0 or above 65,536, `rate` not above 0.0 and at most 1.0, or `minimum`
    /// 0; in a `const` or `static` that is a compile error.
    #[must_use]
    pub const fn new(slice: Duration, rate: f64, minimum: u32) -> Self {
        match Self::try_new(slice, rate, minimum) {
            Ok(trip) => trip,
            Err(InvalidBreaker::Rate(_)) => panic!("invalid circuit breaker: the rate must be above 0.0, at most 1.0"),
            Err(InvalidBreaker::Minimum) => panic!("invalid circuit breaker: the minimum must be at least 1"),
            Err(_) => {
                panic!("invalid circuit breaker: there must be slices, and each must take a millisecond at least")
            }
        }
    }

    /// [`new`](TimeSlices::new) for numbers that come from outside.
    ///
    /// # Errors
    ///
    /// [`InvalidBreaker`] says which number it is.
    pub const fn try_new(slice: Duration, rate: f64, minimum: u32) -> Result<Self, InvalidBreaker> {
        if slice.as_nanos() < 1_000_000 || SLICES == 0 || SLICES > 1 << 16 {
            return Err(InvalidBreaker::Window);
        }
        match Rate::try_new(rate, minimum) {
            Ok(rate) => Ok(TimeSlices {
                slice: clock_nanos(slice),
                rate,
            }),
            Err(error) => Err(error),
        }
    }

    /// The number of the slice at this time. Each generation is a whole window further than the one before, so that
    /// nothing it counts is mistaken for a later one's.
    #[inline]
    fn number(&self, generation: Generation, now: u64) -> Number {
        let offset = u64::from(generation.0).wrapping_mul(SLICES as u64);
        Number((now / self.slice).wrapping_add(offset) & Number::MASK)
    }

    #[inline]
    fn place(number: Number) -> usize {
        (number.0 % SLICES as u64) as usize
    }
}

/// The number of a slice of time, modulo 2^36: of a millisecond each, two years of them.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Number(u64);

impl Number {
    const BITS: u32 = 36;
    const MASK: u64 = (1 << Self::BITS) - 1;

    /// How many slices this is past `other`; negative if it comes before.
    #[inline]
    fn past(self, other: Number) -> i64 {
        let unused = u64::BITS - Self::BITS;
        (self.0.wrapping_sub(other.0) << unused) as i64 >> unused
    }
}

/// The calls in a slice of time, in one word: its number (36 bits), the calls (14), and how many of them failed (14).
#[derive(Clone, Copy)]
struct Slice {
    number: Number,
    calls: u16,
    failures: u16,
}

impl Slice {
    const BITS: u32 = 14;
    const MAX: u16 = (1 << Self::BITS) - 1;

    #[inline]
    fn of(word: u64) -> Slice {
        Slice {
            number: Number(word >> (2 * Self::BITS)),
            calls: (word >> Self::BITS) as u16 & Self::MAX,
            failures: word as u16 & Self::MAX,
        }
    }

    #[inline]
    fn word(self) -> u64 {
        self.number.0 << (2 * Self::BITS) | u64::from(self.calls) << Self::BITS | u64::from(self.failures)
    }

    /// With one call more. A slice that is full keeps half, so that the proportion stays.
    #[inline]
    fn with(self, failed: bool) -> Slice {
        let shift = u32::from(self.calls == Self::MAX);
        Slice {
            number: self.number,
            calls: (self.calls >> shift) + 1,
            failures: (self.failures >> shift) + u16::from(failed),
        }
    }

    /// How many slices before `number` this one is, if it is in a window of so many. One that has just begun counts as
    /// current for a report that comes a moment late.
    #[inline]
    fn age(self, number: Number, slices: usize) -> Option<usize> {
        let age = usize::try_from(number.past(self.number).max(0)).ok()?;
        (age < slices).then_some(age)
    }
}

/// What a [`TimeSlices`] counts.
#[derive(Debug)]
pub struct Slices<const SLICES: usize> {
    /// A [`Slice`] each.
    slices: [Word; SLICES],
    /// The number of the last slice with a failure, and 1 added so that 0 means that there was none.
    last_failure: Word,
}

impl<const SLICES: usize> Window for TimeSlices<SLICES> {
    type Counts = Slices<SLICES>;
    type Saved = SavedSlices<SLICES>;
    const EMPTY: Slices<SLICES> = Slices {
        slices: [const { Word::new(0) }; SLICES],
        last_failure: Word::new(0),
    };
    const TIMED: bool = true;

    #[inline]
    fn record(&self, counts: &Slices<SLICES>, sample: Sample) -> bool {
        let number = self.number(sample.generation, sample.now);
        if !count(&counts.slices[Self::place(number)], number, sample.failed) {
            return false;
        }
        if sample.failed {
            counts.last_failure.store(number.0 + 1, Ordering::Release);
        } else {
            // Without failures there is no rate to be reached, and nothing to be added up.
            let last = counts.last_failure.load(Ordering::Acquire);
            if last == 0 || number.past(Number(last - 1)) >= SLICES as i64 {
                return false;
            }
        }
        self.is_reached(counts, number)
    }

    fn save(&self, counts: &Slices<SLICES>, generation: Generation, now: u64) -> SavedSlices<SLICES> {
        let number = self.number(generation, now);
        let mut saved = SavedSlices::default();
        for word in &counts.slices {
            let slice = Slice::of(word.load(Ordering::Acquire));
            if let Some(age) = slice.age(number, SLICES) {
                // Added, since places that were never used look like the first slice.
                saved.calls[age] = saved.calls[age].saturating_add(slice.calls);
                saved.failures[age] = saved.failures[age].saturating_add(slice.failures);
            }
        }
        saved
    }

    fn restore(&self, counts: &Slices<SLICES>, saved: &SavedSlices<SLICES>, generation: Generation, now: u64) {
        let newest = self.number(generation, now);
        for (age, (calls, failures)) in (0_u64..).zip(saved.calls.iter().zip(saved.failures)) {
            let calls = *calls.min(&Slice::MAX);
            let slice = Slice {
                number: Number(newest.0.wrapping_sub(age) & Number::MASK),
                calls,
                failures: failures.min(calls),
            };
            counts.slices[Self::place(slice.number)].store(slice.word(), Ordering::Release);
        }
        counts.last_failure.store(newest.0 + 1, Ordering::Release);
    }
}

/// The window of a [`TimeSlices`] as a plain value: for each slice, the newest first, its calls and how many failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SavedSlices<const SLICES: usize> {
    /// The calls of each slice.
    pub calls: [u16; SLICES],
    /// How many of them failed.
    pub failures: [u16; SLICES],
}

impl<const SLICES: usize> Default for SavedSlices<SLICES> {
    fn default() -> Self {
        SavedSlices {
            calls: [0; SLICES],
            failures: [0; SLICES],
        }
    }
}

impl<const SLICES: usize> TimeSlices<SLICES> {
    fn is_reached(&self, counts: &Slices<SLICES>, number: Number) -> bool {
        // Of two reports that race, at least one sees the other.
        fence(Ordering::SeqCst);
        let (mut calls, mut failures) = (0, 0);
        for word in &counts.slices {
            let slice = Slice::of(word.load(Ordering::Acquire));
            if slice.age(number, SLICES).is_some() {
                calls += u32::from(slice.calls);
                failures += u32::from(slice.failures);
            }
        }
        self.rate.is_reached(failures, calls)
    }
}

/// Counts a call in the slice of this number; not if a later one has taken its place.
#[inline]
fn count(word: &Word, number: Number, failed: bool) -> bool {
    let mut seen = word.load(Ordering::Relaxed);
    loop {
        let mut slice = Slice::of(seen);
        match number.past(slice.number) {
            0 => {}
            // A word that was never written says nothing of time: half of all numbers come before its zero.
            past if past > 0 || slice.calls == 0 => {
                slice = Slice {
                    number,
                    calls: 0,
                    failures: 0,
                }
            }
            _ => return false,
        }
        match word.compare_exchange(seen, slice.with(failed).word(), Ordering::AcqRel, Ordering::Relaxed) {
            Ok(_) => return true,
            Err(other) => seen = other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_ordered_around_the_wrap() {
        let (last, first) = (Number(Number::MASK), Number(0));
        assert_eq!((first.past(last), last.past(first)), (1, -1));
    }

    #[test]
    fn a_full_slice_keeps_half() {
        let [half, full] = [Slice::MAX / 2, Slice::MAX];
        let slice = Slice {
            number: Number(2),
            calls: full,
            failures: full,
        };
        let next = Slice::of(slice.with(false).word());
        assert_eq!((next.number.0, next.calls, next.failures), (2, half + 1, half));
    }
}
