//! Delays that grow by a factor.

use super::scale::Scale;
use super::{Backoff, Context};
use crate::error::InvalidPolicy;
use crate::time::nanos;
use core::fmt;
use core::time::Duration;

/// `base · factor^(n-1)`, with factor 2 by default; made by [`Policy::exponential`](crate::Policy::exponential).
///
/// A whole factor that fits 32 bits is computed exactly, any other to 64 bits, rounded to the nearest nanosecond.
///
/// ```
/// use persevere::{Policy, backoff::Exponential};
/// use std::time::Duration;
///
/// let curve = Exponential::new(Duration::from_millis(100)).factor(1.5);
/// let delays: Vec<_> = Policy::new(curve).max_attempts(4).delays().collect();
/// assert_eq!(delays, [100, 150, 225].map(Duration::from_millis));
/// ```
#[derive(Clone, Copy, PartialEq)]
pub struct Exponential {
    base: u64,
    factor: f64,
    // perf: the attempts whose delay is the base, shifted: as many as fit 64 bits if the factor is 2, otherwise none.
    // Computed when the policy is built, so that a failure costs one comparison (`jitter`).
    shifts: u32,
}

impl Exponential {
    /// Starts at `base` and doubles.
    #[must_use]
    pub const fn new(base: Duration) -> Exponential {
        let base = nanos(base);
        Exponential {
            base,
            factor: 2.0,
            // Zero stays zero, but no word is shifted by 64.
            shifts: if base == 0 { 64 } else { base.leading_zeros() + 1 },
        }
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

    /// [`factor`](Exponential::factor) for a number that is not a constant, such as a number from a configuration.
    ///
    /// # Errors
    ///
    /// [`InvalidPolicy::Factor`] if `factor` is not a finite number of at least 1.
    pub const fn try_factor(self, factor: f64) -> Result<Exponential, InvalidPolicy> {
        if !factor.is_finite() || factor < 1.0 {
            return Err(InvalidPolicy::Factor(factor));
        }
        let doubling = Exponential::new(Duration::from_nanos(self.base));
        if factor == 2.0 {
            return Ok(doubling);
        }
        Ok(Exponential {
            factor,
            shifts: 0,
            ..doubling
        })
    }
}

impl Backoff for Exponential {
    #[inline]
    fn delay(&self, context: &mut Context<'_>) -> Option<Duration> {
        self.nanos(context).map(Duration::from_nanos)
    }

    fn steady_from(&self, cap: u64) -> u32 {
        if self.factor == 1.0 || self.base == 0 {
            return 1;
        }
        // The first attempt at the cap, by bisection, since the curve grows.
        let (mut below, mut above) = (0, u32::MAX);
        while above - below > 1 {
            let middle = below + (above - below) / 2;
            match grown(self.base, self.factor, middle - 1) >= cap {
                true => above = middle,
                false => below = middle,
            }
        }
        above
    }

    #[inline]
    fn nanos(&self, context: &mut Context<'_>) -> Option<u64> {
        let exponent = context.attempt().saturating_sub(1);
        Some(if exponent < self.shifts {
            self.base << exponent
        } else {
            grown(self.base, self.factor, exponent)
        })
    }
}

impl fmt::Debug for Exponential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exponential")
            .field("base", &Duration::from_nanos(self.base))
            .field("factor", &self.factor)
            .finish()
    }
}

/// `base · factor^exponent`, saturating.
#[cold]
fn grown(base: u64, factor: f64, exponent: u32) -> u64 {
    let factor = Scale::of(factor);
    match factor.whole() {
        Some(whole) => multiplied(base, u64::from(whole), exponent),
        None => factor.power(exponent).of_nanos(base),
    }
}

/// The same by a whole number, to the nanosecond.
fn multiplied(mut base: u64, factor: u64, exponent: u32) -> u64 {
    // What grows at least doubles, and is past 64 bits by then.
    for _ in 0..exponent.min(64) {
        base = base.saturating_mul(factor);
    }
    base
}
