//! Delays that grow by a factor.

use super::{Backoff, Context, times};
use crate::error::InvalidPolicy;
use crate::random::nanos;
use core::time::Duration;

/// `base · factor^(n-1)`, with factor 2 unless set; made by [`Policy::exponential`](crate::Policy::exponential).
///
/// A whole factor that fits 32 bits is computed exactly, any other in double precision, rounded to the nearest nanosecond.
///
/// ```
/// use persevere::{Jitter, Policy, backoff::Exponential};
/// use std::time::Duration;
///
/// let policy = Policy::new(Exponential::new(Duration::from_millis(100)).factor(1.5)).max_attempts(4);
/// let delays: Vec<_> = policy.delays().collect();
/// assert_eq!(delays, [100, 150, 225].map(Duration::from_millis));
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Exponential {
    base: Duration,
    factor: f64,
}

impl Exponential {
    /// Starts at `base` and doubles.
    #[must_use]
    pub const fn new(base: Duration) -> Exponential {
        Exponential { base, factor: 2.0 }
    }

    /// Grows by `factor` instead of 2.
    ///
    /// # Panics
    ///
    /// If `factor` is not a finite number of at least 1, which in a `const` or `static` is a compile error.
    /// [`try_factor`](Exponential::try_factor) returns the error instead.
    #[must_use]
    pub const fn factor(self, factor: f64) -> Exponential {
        match self.try_factor(factor) {
            Ok(exponential) => exponential,
            Err(_) => panic!("invalid retry policy: the backoff factor must be finite and at least 1.0"),
        }
    }

    /// [`factor`](Exponential::factor) for a number that comes from outside, such as a configuration file.
    ///
    /// # Errors
    ///
    /// [`InvalidPolicy::Factor`] if `factor` is not a finite number of at least 1.
    pub const fn try_factor(mut self, factor: f64) -> Result<Exponential, InvalidPolicy> {
        if factor.is_finite() && factor >= 1.0 {
            self.factor = factor;
            Ok(self)
        } else {
            Err(InvalidPolicy::Factor(factor))
        }
    }

    /// Factors other than 2, and delays past 584 years.
    #[cold]
    fn grown(&self, exponent: u32) -> Duration {
        let whole = self.factor as u32;
        if f64::from(whole) == self.factor {
            return times(self.base, u128::from(whole).saturating_pow(exponent));
        }
        if self.base.is_zero() {
            return Duration::ZERO;
        }
        let seconds = self.base.as_secs_f64() * power(self.factor, exponent);
        Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)
    }
}

impl Backoff for Exponential {
    #[inline]
    fn delay(&self, context: &mut Context<'_>) -> Option<Duration> {
        let exponent = context.attempt().saturating_sub(1);
        Some(match nanos(self.base) {
            Some(base) if self.factor == 2.0 && exponent < base.leading_zeros() => {
                Duration::from_nanos(base << exponent)
            }
            _ => self.grown(exponent),
        })
    }
}

/// `base^exponent` by squaring: at most 32 squarings, and the same result on every target, since `core` has no
/// power function and platforms' differ in the last bit.
fn power(mut base: f64, mut exponent: u32) -> f64 {
    let mut result = 1.0;
    while exponent > 0 {
        if exponent & 1 == 1 {
            result *= base;
        }
        base *= base;
        exponent >>= 1;
    }
    result
}
