//! Time as 64 bits of nanoseconds, 584 years of them.

use core::time::Duration;

/// The nanoseconds of `duration`, or as many as fit.
#[inline]
pub(crate) const fn saturating_nanos(duration: Duration) -> u64 {
    // A product and a sum that cannot wrap, for all but the last second: seconds below this leave room for the fraction.
    if duration.as_secs() < u64::MAX / 1_000_000_000 {
        duration.as_secs() * 1_000_000_000 + duration.subsec_nanos() as u64
    } else {
        let nanos = duration.as_secs().saturating_mul(1_000_000_000);
        nanos.saturating_add(duration.subsec_nanos() as u64)
    }
}
