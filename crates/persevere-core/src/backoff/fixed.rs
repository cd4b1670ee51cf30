//! The same delay every time.

use super::{Backoff, Context};
use crate::time::nanos;
use core::fmt;
use core::time::Duration;

/// The same delay after every failure; made by [`Policy::fixed`](crate::Policy::fixed).
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Fixed {
    delay: u64,
}

impl Fixed {
    /// Always `delay`.
    #[must_use]
    pub const fn new(delay: Duration) -> Fixed {
        Fixed { delay: nanos(delay) }
    }
}

impl Backoff for Fixed {
    #[inline]
    fn delay(&self, context: &mut Context<'_>) -> Option<Duration> {
        self.nanos(context).map(Duration::from_nanos)
    }

    fn steady_from(&self, _: u64) -> u32 {
        1
    }

    #[inline]
    fn nanos(&self, _: &mut Context<'_>) -> Option<u64> {
        Some(self.delay)
    }
}

impl fmt::Debug for Fixed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Fixed").field(&Duration::from_nanos(self.delay)).finish()
    }
}
