//! Code supplied by the caller in a destructor.

/// Runs code that may panic in a destructor. While the thread unwinds, a second panic would abort the process, so it is
/// dropped, and `None` returned.
#[cfg(feature = "std")]
pub(crate) fn contain<R>(code: impl FnOnce() -> R) -> Option<R> {
    use std::panic::{AssertUnwindSafe, catch_unwind};
    if !std::thread::panicking() {
        return Some(code());
    }
    // Whatever the panic leaves is dropped with the call that unwinds.
    catch_unwind(AssertUnwindSafe(code)).map_err(core::mem::forget).ok()
}

/// Without std a panic does not unwind.
#[cfg(not(feature = "std"))]
pub(crate) fn contain<R>(code: impl FnOnce() -> R) -> Option<R> {
    Some(code())
}
