//! A failure rate over the calls of the last period.

use super::rate::Rate;
use super::{Sample, Window, WindowCounts};
use crate::error::InvalidBreaker;
use crate::generation::Generation;
use core::time::Duration;
use persevere_core::time::nanos;
use portable_atomic::{AtomicU64, Ordering, fence};

/// Opens when the given share of the calls of the last period have failed, if there were at least a minimum of calls.
/// Calls that are ignored or abandoned are not counted.
///
/// The period is divided into `SLICES`. The current slice is one of them, so that the window covers the period less up
/// to one slice. A slice counts 16,383 calls exactly, and beyond that keeps their proportion.
///
/// | | default |
/// |---|---|
/// | [`rate`](TimeSlices::rate) | 0.5 |
/// | [`minimum`](TimeSlices::minimum) | 20 |
///
/// # Examples
///
/// ```
/// use persevere::breaker::{CircuitBreaker, State, TimeSlices};
/// use std::time::Duration;
///
/// let half_in_10_s = TimeSlices::over(Duration::from_secs(10)).rate(0.5).minimum(20);
/// let breaker = CircuitBreaker::tripped_by(half_in_10_s).build();
///
/// for call in 0..20 {
///     let now = Duration::from_millis(call * 100);
///     let permit = breaker.try_acquire(now)?;
///     if call % 2 == 0 { permit.failed(now) } else { permit.succeeded(now) }
/// }
/// assert_eq!(breaker.state(Duration::from_secs(2)), State::Open);
/// # Ok::<(), persevere::breaker::Rejected>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeSlices<const SLICES: usize = 10> {
    /// The length of a slice, in nanoseconds.
    slice: u64,
    rate: Rate,
}

impl TimeSlices {
    /// A window over the given last period, in 10 slices. For other numbers of slices there is
    /// [`with_slices`](TimeSlices::with_slices).
    ///
    /// # Panics
    ///
    /// If `period` is below 10 ms, which in a `const` or `static` is a compile error. [`try_over`](TimeSlices::try_over)
    /// does not panic.
    #[must_use]
    pub const fn over(period: Duration) -> TimeSlices {
        TimeSlices::with_slices(period)
    }

    /// [`over`](TimeSlices::over) for a period that is read at run time.
    ///
    /// # Errors
    ///
    /// [`InvalidBreaker::Window`] if `period` is below 10 ms.
    pub const fn try_over(period: Duration) -> Result<TimeSlices, InvalidBreaker> {
        TimeSlices::try_with_slices(period)
    }
}

impl<const SLICES: usize> TimeSlices<SLICES> {
    /// A window over the given last period, in `SLICES` slices.
    ///
    /// # Panics
    ///
    /// If `period` is below 1 ms per slice, or `SLICES` is 0 or above 65,536, which in a `const` or `static` is a
    /// compile error. [`try_with_slices`](TimeSlices::try_with_slices) does not panic.
    #[must_use]
    pub const fn with_slices(period: Duration) -> Self {
        match Self::try_with_slices(period) {
            Ok(trip) => trip,
            Err(_) => panic!("invalid circuit breaker: window must have 1 to 65536 slices of at least 1 ms"),
        }
    }

    /// [`with_slices`](TimeSlices::with_slices) for a period that is read at run time.
    ///
    /// # Errors
    ///
    /// [`InvalidBreaker::Window`] if `period` is below 1 ms per slice, or `SLICES` is 0 or above 65,536.
    pub const fn try_with_slices(period: Duration) -> Result<Self, InvalidBreaker> {
        if SLICES == 0 || SLICES > 1 << 16 {
            return Err(InvalidBreaker::Window);
        }
        let slice = nanos(period) / SLICES as u64;
        if slice < MIN_SLICE {
            return Err(InvalidBreaker::Window);
        }
        Ok(TimeSlices {
            slice,
            rate: Rate::DEFAULT,
        })
    }

    /// Opens when the given share of the calls have failed, from 0.0 to 1.0.
    ///
    /// # Panics
    ///
    /// If `rate` is not above 0.0 and at most 1.0, which in a `const` or `static` is a compile error.
    /// [`try_rate`](TimeSlices::try_rate) does not panic.
    #[must_use]
    pub const fn rate(self, rate: f64) -> Self {
        match self.try_rate(rate) {
            Ok(trip) => trip,
            Err(_) => panic!("invalid circuit breaker: rate must be above 0.0 and at most 1.0"),
        }
    }

    /// [`rate`](TimeSlices::rate) for a number that is read at run time.
    ///
    /// # Errors
    ///
    /// [`InvalidBreaker::Rate`] if `rate` is not above 0.0 and at most 1.0.
    pub const fn try_rate(self, rate: f64) -> Result<Self, InvalidBreaker> {
        match self.rate.try_rate(rate) {
            Ok(rate) => Ok(TimeSlices { rate, ..self }),
            Err(error) => Err(error),
        }
    }

    /// Opens only if the window holds at least the given number of calls.
    ///
    /// # Panics
    ///
    /// If `calls` is 0, which in a `const` or `static` is a compile error. [`try_minimum`](TimeSlices::try_minimum) does
    /// not panic.
    #[must_use]
    pub const fn minimum(self, calls: u32) -> Self {
        match self.try_minimum(calls) {
            Ok(trip) => trip,
            Err(_) => panic!("invalid circuit breaker: minimum must be at least 1"),
        }
    }

    /// [`minimum`](TimeSlices::minimum) for a number that is read at run time.
    ///
    /// # Errors
    ///
    /// [`InvalidBreaker::Minimum`] if `calls` is 0.
    pub const fn try_minimum(self, calls: u32) -> Result<Self, InvalidBreaker> {
        match self.rate.try_minimum(calls) {
            Ok(rate) => Ok(TimeSlices { rate, ..self }),
            Err(error) => Err(error),
        }
    }

    /// The number of the slice at this time.
    ///
    /// Invariant: each generation is a whole window ahead of the generation before, so that their slices differ.
    #[inline]
    fn number(&self, generation: Generation, now: u64) -> Number {
        let offset = u64::from(generation.0).wrapping_mul(SLICES as u64);
        Number((now / self.slice).wrapping_add(offset) & Number::MASK)
    }

    /// How many slices a slice may be ahead before its clock counts as far ahead. Eight windows or a minute is more
    /// than any thread is slow.
    const fn ahead(&self) -> i64 {
        let (windows, minute) = (8 * SLICES as u64, MINUTE / self.slice);
        (if windows > minute { windows } else { minute }) as i64
    }

    #[inline]
    fn place(number: Number) -> usize {
        (number.0 % SLICES as u64) as usize
    }
}

/// The shortest slice: a millisecond, in nanoseconds.
const MIN_SLICE: u64 = 1_000_000;

/// In nanoseconds.
const MINUTE: u64 = 60_000_000_000;

/// The number of a slice, modulo 2^36: two years of slices of a millisecond.
///
/// An eighth of the numbers compare as later, which is more than any thread is slow, and all others as earlier. So the
/// window is right after 1.9 idle years of slices of a millisecond.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Number(u64);

impl Number {
    const BITS: u32 = 36;
    const MASK: u64 = (1 << Self::BITS) - 1;

    /// How many slices this is after `other`; negative if it is before.
    #[inline]
    fn past(self, other: Number) -> i64 {
        let past = (self.0.wrapping_sub(other.0) & Self::MASK) as i64;
        let first_earlier = (Self::MASK - Self::MASK / 8) as i64;
        if past < first_earlier {
            past
        } else {
            past - Self::MASK as i64 - 1
        }
    }
}

/// The calls of a slice in one word: its number (36 bits), the calls (14), and how many of them failed (14).
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

    /// The slice with one more call. A full slice is halved first, which keeps the proportion.
    #[inline]
    fn with(self, failed: bool) -> Slice {
        let shift = u32::from(self.calls == Self::MAX);
        Slice {
            number: self.number,
            calls: (self.calls >> shift) + 1,
            failures: (self.failures >> shift) + u16::from(failed),
        }
    }

    /// How many slices before `number` this is; `None` if it is outside of the window. A later slice counts as current,
    /// for a thread that read the clock a moment earlier, except a slice of a clock far ahead.
    #[inline]
    fn age(self, number: Number, slices: usize, ahead: i64) -> Option<usize> {
        let past = number.past(self.number);
        if past < -ahead {
            return None;
        }
        let age = usize::try_from(past.max(0)).ok()?;
        (age < slices).then_some(age)
    }
}

/// The counts of a [`TimeSlices`].
#[derive(Debug)]
pub struct Slices<const SLICES: usize> {
    /// A [`Slice`] each.
    slices: [AtomicU64; SLICES],
    /// The number of the last slice with a failure, plus 1; 0 if there was none.
    last_failure: AtomicU64,
}

impl<const SLICES: usize> Window for TimeSlices<SLICES> {
    type Counts = Slices<SLICES>;
    type Saved = SavedSlices<SLICES>;
    const EMPTY: Slices<SLICES> = Slices {
        slices: [const { AtomicU64::new(0) }; SLICES],
        last_failure: AtomicU64::new(0),
    };
    const TIMED: bool = true;

    #[inline]
    fn record(&self, counts: &Slices<SLICES>, sample: Sample) -> bool {
        let number = self.number(sample.generation, sample.now);
        if !count(&counts.slices[Self::place(number)], number, sample.failed, self.ahead()) {
            return false;
        }
        if sample.failed {
            counts.last_failure.store(number.0 + 1, Ordering::Release);
        } else {
            // perf: without failures there is nothing to sum (`breakers/slices`).
            let last = counts.last_failure.load(Ordering::Acquire);
            if last == 0 || number.past(Number(last - 1)) >= SLICES as i64 {
                return false;
            }
        }
        self.is_reached(counts, number)
    }

    fn read(&self, counts: &Slices<SLICES>, generation: Generation, now: u64) -> WindowCounts {
        self.sum(counts, self.number(generation, now))
    }

    fn save(&self, counts: &Slices<SLICES>, generation: Generation, now: u64) -> SavedSlices<SLICES> {
        let number = self.number(generation, now);
        let mut saved = SavedSlices::default();
        for word in &counts.slices {
            let slice = Slice::of(word.load(Ordering::Acquire));
            if let Some(age) = slice.age(number, SLICES, self.ahead()) {
                // Summed, since unused slices look like slice 0.
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

/// The counts of a [`TimeSlices`] in a [`Snapshot`](crate::Snapshot): the calls of each slice and how many of them
/// failed, the newest slice first.
///
/// # Examples
///
/// ```
/// use persevere::breaker::{CircuitBreaker, TimeSlices};
/// use std::time::Duration;
///
/// let breaker = CircuitBreaker::tripped_by(TimeSlices::over(Duration::from_secs(10))).build();
/// let now = Duration::ZERO;
/// breaker.try_acquire(now)?.failed(now);
///
/// let mut snapshot = breaker.snapshot(now);
/// let slices: Vec<(u16, u16)> = snapshot.window.iter().collect();
/// assert_eq!(slices[0], (1, 1));
/// snapshot.window = slices.into_iter().collect();
/// breaker.restore(&snapshot, now);
/// # Ok::<(), persevere::breaker::Rejected>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SavedSlices<const SLICES: usize = 10> {
    calls: [u16; SLICES],
    failures: [u16; SLICES],
}

impl<const SLICES: usize> SavedSlices<SLICES> {
    /// Returns the calls of each slice and how many of them failed, the newest slice first.
    pub fn iter(&self) -> impl Iterator<Item = (u16, u16)> + '_ {
        self.calls.into_iter().zip(self.failures)
    }
}

/// Collects the first slices that fit.
impl<const SLICES: usize> FromIterator<(u16, u16)> for SavedSlices<SLICES> {
    fn from_iter<I: IntoIterator<Item = (u16, u16)>>(slices: I) -> Self {
        let mut saved = SavedSlices::default();
        for (index, (calls, failures)) in slices.into_iter().take(SLICES).enumerate() {
            (saved.calls[index], saved.failures[index]) = (calls, failures);
        }
        saved
    }
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
        // Ordering: pairs with itself. Of two concurrent reports, at least one reads the other.
        fence(Ordering::SeqCst);
        let WindowCounts { calls, failures } = self.sum(counts, number);
        self.rate.is_reached(failures, calls)
    }

    fn sum(&self, counts: &Slices<SLICES>, number: Number) -> WindowCounts {
        let mut sum = WindowCounts::default();
        for word in &counts.slices {
            let slice = Slice::of(word.load(Ordering::Acquire));
            if slice.age(number, SLICES, self.ahead()).is_some() {
                sum.calls += u32::from(slice.calls);
                sum.failures += u32::from(slice.failures);
            }
        }
        sum
    }
}

/// Counts a call in the slice of this number; returns `false` if a later slice has taken its place.
#[inline]
fn count(word: &AtomicU64, number: Number, failed: bool, ahead: i64) -> bool {
    let mut seen = word.load(Ordering::Relaxed);
    loop {
        let mut slice = Slice::of(seen);
        match number.past(slice.number) {
            0 => {}
            // An unused word holds no time, though some numbers compare as before its zero.
            past if past > 0 || slice.calls == 0 || past < -ahead => {
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
    fn numbers_compare_around_the_wrap() {
        let (last, first) = (Number(Number::MASK), Number(0));
        assert_eq!((first.past(last), last.past(first)), (1, -1));
    }

    #[test]
    fn full_slice_is_halved() {
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
