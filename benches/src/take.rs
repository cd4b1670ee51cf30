//! Consumes the results of contestants.

use std::hint::black_box;

/// Takes the result of a run as callers do: the value or the error. A result that is passed on whole would be copied: a
/// contestant with a larger error would be charged for it where nothing has failed.
#[inline]
pub(crate) fn take<T, E>(result: Result<T, E>) {
    match result {
        Ok(value) => {
            black_box(value);
        }
        Err(error) => {
            black_box(error);
        }
    }
}
