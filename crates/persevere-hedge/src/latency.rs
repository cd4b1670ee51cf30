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
}

impl Latency {
    /// Creates a histogram without samples.
    #[must_use]
    pub const fn new() -> Latency {
        Latency {
            minimum_samples: 100,
            halves: Halves::new(15_000_000_000),
        }
    }

    /// Sets for how long a sample counts at most. It counts for at least half of that.
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
        let sums = self.halves.sums(now);
        let samples: u64 = sums.iter().map(|&sum| u64::from(sum)).sum();
        if samples == 0 || samples < u64::from(self.minimum_samples) {
            return None;
        }
        let mut left = quantile.rank(samples);
        let bucket = sums.iter().position(|&sum| {
            left = left.saturating_sub(u64::from(sum));
            left == 0
        });
        bucket.and_then(time_of)
    }

    /// Returns the number of samples in the window.
    #[must_use]
    pub fn samples(&self, now: Duration) -> u64 {
        self.halves.sums(now).iter().map(|&sum| u64::from(sum)).sum()
    }
}

impl Default for Latency {
    fn default() -> Latency {
        Latency::new()
    }
}
