//! Whether the thread unwinds, for permits that a panic drops.

/// Whether this thread unwinds by a panic; always `false` without the feature `std`. No part of the API.
#[doc(hidden)]
#[inline]
#[must_use]
pub fn panicking() -> bool {
    #[cfg(feature = "std")]
    return std::thread::panicking();
    #[cfg(not(feature = "std"))]
    false
}
