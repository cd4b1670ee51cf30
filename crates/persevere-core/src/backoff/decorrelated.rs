//! Random delays that depend on the previous one.

use super::{Backoff, Context};
use crate::time::nanos;
use core::fmt;
use core::ops::RangeInclusive;
use core::time::Duration;

/// `U(base, max(base, min(cap, factor·previous)))`: random, at least the base, growing on average; made by
/// [`Policy::decorrelated`](crate::Policy::decorrelated). The factor is 3 by default.
///
/// The formula is from <https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/>, with the cap on the
/// bound and not on the draw. Clamped after the draw, 40 % of the delays would be exactly the cap and would not be
/// spread. The curve is random by itself, so its policies have no jitter by default.
///
/// ```
/// use persevere::{Policy, backoff::Decorrelated};
/// use std::time::Duration;
///
/// let curve = Decorrelated::new(Duration::from_millis(100)).factor(2).first_fixed();
/// let delays: Vec<_> = Policy::new(curve).max_attempts(3).delays().collect();
/// assert_eq!(delays[0], Duration::from_millis(100));
/// assert!(delays[1] >= Duration::from_millis(100) && delays[1] <= Duration::from_millis(200));
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Decorrelated {
    base: u64,
    factor: u32,
    first_fixed: bool,
}

impl Decorrelated {
    /// Never below `base`, unless the policy's cap is.
    #[must_use]
    pub const fn new(base: Duration) -> Decorrelated {
        Decorrelated {
            base: nanos(base),
            factor: 3,
            first_fixed: false,
        }
    }

    /// Bounds each delay by this many times the previous one; 0 and 1 mean that every delay is the base.
    #[must_use]
    pub const fn factor(mut self, factor: u32) -> Decorrelated {
        self.factor = factor;
        self
    }

    /// Makes the first delay the base, and draws from the second on.
    #[must_use]
    pub const fn first_fixed(mut self) -> Decorrelated {
        self.first_fixed = true;
        self
    }

    fn bounds(&self, context: &Context<'_>) -> (u64, u64) {
        let longest = match context.previous {
            None if self.first_fixed => self.base,
            previous => previous.unwrap_or(self.base).saturating_mul(u64::from(self.factor)),
        };
        (self.base, self.base.max(context.max_delay.min(longest)))
    }
}

impl Backoff for Decorrelated {
    fn delay(&self, context: &mut Context<'_>) -> Option<Duration> {
        self.nanos(context).map(Duration::from_nanos)
    }

    fn steady_from(&self, _: u64) -> u32 {
        // The longest bound at least doubles until it is at the cap, unless it is the base for good.
        if self.factor < 2 { 2 } else { 66 }
    }

    fn nanos(&self, context: &mut Context<'_>) -> Option<u64> {
        let (shortest, longest) = self.bounds(context);
        Some(context.random().within(shortest, longest))
    }

    fn range(&self, context: &mut Context<'_>) -> Option<RangeInclusive<Duration>> {
        let (shortest, longest) = self.bounds(context);
        Some(Duration::from_nanos(shortest)..=Duration::from_nanos(longest))
    }
}

impl fmt::Debug for Decorrelated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decorrelated")
            .field("base", &Duration::from_nanos(self.base))
            .field("factor", &self.factor)
            .field("first_fixed", &self.first_fixed)
            .finish()
    }
}
