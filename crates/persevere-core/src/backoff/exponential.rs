//! Delays that grow by a factor.

use super::scale::Scale;
use super::{Backoff, Context, from_nanos};
use crate::error::InvalidPolicy;
use crate::nanos::nanos;
use crate::span::Span;
use core::time::Duration;

/// `base · factor^(n-1)`, with factor 2 unless set; made by [`Policy::exponential`](crate::Policy::exponential).
///
/// A whole factor that fits 32 bits is computed exactly, any other to 64 bits, rounded to the nearest nanosecond.
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
    /// The base again, in nanoseconds.
    nanos: u64,
    /// After how many attempts the delay is those, shifted: all that fit 64 bits when it doubles, none with another factor.
    /// Computed when the policy is built, so that a failure asks one question.
    shifts: u32,
}

impl Exponential {
    /// Starts at `base` and doubles.
    #[must_use]
    pub const fn new(base: Duration) -> Exponential {
        let (nanos, shifts) = match nanos(base) {
            // Zero stays zero, but no word is shifted by 64.
            Some(0) => (0, 64),
            Some(nanos) => (nanos, nanos.leading_zeros() + 1),
            None => (0, 0),
        };
        Exponential {
            base,
            factor: 2.0,
            nanos,
            shifts,
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

    /// [`factor`](Exponential::factor) for a number that comes from outside, such as a configuration file.
    ///
    /// # Errors
    ///
    /// [`InvalidPolicy::Factor`] if `factor` is not a finite number of at least 1.
    pub const fn try_factor(self, factor: f64) -> Result<Exponential, InvalidPolicy> {
        if !factor.is_finite() || factor < 1.0 {
            return Err(InvalidPolicy::Factor(factor));
        }
        let doubling = Exponential::new(self.base);
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
        self.span(context).map(Duration::from)
    }

    #[inline]
    fn span(&self, context: &mut Context<'_>) -> Option<Span> {
        let exponent = context.attempt().saturating_sub(1);
        Some(if exponent < self.shifts {
            Span::Nanos(self.nanos << exponent)
        } else {
            grown(self.base, self.factor, exponent).into()
        })
    }
}

/// `base · factor^exponent`, saturating.
#[cold]
fn grown(base: Duration, factor: f64, exponent: u32) -> Duration {
    let factor = Scale::of(factor);
    match factor.whole() {
        Some(whole) => multiplied(base, whole, exponent),
        None => factor.power(exponent).of_duration(base),
    }
}

/// The same by a whole number, to the nanosecond however long it is.
fn multiplied(base: Duration, factor: u32, exponent: u32) -> Duration {
    let mut nanos = base.as_nanos();
    // What grows at least doubles, and is past every duration by then. Before that there is room for a factor of 32 bits.
    for _ in 0..exponent.min(94) {
        nanos *= u128::from(factor);
        if nanos >> 94 != 0 {
            return Duration::MAX;
        }
    }
    from_nanos(nanos)
}
