//! Whether a panic unwinds, for what is dropped by it.

/// Whether this thread unwinds by a panic. Always `false` without the feature `std`.
#[inline]
#[must_use]
pub fn panicking() -> bool {
    #[cfg(feature = "std")]
    return std::thread::panicking();
    #[cfg(not(feature = "std"))]
    false
}
