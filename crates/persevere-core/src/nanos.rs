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

/// The nanoseconds of a time on a clock, which stands still from the last second that 64 bits have no room for: unlike a
/// limit, it need not be exact there, and this is the cheapest.
#[inline]
#[must_use]
pub const fn clock_nanos(time: Duration) -> u64 {
    match nanos(time) {
        Some(nanos) => nanos,
        None => u64::MAX,
    }
}
