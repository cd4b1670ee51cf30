//! Jitter: how a delay is spread, so that callers that failed together do not come back together.

use crate::error::InvalidPolicy;
use crate::random::{Draws, Random};
use core::fmt;

/// How a delay is spread. It is applied once, by the machine, after the cap: see
/// [`Policy::max_delay`](crate::Policy::max_delay).
///
/// With `x` the capped delay and `U(a, b)` a uniform draw, to the nanosecond:
///
/// | jitter | delay | mean |
/// |---|---|---|
/// | [`None`](Jitter::None) | `x` | `x` |
/// | [`Full`](Jitter::Full) | `U(0, x)` | `x/2` |
/// | [`Equal`](Jitter::Equal) | `x/2 + U(0, x/2)` | `3x/4` |
/// | [`proportional(r)`](Jitter::proportional) | `U(x(1-r), min(cap, x(1+r)))` | `x` below the cap |
///
/// Delays at the cap are still spread, because nothing is clamped after the draw.
/// `Full` and `Equal` are the formulas of
/// <https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/>, where `Full` needs the fewest calls.
///
/// ```
/// use persevere::{Jitter, Policy};
/// use std::time::Duration;
///
/// let policy = Policy::fixed(Duration::from_secs(1)).jitter(Jitter::Equal).seed(7).max_attempts(100);
/// assert!(policy.delays().all(|delay| delay >= Duration::from_millis(500) && delay <= Duration::from_secs(1)));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Jitter {
    /// The delay as it is.
    None,
    /// Anything from zero to the whole delay: spreads best, and may come back at once.
    #[default]
    Full,
    /// Half of the delay, and a random part of the other half.
    Equal,
    /// Around the delay by this share of it; made by [`Jitter::proportional`].
    Proportional(Ratio),
}

impl Jitter {
    /// A delay `x` becomes `U(x(1-r), min(cap, x(1+r)))`: spread around `x`, never above the cap.
    ///
    /// # Panics
    ///
    /// If `ratio` is not within `0.0..=1.0`, which in a `const` or `static` is a compile error.
    /// [`try_proportional`](Jitter::try_proportional) returns the error instead.
    #[must_use]
    pub const fn proportional(ratio: f64) -> Jitter {
        match Jitter::try_proportional(ratio) {
            Ok(jitter) => jitter,
            Err(_) => panic!("invalid retry policy: the jitter ratio must be within 0.0..=1.0"),
        }
    }

    /// [`proportional`](Jitter::proportional) for a ratio that comes from outside, such as a configuration file.
    ///
    /// # Errors
    ///
    /// [`InvalidPolicy::JitterRatio`] if `ratio` is not within `0.0..=1.0`.
    pub const fn try_proportional(ratio: f64) -> Result<Jitter, InvalidPolicy> {
        match Ratio::new(ratio) {
            Some(ratio) => Ok(Jitter::Proportional(ratio)),
            None => Err(InvalidPolicy::JitterRatio(ratio)),
        }
    }

    /// Spreads `delay`, which is at most `cap`; both in the same unit.
    #[inline]
    pub(crate) fn spread(self, delay: u64, cap: u64, draws: Draws, draw: u64) -> u64 {
        match self {
            Jitter::None => delay,
            Jitter::Full => full(delay, draws, draw),
            jitter => jitter.spread_within(delay, cap, draws, draw),
        }
    }

    // perf: out of line, so that full jitter does not carry the arithmetic of the others (`jitter`).
    #[inline(never)]
    fn spread_within(self, delay: u64, cap: u64, draws: Draws, draw: u64) -> u64 {
        let (shortest, longest) = self.range(delay, cap);
        shortest + full(longest - shortest, draws, draw)
    }

    /// The shortest and the longest that `delay`, which is at most `cap`, may become.
    #[inline]
    pub(crate) fn range(self, delay: u64, cap: u64) -> (u64, u64) {
        match self {
            Jitter::None => (delay, delay),
            Jitter::Full => (0, delay),
            Jitter::Equal => (delay - delay / 2, delay),
            Jitter::Proportional(ratio) => {
                let reach = ratio.of(delay);
                (delay - reach, cap.min(delay.saturating_add(reach)))
            }
        }
    }
}

// perf: out of line, so that a delay without jitter saves no registers for it (`plain`).
#[inline(never)]
fn full(delay: u64, draws: Draws, draw: u64) -> u64 {
    Random::of_draw(draws, draw).within(0, delay)
}

/// A share from 0.0 to 1.0, checked when it was made by [`Jitter::proportional`].
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Ratio(u64);

impl Ratio {
    const ONE: u64 = 1 << 63;
    pub(crate) const TENTH: Ratio = Ratio::new(0.1).unwrap();

    /// Returns `None` unless `ratio` is within `0.0..=1.0`.
    pub(crate) const fn new(ratio: f64) -> Option<Ratio> {
        if ratio >= 0.0 && ratio <= 1.0 {
            // Scaling by a power of two is exact, so 0.5 is one half and 1.0 the whole.
            Some(Ratio((ratio * Ratio::ONE as f64) as u64))
        } else {
            None
        }
    }

    /// Returns the share as a number from 0.0 to 1.0.
    #[must_use]
    pub const fn get(self) -> f64 {
        self.0 as f64 / Self::ONE as f64
    }

    /// This share of `whole`, rounded down.
    #[inline]
    pub(crate) const fn of(self, whole: u64) -> u64 {
        ((whole as u128 * self.0 as u128) / Self::ONE as u128) as u64
    }
}

impl fmt::Debug for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.get().fmt(f)
    }
}
