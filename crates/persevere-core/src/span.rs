//! A delay as the machine counts: in nanoseconds as far as 64 bits of them go.

use crate::limits::Limits;
use crate::nanos::{nanos, saturating_nanos};
use core::time::Duration;

/// A delay: in nanoseconds, or past 584 years.
#[derive(Debug, Clone, Copy)]
pub enum Span {
    /// What 64 bits hold.
    Nanos(u64),
    /// What they do not.
    Ages(Duration),
}

impl From<Duration> for Span {
    #[inline(always)]
    fn from(duration: Duration) -> Span {
        match nanos(duration) {
            Some(nanos) => Span::Nanos(nanos),
            None => Span::Ages(duration),
        }
    }
}

impl From<Span> for Duration {
    #[inline(always)]
    fn from(span: Span) -> Duration {
        match span {
            Span::Nanos(nanos) => Duration::from_nanos(nanos),
            Span::Ages(duration) => duration,
        }
    }
}

impl Span {
    /// As much of it as 64 bits hold.
    #[inline(always)]
    pub(crate) fn nanos(self) -> u64 {
        match self {
            Span::Nanos(nanos) => nanos,
            Span::Ages(duration) => saturating_nanos(duration),
        }
    }

    /// At most the cap.
    #[inline(always)]
    pub(crate) fn capped(self, limits: &Limits) -> Span {
        match self {
            Span::Ages(duration) if limits.max_nanos == u64::MAX => Span::Ages(duration.min(limits.max_delay)),
            span => Span::Nanos(span.nanos().min(limits.max_nanos)),
        }
    }
}
