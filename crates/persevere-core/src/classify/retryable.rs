//! Errors that classify themselves.

use super::{Classifier, Verdict};

/// An error that knows what should be done about it. [`ByError`] is the classifier that asks it.
///
/// ```
/// use persevere::{Policy, Retryable, StopReason, ThreadSleeper, Verdict, classify::ByError};
///
/// #[derive(Debug)]
/// enum StoreError { Busy, Corrupt }
///
/// impl Retryable for StoreError {
///     fn verdict(&self) -> Verdict {
///         match self {
///             StoreError::Busy => Verdict::Retry,
///             StoreError::Corrupt => Verdict::Stop,
///         }
///     }
/// }
/// let policy = Policy::default().classify(ByError);
/// let error = policy.on(ThreadSleeper).run_blocking(|| Err::<(), _>(StoreError::Corrupt)).unwrap_err();
/// assert_eq!((error.reason(), error.attempts()), (StopReason::Permanent, 1));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say whether it is worth retrying",
    note = "implement `Retryable` for it, or use `retry_if`, `classify_with` or `classify` with another classifier than `ByError`"
)]
pub trait Retryable {
    /// What to do about this error.
    fn verdict(&self) -> Verdict;
}

impl<E: Retryable + ?Sized> Retryable for &E {
    fn verdict(&self) -> Verdict {
        (**self).verdict()
    }
}

#[cfg(feature = "alloc")]
impl<E: Retryable + ?Sized> Retryable for alloc::boxed::Box<E> {
    fn verdict(&self) -> Verdict {
        (**self).verdict()
    }
}

#[cfg(feature = "alloc")]
impl<E: Retryable + ?Sized> Retryable for alloc::sync::Arc<E> {
    fn verdict(&self) -> Verdict {
        (**self).verdict()
    }
}

/// Lets errors classify themselves: see [`Retryable`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ByError;

impl<E: Retryable + ?Sized> Classifier<E> for ByError {
    #[inline]
    fn classify(&self, error: &E) -> Verdict {
        error.verdict()
    }
}
