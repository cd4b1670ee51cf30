//! Randomness for jitter: seedable, without state between draws, drawn only when a delay is computed.

use crate::time::nanos;
use core::time::Duration;

/// A source of uniform draws, handed to a [`Backoff`](crate::Backoff) through its
/// [`Context`](crate::backoff::Context).
///
/// With a seed the draws depend on it and on the number of the attempt alone. Without one they come from the
/// platform (feature `std`), or else, where there is none, from a counter that makes the draws of one process differ:
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
    generator: Option<fastrand::Rng>,
}

/// 2^64 divided by the golden ratio, made odd: its multiples are spread evenly over 64 bits.
const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

impl Random {
    /// A source that repeats the same draws for the same `seed`, on every target.
    #[must_use]
    pub fn seeded(seed: u64) -> Random {
        Random {
            generator: Some(fastrand::Rng::with_seed(seed)),
        }
    }

    /// The source of one draw: a function of the seed and the number of the draw, so that a run keeps no state for it.
    #[inline]
    pub(crate) fn of_draw(seed: Option<u64>, draw: u64) -> Random {
        Random {
            generator: seed.map(|seed| seeded_draw(seed, draw)),
        }
    }

    /// The next 64 uniform bits.
    #[inline]
    pub fn bits(&mut self) -> u64 {
        match &mut self.generator {
            Some(generator) => generator.u64(..),
            None => entropy(),
        }
    }

    /// A uniform draw from `low..=high`. If `high` is below `low`, it is `low`.
    ///
    /// By multiply and shift: of 2^64 bits each value gets its share within one, so none is favoured by more than one
    /// part in 2^64 / (high - low).
    #[inline]
    pub fn within(&mut self, low: u64, high: u64) -> u64 {
        let bits = self.bits();
        match high.saturating_sub(low).checked_add(1) {
            Some(values) => low + ((u128::from(bits) * u128::from(values)) >> 64) as u64,
            None => bits,
        }
    }

    /// A uniform draw from `low..=high`, to the nanosecond. If `high` is below `low`, it is `low`.
    #[inline]
    pub fn between(&mut self, low: Duration, high: Duration) -> Duration {
        Duration::from_nanos(self.within(nanos(low), nanos(high)))
    }
}

// Apart, so that draws without a seed do not pay for it.
#[cold]
fn seeded_draw(seed: u64, draw: u64) -> fastrand::Rng {
    fastrand::Rng::with_seed(seed.wrapping_add(draw.wrapping_mul(GOLDEN)))
}

#[cfg(feature = "std")]
#[inline]
fn entropy() -> u64 {
    fastrand::u64(..)
}

/// Without a platform to ask, a counter, well mixed: two draws of one device differ, two devices that started alike
/// do not.
///
/// A load and a store rather than a read-modify-write, which the smallest cores lack. Two draws that race may
/// be the same, which costs only that their delays are alike.
#[cfg(not(feature = "std"))]
fn entropy() -> u64 {
    use core::sync::atomic::{AtomicUsize, Ordering};
    static DRAWS: AtomicUsize = AtomicUsize::new(1);
    let draw = DRAWS.load(Ordering::Relaxed);
    DRAWS.store(draw.wrapping_add(1), Ordering::Relaxed);
    fastrand::Rng::with_seed((draw as u64).wrapping_mul(GOLDEN)).u64(..)
}
