//! Panics in destructors, for permits. No part of the API.

/// Whether this thread unwinds by a panic; always `false` without the feature `std`.
#[doc(hidden)]
#[inline]
#[must_use]
pub fn panicking() -> bool {
    #[cfg(feature = "std")]
    return std::thread::panicking();
    #[cfg(not(feature = "std"))]
    false
}

/// Runs code that may panic in a destructor. While the thread unwinds, a second panic would abort the process, so it is
/// dropped, and `None` returned. Without the feature `std` a panic does not unwind.
#[doc(hidden)]
pub fn contain<R>(code: impl FnOnce() -> R) -> Option<R> {
    #[cfg(feature = "std")]
    if panicking() {
        use std::panic::{AssertUnwindSafe, catch_unwind};
        // Whatever the panic leaves is dropped with the call that unwinds.
        return catch_unwind(AssertUnwindSafe(code)).map_err(core::mem::forget).ok();
    }
    Some(code())
}
