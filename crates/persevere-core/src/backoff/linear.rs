//! Delays that grow by the same step.

use super::{Backoff, Context};
use core::time::Duration;

/// `step`, twice the step, three times the step, …; made by [`Policy::linear`](crate::Policy::linear).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Linear {
    step: Duration,
}

impl Linear {
    /// Starts at `step` and grows by it.
    #[must_use]
    pub const fn new(step: Duration) -> Linear {
        Linear { step }
    }
}

impl Backoff for Linear {
    #[inline]
    fn delay(&self, context: &mut Context<'_>) -> Option<Duration> {
        Some(self.step.saturating_mul(context.attempt()))
    }
}
