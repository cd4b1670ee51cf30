//! A histogram of the times of calls.

mod buckets;
mod halves;
#[cfg(feature = "loom")]
pub mod model;

use crate::error::InvalidHedge;
use crate::quantile::Quantile;
use buckets::{BUCKETS, bucket_of, time_of};
use core::time::Duration;
use halves::Halves;
use persevere_core::time::nanos;
use portable_atomic::{AtomicU64, Ordering};

const SHORTEST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// The times that calls took in the last while: a histogram in a `static`, which many hedges share.
///
/// It is lock-free, takes 2.6 KB and allocates nothing. Times within 66 µs and 69 s are kept with an error of at most 1/32
/// (16 equal steps to each octave). Use one for each kind of call, since a mixture of fast and slow calls has no useful
/// quantile.
///
/// | setting | default | |
/// |---|---|---|
/// | [`window`](Latency::window) | 30 s | samples count for at least half a window, and at most a whole one |
/// | [`minimum_samples`](Latency::minimum_samples) | 100 | with fewer there is no quantile, and no hedge |
///
/// # Examples
///
/// ```
/// use persevere::hedge::{Latency, Quantile};
/// use std::time::Duration;
///
/// static LATENCY: Latency = Latency::new().minimum_samples(10);
///
/// let (ms, now) = (Duration::from_millis, Duration::ZERO);
/// for time in 1..=20 {
///     LATENCY.record(ms(time), now);
/// }
/// let median = LATENCY.quantile(Quantile::P50, now).unwrap();
/// assert!(median.abs_diff(ms(10)) <= ms(10) / 32);
///
/// // A minute later the samples are gone.
/// assert_eq!(LATENCY.quantile(Quantile::P50, Duration::from_secs(60)), None);
/// ```
#[derive(Debug)]
pub struct Latency {
    minimum_samples: u32,
    halves: Halves<BUCKETS>,
    /// The last quantile that a hedge used: see [`Cached`].
    cached: AtomicU64,
}

impl Latency {
    /// Creates a histogram without samples.
    #[must_use]
    pub const fn new() -> Latency {
        Latency {
            minimum_samples: 100,
            halves: Halves::new(15_000_000_000),
            cached: AtomicU64::new(0),
        }
    }

    /// Sets for how long a sample counts at most. It counts for at least half of this time.
    ///
    /// # Panics
    ///
    /// If `length` is not within 1 s and 24 h, which in a `const` or `static` is a compile error.
    /// [`try_window`](Latency::try_window) does not panic.
    #[must_use]
    pub const fn window(self, length: Duration) -> Latency {
        match self.try_window(length) {
            Ok(latency) => latency,
            Err(_) => panic!("invalid hedge: window must be within 1 s and 24 h"),
        }
    }

    /// [`window`](Latency::window) for a length that is read at run time.
    ///
    /// # Errors
    ///
    /// [`InvalidHedge::Window`] if `length` is not within 1 s and 24 h.
    pub const fn try_window(mut self, length: Duration) -> Result<Latency, InvalidHedge> {
        let nanos = length.as_nanos();
        if nanos < SHORTEST.as_nanos() || nanos > LONGEST.as_nanos() {
            return Err(InvalidHedge::Window(length));
        }
        self.halves = Halves::new(nanos as u64 / 2);
        Ok(self)
    }

    /// Sets how many samples there must be for a quantile.
    #[must_use]
    pub const fn minimum_samples(mut self, samples: u32) -> Latency {
        self.minimum_samples = samples;
        self
    }

    /// Records that a call took `took`, and ended `now`. A hedge records the times of its own legs.
    #[inline]
    pub fn record(&self, took: Duration, now: Duration) {
        self.halves.add(bucket_of(took), now);
    }

    /// Returns the time within which the given share of the calls ended, or 66 µs if it is shorter.
    ///
    /// `None` if there are fewer samples than [`minimum_samples`](Latency::minimum_samples), or if it is 69 s or longer.
    #[must_use]
    pub fn quantile(&self, quantile: Quantile, now: Duration) -> Option<Duration> {
        time_of(self.bucket_at(quantile, now)?)
    }

    /// [`quantile`](Latency::quantile) as it was at most a 32nd of the window ago. A sum over all counters takes longer than
    /// everything else that a hedge adds to a call.
    pub(crate) fn recent_quantile(&self, quantile: Quantile, now: Duration) -> Option<Duration> {
        let slot = nanos(now) / (self.halves.period() / SLOTS);
        let cached = Cached(self.cached.load(Ordering::Relaxed));
        if let Some(bucket) = cached.bucket(quantile, slot) {
            return time_of(bucket);
        }
        let bucket = self.bucket_at(quantile, now)?;
        self.cached
            .store(Cached::new(quantile, slot, bucket).0, Ordering::Relaxed);
        time_of(bucket)
    }

    /// The bucket of the sample at a quantile; `None` if there are too few samples.
    fn bucket_at(&self, quantile: Quantile, now: Duration) -> Option<usize> {
        let sums = self.halves.sums(now);
        let samples: u64 = sums.iter().map(|&sum| u64::from(sum)).sum();
        if samples < u64::from(self.minimum_samples) {
            return None;
        }
        let mut left = quantile.rank(samples);
        sums.iter().position(|&sum| {
            left = left.saturating_sub(u64::from(sum));
            sum > 0 && left == 0
        })
    }

    /// Returns the number of samples in the window.
    #[must_use]
    pub fn samples(&self, now: Duration) -> u64 {
        self.halves.sums(now).iter().map(|&sum| u64::from(sum)).sum()
    }
}

/// The slots of half a window in which a quantile is kept.
const SLOTS: u64 = 16;

/// A bucket, with its quantile and slot, in one word: 10, 20 and 34 bits. Zero is none.
#[derive(Debug, Clone, Copy)]
struct Cached(u64);

impl Cached {
    const BUCKET_BITS: u32 = 10;
    const QUANTILE_BITS: u32 = 20;

    const fn new(quantile: Quantile, slot: u64, bucket: usize) -> Cached {
        let key = slot << Self::QUANTILE_BITS | quantile.millionths() as u64;
        Cached(key << Self::BUCKET_BITS | bucket as u64)
    }

    /// The bucket; `None` if the word is of another quantile or slot.
    fn bucket(self, quantile: Quantile, slot: u64) -> Option<usize> {
        let bucket = self.0 as usize & ((1 << Self::BUCKET_BITS) - 1);
        (Cached::new(quantile, slot, bucket).0 == self.0).then_some(bucket)
    }
}

impl Default for Latency {
    fn default() -> Latency {
        Latency::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantile_is_kept_for_a_slot() {
        let latency = Latency::new().minimum_samples(1).window(Duration::from_secs(32));
        let at = Duration::from_secs;
        assert_eq!(latency.recent_quantile(Quantile::P50, at(7)), None);
        latency.record(Duration::from_millis(1), at(7));
        let first = latency.recent_quantile(Quantile::P50, at(7));
        assert_eq!(first, latency.quantile(Quantile::P50, at(7)));
        (0..9).for_each(|_| latency.record(Duration::from_secs(1), at(7)));
        let second = latency.quantile(Quantile::P50, at(7));
        assert!(second > first);
        assert_eq!(latency.recent_quantile(Quantile::P50, at(7)), first);
        assert_eq!(latency.recent_quantile(Quantile::P50, at(8)), second);
        // The cached bucket is not used for another quantile.
        assert_eq!(latency.recent_quantile(Quantile::new(0.05), at(8)), first);
        assert_eq!(latency.recent_quantile(Quantile::P50, at(8)), second);
    }

    #[test]
    fn word_holds_every_bucket_and_quantile() {
        for bucket in [0, 1, BUCKETS - 1] {
            for quantile in [Quantile::new(0.000_001), Quantile::P50, Quantile::new(0.999_999)] {
                for slot in [0, 1, (1 << 34) - 1] {
                    let cached = Cached::new(quantile, slot, bucket);
                    assert_eq!(cached.bucket(quantile, slot), Some(bucket));
                    assert_eq!(cached.bucket(quantile, slot ^ 1), None);
                    assert_eq!(Cached(0).bucket(quantile, slot), None);
                }
            }
        }
    }
}
