//! Random delays that depend on the one before.

use super::{Backoff, Context};
use core::ops::RangeInclusive;
use core::time::Duration;

/// `U(base, max(base, min(cap, 3·previous)))`: random, at least the base, growing on average; made by
/// [`Policy::decorrelated`](crate::Policy::decorrelated).
///
/// The formula is that of <https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/> with the cap
/// on the bound instead of on the draw: cut off after the draw, 40 % of the delays would be exactly the cap and
/// spread nothing. It is its own jitter, so its policies have none unless it is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decorrelated {
    base: Duration,
}

impl Decorrelated {
    /// Never below `base`, unless the policy's cap is.
    #[must_use]
    pub const fn new(base: Duration) -> Decorrelated {
        Decorrelated { base }
    }

    fn bounds(&self, context: &Context<'_>) -> RangeInclusive<Duration> {
        let previous = context.previous().unwrap_or(self.base);
        self.base..=self.base.max(context.max_delay().min(previous.saturating_mul(3)))
    }
}

impl Backoff for Decorrelated {
    fn delay(&self, context: &mut Context<'_>) -> Option<Duration> {
        let bounds = self.bounds(context);
        Some(context.random().between(*bounds.start(), *bounds.end()))
    }

    fn range(&self, context: &mut Context<'_>) -> Option<RangeInclusive<Duration>> {
        Some(self.bounds(context))
    }
}
