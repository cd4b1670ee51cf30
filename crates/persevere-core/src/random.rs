//! Randomness for jitter: small, seedable, drawn only when a delay is computed.

use core::num::NonZeroU64;
use core::time::Duration;

/// The state that stands for seed 0, which the generator keeps for "not seeded yet". 2^64 divided by the
/// golden ratio, the usual odd constant for such a purpose.
const SEED_ZERO: NonZeroU64 = NonZeroU64::new(0x9E37_79B9_7F4A_7C15).unwrap();

/// A source of uniform draws, handed to a [`Backoff`](crate::Backoff) through its
/// [`Context`](crate::backoff::Context).
///
/// It costs nothing until the first draw. Then it starts from the policy's seed, or else from the platform
/// (feature `std`), or else, where there is neither, from a counter that makes the runs of one process differ:
/// see [`Policy::seed`](crate::Policy::seed) for what that means for a fleet of devices.
///
/// ```
/// use persevere::Random;
/// use std::time::Duration;
///
/// let mut random = Random::seeded(7);
/// let low = Duration::from_millis(5);
/// let high = Duration::from_millis(9);
/// let draw = random.between(low, high);
/// assert!(low <= draw && draw <= high);
/// assert_eq!(draw, Random::seeded(7).between(low, high), "the same seed gives the same draw");
/// ```
#[derive(Debug, Clone)]
pub struct Random {
    state: Option<NonZeroU64>,
}

impl Random {
    pub(crate) const UNSEEDED: Random = Random { state: None };

    /// A source that repeats the same draws for the same `seed`, on every target.
    #[must_use]
    pub const fn seeded(seed: u64) -> Random {
        Random {
            state: Some(match NonZeroU64::new(seed) {
                Some(seed) => seed,
                None => SEED_ZERO,
            }),
        }
    }

    #[inline]
    pub(crate) fn seed_if_unseeded(&mut self, seed: Option<u64>) {
        if self.state.is_none()
            && let Some(seed) = seed
        {
            *self = Random::seeded(seed);
        }
    }

    /// The next 64 uniform bits.
    #[inline]
    pub fn bits(&mut self) -> u64 {
        let state = self.state.map_or_else(entropy, NonZeroU64::get);
        let mut generator = fastrand::Rng::with_seed(state);
        let bits = generator.u64(..);
        self.state = NonZeroU64::new(generator.get_seed());
        bits
    }

    /// A uniform draw from `low..=high`, to the nanosecond. If `high` is below `low`, it is `low`.
    #[inline]
    pub fn between(&mut self, low: Duration, high: Duration) -> Duration {
        match (nanos(low), nanos(high)) {
            (Some(low), Some(high)) => Duration::from_nanos(self.between_nanos(low, high)),
            _ => self.between_ages(low, high),
        }
    }

    /// A uniform draw from `low..=high` by multiply and shift. Of 2^64 bits each value gets its share within
    /// one, so no value is favoured by more than one part in 2^64 / (high - low).
    #[inline]
    pub(crate) fn between_nanos(&mut self, low: u64, high: u64) -> u64 {
        let values = u128::from(high.saturating_sub(low)) + 1;
        low + ((u128::from(self.bits()) * values) >> 64) as u64
    }

    /// The same for spans that do not fit 64 bits of nanoseconds, 584 years.
    #[cold]
    fn between_ages(&mut self, low: Duration, high: Duration) -> Duration {
        const PER_SECOND: u128 = 1_000_000_000;
        let values = high.saturating_sub(low).as_nanos() + 1;
        let bits = u128::from(self.bits()) << 64 | u128::from(self.bits());
        let drawn = bits % values;
        low + Duration::new((drawn / PER_SECOND) as u64, (drawn % PER_SECOND) as u32)
    }
}

/// The nanoseconds of `duration`, if they fit.
#[inline]
pub(crate) const fn nanos(duration: Duration) -> Option<u64> {
    // A product and a sum that cannot wrap: seconds below this leave room for the fraction.
    if duration.as_secs() < u64::MAX / 1_000_000_000 {
        Some(duration.as_secs() * 1_000_000_000 + duration.subsec_nanos() as u64)
    } else {
        None
    }
}

#[cfg(feature = "std")]
fn entropy() -> u64 {
    fastrand::u64(..)
}

/// Without a platform to ask, a counter: two runs of one device differ, two devices that started alike do not.
///
/// A load and a store rather than a read-modify-write, which the smallest cores lack. Two draws that race may
/// get the same number, which costs only that their delays are alike.
#[cfg(not(feature = "std"))]
fn entropy() -> u64 {
    use core::sync::atomic::{AtomicUsize, Ordering};
    static RUNS: AtomicUsize = AtomicUsize::new(1);
    let run = RUNS.load(Ordering::Relaxed);
    RUNS.store(run.wrapping_add(1), Ordering::Relaxed);
    SEED_ZERO.get().wrapping_mul(run as u64)
}
