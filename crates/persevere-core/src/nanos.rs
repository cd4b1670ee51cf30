//! Durations as 64 bits of nanoseconds, 584 years of them.

use core::time::Duration;

/// The nanoseconds of `duration`, if its seconds leave room for the fraction, whatever it is.
#[inline]
pub(crate) const fn nanos(duration: Duration) -> Option<u64> {
    if duration.as_secs() < u64::MAX / 1_000_000_000 {
        Some(duration.as_secs() * 1_000_000_000 + duration.subsec_nanos() as u64)
    } else {
        None
    }
}

/// The nanoseconds of `duration`, or as many as fit.
#[inline]
pub(crate) const fn saturating_nanos(duration: Duration) -> u64 {
    let nanos = duration.as_secs().saturating_mul(1_000_000_000);
    nanos.saturating_add(duration.subsec_nanos() as u64)
}
