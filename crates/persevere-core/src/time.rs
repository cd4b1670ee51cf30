//! The one conversion between [`Duration`] and 64-bit nanoseconds.

use core::time::Duration;

/// The nanoseconds of `duration`, saturating at `u64::MAX`, 584 years.
#[inline]
#[must_use]
pub const fn nanos(duration: Duration) -> u64 {
    let nanos = duration.as_secs().saturating_mul(1_000_000_000);
    nanos.saturating_add(duration.subsec_nanos() as u64)
}

/// [`nanos`] of a limit that may be absent.
#[inline]
pub(crate) const fn optional(nanos: Option<u64>) -> Option<Duration> {
    match nanos {
        Some(nanos) => Some(Duration::from_nanos(nanos)),
        None => None,
    }
}
