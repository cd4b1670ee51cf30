//! The same delay every time.

use super::{Backoff, Context};
use core::time::Duration;

/// The same delay after every failure; made by [`Policy::fixed`](crate::Policy::fixed).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fixed {
    delay: Duration,
}

impl Fixed {
    /// Always `delay`.
    #[must_use]
    pub const fn new(delay: Duration) -> Fixed {
        Fixed { delay }
    }
}

impl Backoff for Fixed {
    #[inline]
    fn delay(&self, _: &mut Context<'_>) -> Option<Duration> {
        Some(self.delay)
    }
}
