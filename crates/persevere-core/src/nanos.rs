//! Durations as 64 bits of nanoseconds, 584 years of them.

use core::time::Duration;

/// The nanoseconds of `duration`, if they fit.
#[inline]
pub(crate) const fn nanos(duration: Duration) -> Option<u64> {
    match duration.as_secs().checked_mul(1_000_000_000) {
        Some(nanos) => nanos.checked_add(duration.subsec_nanos() as u64),
        None => None,
    }
}

/// The nanoseconds of `duration`, or as many as fit.
#[inline]
pub(crate) const fn saturating_nanos(duration: Duration) -> u64 {
    match nanos(duration) {
        Some(nanos) => nanos,
        None => u64::MAX,
    }
}
