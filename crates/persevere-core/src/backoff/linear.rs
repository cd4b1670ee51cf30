//! Delays that grow by the same step.

use super::{Backoff, Context};
use crate::time::nanos;
use core::fmt;
use core::time::Duration;

/// `step`, twice the step, three times the step, …; made by [`Policy::linear`](crate::Policy::linear).
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Linear {
    step: u64,
}

impl Linear {
    /// Starts at `step` and grows by it.
    #[must_use]
    pub const fn new(step: Duration) -> Linear {
        Linear { step: nanos(step) }
    }
}

impl Backoff for Linear {
    #[inline]
    fn delay(&self, context: &mut Context<'_>) -> Option<Duration> {
        self.nanos(context).map(Duration::from_nanos)
    }

    fn steady_from(&self, cap: u64) -> u32 {
        match cap.checked_div(self.step) {
            Some(steps) => u32::try_from(steps).map_or(u32::MAX, |steps| steps.saturating_add(1)),
            None => 1,
        }
    }

    #[inline]
    fn nanos(&self, context: &mut Context<'_>) -> Option<u64> {
        Some(self.step.saturating_mul(u64::from(context.attempt())))
    }
}

impl fmt::Debug for Linear {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Linear").field(&Duration::from_nanos(self.step)).finish()
    }
}
