//! A failure rate over the last N calls.

use super::rate::Rate;
use super::{Sample, Window, WindowCounts};
use crate::error::InvalidBreaker;
use crate::generation::Generation;
use core::cmp::Ordering as Order;
use portable_atomic::{AtomicU64, Ordering, fence};

/// Opens when the given share of the last calls have failed, once there were at least a minimum of calls since the
/// breaker closed. Calls that are ignored or abandoned are not counted.
///
/// The rate is computed after every failure, and after the success that completes the minimum. `WORDS` is the memory
/// of the window, 32 calls per word.
///
/// | | default |
/// |---|---|
/// | [`rate`](LastCalls::rate) | 0.5 |
/// | [`minimum`](LastCalls::minimum) | 20, or the whole window if it is smaller |
///
/// # Examples
///
/// ```
/// use persevere::breaker::{CircuitBreaker, LastCalls, State};
/// use std::time::Duration;
///
/// let half_of_100 = LastCalls::of(100).rate(0.5).minimum(20);
/// let breaker = CircuitBreaker::tripped_by(half_of_100).build();
///
/// let now = Duration::ZERO;
/// for call in 0..20 {
///     let permit = breaker.try_acquire(now)?;
///     if call % 2 == 0 { permit.failed(now) } else { permit.succeeded(now) }
/// }
/// assert_eq!(breaker.state(now), State::Open);
/// # Ok::<(), persevere::breaker::Rejected>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LastCalls<const WORDS: usize = 4> {
    size: u32,
    rate: Rate,
}

impl LastCalls {
    /// A window of the given number of last calls, up to 128. For longer windows there is
    /// [`with_words`](LastCalls::with_words).
    ///
    /// # Panics
    ///
    /// If `calls` is 0 or above 128, which in a `const` or `static` is a compile error. [`try_of`](LastCalls::try_of)
    /// does not panic.
    #[must_use]
    pub const fn of(calls: u32) -> LastCalls {
        LastCalls::with_words(calls)
    }

    /// [`of`](LastCalls::of) for a number that is read at run time.
    ///
    /// # Errors
    ///
    /// [`InvalidBreaker::Window`] if `calls` is 0 or above 128.
    pub const fn try_of(calls: u32) -> Result<LastCalls, InvalidBreaker> {
        LastCalls::try_with_words(calls)
    }
}

impl<const WORDS: usize> LastCalls<WORDS> {
    /// The longest window that fits `WORDS`.
    pub const CAPACITY: u32 = if WORDS <= 1 << 20 { 32 * WORDS as u32 } else { 32 << 20 };

    /// A window of the given number of last calls, up to [`CAPACITY`](Self::CAPACITY).
    ///
    /// # Panics
    ///
    /// If `calls` is 0 or above [`CAPACITY`](Self::CAPACITY), which in a `const` or `static` is a compile error.
    /// [`try_with_words`](LastCalls::try_with_words) does not panic.
    ///
    /// # Examples
    ///
    /// ```
    /// use persevere::breaker::{CircuitBreaker, LastCalls};
    ///
    /// static BREAKER: CircuitBreaker<LastCalls<32>> =
    ///     CircuitBreaker::tripped_by(LastCalls::with_words(1_000).rate(0.1)).build();
    /// ```
    #[must_use]
    pub const fn with_words(calls: u32) -> Self {
        match Self::try_with_words(calls) {
            Ok(trip) => trip,
            Err(_) => panic!("invalid circuit breaker: window must be at least 1 call, and at most 32 per word"),
        }
    }

    /// [`with_words`](LastCalls::with_words) for a number that is read at run time.
    ///
    /// # Errors
    ///
    /// [`InvalidBreaker::Window`] if `calls` is 0 or above [`CAPACITY`](Self::CAPACITY).
    pub const fn try_with_words(calls: u32) -> Result<Self, InvalidBreaker> {
        if calls == 0 || calls > Self::CAPACITY {
            return Err(InvalidBreaker::Window);
        }
        let rate = if calls < Rate::DEFAULT.minimum() {
            Rate::DEFAULT.try_minimum(calls)
        } else {
            Ok(Rate::DEFAULT)
        };
        match rate {
            Ok(rate) => Ok(LastCalls { size: calls, rate }),
            Err(error) => Err(error),
        }
    }

    /// Opens when the given share of the calls have failed, from 0.0 to 1.0.
    ///
    /// # Panics
    ///
    /// If `rate` is not above 0.0 and at most 1.0, which in a `const` or `static` is a compile error.
    /// [`try_rate`](LastCalls::try_rate) does not panic.
    #[must_use]
    pub const fn rate(self, rate: f64) -> Self {
        match self.try_rate(rate) {
            Ok(trip) => trip,
            Err(_) => panic!("invalid circuit breaker: rate must be above 0.0 and at most 1.0"),
        }
    }

    /// [`rate`](LastCalls::rate) for a number that is read at run time.
    ///
    /// # Errors
    ///
    /// [`InvalidBreaker::Rate`] if `rate` is not above 0.0 and at most 1.0.
    pub const fn try_rate(self, rate: f64) -> Result<Self, InvalidBreaker> {
        match self.rate.try_rate(rate) {
            Ok(rate) => Ok(LastCalls { rate, ..self }),
            Err(error) => Err(error),
        }
    }

    /// Opens only if there were at least the given number of calls since the breaker closed.
    ///
    /// # Panics
    ///
    /// If `calls` is 0 or above the window, which in a `const` or `static` is a compile error.
    /// [`try_minimum`](LastCalls::try_minimum) does not panic.
    #[must_use]
    pub const fn minimum(self, calls: u32) -> Self {
        match self.try_minimum(calls) {
            Ok(trip) => trip,
            Err(_) => panic!("invalid circuit breaker: minimum must be at least 1 and at most the calls of the window"),
        }
    }

    /// [`minimum`](LastCalls::minimum) for a number that is read at run time.
    ///
    /// # Errors
    ///
    /// [`InvalidBreaker::Minimum`] if `calls` is 0 or above the window.
    pub const fn try_minimum(self, calls: u32) -> Result<Self, InvalidBreaker> {
        if calls > self.size {
            return Err(InvalidBreaker::Minimum);
        }
        match self.rate.try_minimum(calls) {
            Ok(rate) => Ok(LastCalls { rate, ..self }),
            Err(error) => Err(error),
        }
    }
}

/// The counts of a [`LastCalls`].
#[derive(Debug)]
pub struct Ring<const WORDS: usize> {
    /// The generation, and how many calls it had. Once the ring is full, the number wraps within `size..2 * size`. So
    /// it holds both the place of the next call and whether the ring is full.
    head: AtomicU64,
    /// The generation, and 32 calls, one bit each: 1 for a failure. A word of an older generation is empty.
    calls: [AtomicU64; WORDS],
}

/// The counts of a [`LastCalls`] in a [`Snapshot`](crate::Snapshot): whether each call failed, the oldest first.
///
/// # Examples
///
/// ```
/// use persevere::breaker::{CircuitBreaker, LastCalls};
/// use persevere::breaker::trip::SavedCalls;
/// use std::time::Duration;
///
/// let breaker = CircuitBreaker::tripped_by(LastCalls::of(100)).build();
/// let now = Duration::ZERO;
/// breaker.try_acquire(now)?.failed(now);
/// breaker.try_acquire(now)?.succeeded(now);
///
/// let mut snapshot = breaker.snapshot(now);
/// let calls: Vec<bool> = snapshot.window.iter().collect();
/// assert_eq!(calls, [true, false]);
/// snapshot.window = calls.into_iter().collect();
/// breaker.restore(&snapshot, now);
/// # Ok::<(), persevere::breaker::Rejected>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SavedCalls<const WORDS: usize = 4> {
    len: u32,
    /// One bit per call: 1 for a failure.
    calls: [u32; WORDS],
}

impl<const WORDS: usize> SavedCalls<WORDS> {
    /// Returns whether each call failed, the oldest first.
    pub fn iter(&self) -> impl Iterator<Item = bool> + '_ {
        (0..self.len).map(|index| self.calls[(index / 32) as usize] >> (index % 32) & 1 == 1)
    }

    /// Adds the newest call; does nothing if there is no room.
    fn push(&mut self, failed: bool) {
        if let Some(word) = self.calls.get_mut((self.len / 32) as usize) {
            *word |= u32::from(failed) << (self.len % 32);
            self.len += 1;
        }
    }
}

impl<const WORDS: usize> Default for SavedCalls<WORDS> {
    fn default() -> Self {
        SavedCalls {
            len: 0,
            calls: [0; WORDS],
        }
    }
}

/// Collects the first calls that fit.
impl<const WORDS: usize> FromIterator<bool> for SavedCalls<WORDS> {
    fn from_iter<I: IntoIterator<Item = bool>>(calls: I) -> Self {
        let mut saved = SavedCalls::default();
        for failed in calls {
            saved.push(failed);
        }
        saved
    }
}

impl<const WORDS: usize> Window for LastCalls<WORDS> {
    type Counts = Ring<WORDS>;
    type Saved = SavedCalls<WORDS>;
    const EMPTY: Ring<WORDS> = Ring {
        head: AtomicU64::new(0),
        calls: [const { AtomicU64::new(0) }; WORDS],
    };
    const TIMED: bool = false;

    #[inline]
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

    fn read(&self, ring: &Ring<WORDS>, generation: Generation, _: u64) -> WindowCounts {
        let calls = current(&ring.head, generation).min(self.size);
        let failures = ring.calls.iter().map(|word| current(word, generation).count_ones());
        WindowCounts {
            calls,
            failures: failures.sum::<u32>().min(calls),
        }
    }

    fn save(&self, ring: &Ring<WORDS>, generation: Generation, _: u64) -> SavedCalls<WORDS> {
        let head = current(&ring.head, generation);
        let oldest = head.saturating_sub(self.size);
        let words: [u32; WORDS] = core::array::from_fn(|index| current(&ring.calls[index], generation));
        (0..head.min(self.size))
            .map(|age| (oldest + age) % self.size)
            .map(|place| words[(place / 32) as usize] >> (place % 32) & 1 == 1)
            .collect()
    }

    fn restore(&self, ring: &Ring<WORDS>, saved: &SavedCalls<WORDS>, generation: Generation, _: u64) {
        // A smaller window keeps the newest calls.
        let surplus = saved.len.saturating_sub(self.size);
        let kept: SavedCalls<WORDS> = saved.iter().skip(surplus as usize).collect();
        for (word, calls) in ring.calls.iter().zip(kept.calls) {
            word.store(generation.tag(calls), Ordering::Release);
        }
        ring.head.store(generation.tag(kept.len), Ordering::Release);
    }
}

impl<const WORDS: usize> LastCalls<WORDS> {
    /// Takes the next place, and returns the head before; `None` if the report is stale.
    #[inline]
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
        // Ordering: pairs with itself. Of two concurrent reports, at least one reads the other.
        fence(Ordering::SeqCst);
        let WindowCounts { calls, failures } = self.read(ring, generation, 0);
        self.rate.is_reached(failures, calls)
    }
}

/// The part of a word that belongs to this generation; 0 if it is of another.
#[inline]
fn current(word: &AtomicU64, generation: Generation) -> u32 {
    let seen = word.load(Ordering::Acquire);
    if Generation::of(seen) == generation {
        seen as u32
    } else {
        0
    }
}

/// The part of a word that this generation has written: 0 if the word is of an older generation, `None` if it is of a
/// later generation.
#[inline]
fn written(word: u64, generation: Generation) -> Option<u32> {
    if Generation::of(word) == generation {
        return Some(word as u32);
    }
    (Generation::of(word).compare(generation) == Order::Less).then_some(0)
}

/// Writes the outcome of one call, unless the word already holds it.
#[inline]
fn write(word: &AtomicU64, bit: u32, failed: bool, generation: Generation) {
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

    /// Reports of calls that were admitted before the last transition: before they take a place, and after.
    #[test]
    fn stale_report_is_not_counted() {
        let (trip, stale, current) = (LastCalls::<1>::with_words(2).minimum(1), Generation(4), Generation(5));
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
        assert!(!record(stale, true));
        write(&ring.calls[0], 0b10, true, stale);
        assert_eq!(trip.save(&ring, current, 0), saved);
        assert!(record(current, true), "two of two");
    }
}
