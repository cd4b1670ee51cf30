//! A policy for each curve.

use super::Policy;
use crate::backoff::{Decorrelated, Exponential, Fibonacci, Fixed, Linear, Schedule};
use crate::error::InvalidPolicy;
use crate::jitter::Jitter;
use core::time::Duration;

impl Policy {
    /// Exponential from 100 ms, capped at 5 s, 3 attempts, full jitter, every error retried: the value of
    /// [`default`](Policy::default), for a `const` or `static`.
    pub const DEFAULT: Policy = Policy::exponential(Duration::from_millis(100)).max_delay(Duration::from_secs(5));
}

impl Default for Policy {
    /// [`Policy::DEFAULT`].
    fn default() -> Policy {
        Policy::DEFAULT
    }
}

impl Policy<Exponential> {
    /// Delays that double from `base`, with full jitter; for another factor, [`factor`](Policy::factor).
    pub const fn exponential(base: Duration) -> Self {
        Policy::new(Exponential::new(base)).jitter(Jitter::Full)
    }
}

impl<C, On> Policy<Exponential, C, On> {
    /// Grows by `factor` instead of 2.
    ///
    /// ```
    /// use persevere::{Jitter, Policy};
    /// use std::time::Duration;
    ///
    /// let policy = Policy::exponential(Duration::from_millis(100)).factor(1.5).jitter(Jitter::None).max_attempts(4);
    /// let delays: Vec<_> = policy.delays().collect();
    /// assert_eq!(delays, [100, 150, 225].map(Duration::from_millis));
    /// ```
    ///
    /// # Panics
    ///
    /// If `factor` is not a finite number of at least 1, which in a `const` or `static` is a compile error.
    /// [`try_factor`](Policy::try_factor) returns the error instead.
    pub const fn factor(mut self, factor: f64) -> Self {
        self.backoff = self.backoff.factor(factor);
        self
    }

    /// [`factor`](Policy::factor) for a number that is not a constant, such as a number from a configuration.
    ///
    /// # Errors
    ///
    /// [`InvalidPolicy::Factor`] if `factor` is not a finite number of at least 1.
    pub fn try_factor(mut self, factor: f64) -> Result<Self, InvalidPolicy> {
        self.backoff = self.backoff.try_factor(factor)?;
        Ok(self)
    }
}

impl Policy<Linear> {
    /// Delays that grow by `step`, with full jitter.
    pub const fn linear(step: Duration) -> Self {
        Policy::new(Linear::new(step)).jitter(Jitter::Full)
    }
}

impl Policy<Fibonacci> {
    /// Delays that grow like the Fibonacci numbers, from `base`, with full jitter.
    pub const fn fibonacci(base: Duration) -> Self {
        Policy::new(Fibonacci::new(base)).jitter(Jitter::Full)
    }
}

impl Policy<Fixed> {
    /// The same `delay` every time, without jitter.
    pub const fn fixed(delay: Duration) -> Self {
        Policy::new(Fixed::new(delay))
    }
}

impl Policy<Decorrelated> {
    /// Random delays of at least `base`, each up to three times the one before: see [`Decorrelated`].
    pub const fn decorrelated(base: Duration) -> Self {
        Policy::new(Decorrelated::new(base))
    }
}

impl<D: AsRef<[Duration]>> Policy<Schedule<D>> {
    /// The given delays in order, without jitter, and as many attempts as they allow: one more than there are
    /// delays. For a schedule that repeats its last delay, [`new`](Policy::new) with [`Schedule::repeat_last`].
    pub const fn schedule(delays: D) -> Self {
        Policy::new(Schedule::new(delays)).unlimited_attempts()
    }
}
