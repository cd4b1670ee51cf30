//! Time as 64 bits of nanoseconds, 584 years of them.

use core::time::Duration;

/// The nanoseconds of `duration`, or as many as fit.
#[inline]
pub(crate) const fn saturating_nanos(duration: Duration) -> u64 {
    let nanos = duration.as_secs().saturating_mul(1_000_000_000);
    nanos.saturating_add(duration.subsec_nanos() as u64)
}
