//! Errors that classify themselves.

use super::{Classifier, Verdict};

/// An error that returns its own verdict. [`ByError`] is the classifier that uses it.
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
    note = "derive `Retryable` for it (feature `macros`) or implement it, or use `retry_if`, `classify_with` or `classify` with another classifier than `ByError`"
)]
pub trait Retryable {
    /// Returns the verdict on this error.
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

/// A run that has given up is not retried by a run around it, so that retries do not multiply. Three layers of four
/// attempts would make 64 calls.
impl<E> Retryable for crate::RetryError<E> {
    fn verdict(&self) -> Verdict {
        Verdict::Stop
    }
}

/// By [`kind`](std::io::Error::kind):
///
/// | kinds | verdict | because |
/// |---|---|---|
/// | `ConnectionRefused`, `HostUnreachable`, `NetworkUnreachable`, `NetworkDown` | retry | the peer or the way to it may come back |
/// | `ConnectionReset`, `ConnectionAborted`, `BrokenPipe`, `NotConnected`, `UnexpectedEof` | retry | the connection is gone, another may hold |
/// | `TimedOut`, `WouldBlock`, `Interrupted` | retry | only the time was wrong |
/// | `ResourceBusy`, `ExecutableFileBusy`, `AddrInUse`, `Deadlock`, `StaleNetworkFileHandle` | retry | somebody else holds the resource |
/// | all others | stop | the same call fails in the same way |
///
/// An `io::Error` that wraps a [`RetryError`](crate::RetryError) stops, as the `RetryError` does.
#[cfg(feature = "std")]
impl Retryable for std::io::Error {
    fn verdict(&self) -> Verdict {
        use std::io::ErrorKind;
        if self
            .get_ref()
            .is_some_and(|inner| inner.is::<crate::RetryError<std::io::Error>>())
        {
            return Verdict::Stop;
        }
        match self.kind() {
            ErrorKind::ConnectionRefused
            | ErrorKind::HostUnreachable
            | ErrorKind::NetworkUnreachable
            | ErrorKind::NetworkDown
            | ErrorKind::ConnectionReset
            | ErrorKind::ConnectionAborted
            | ErrorKind::BrokenPipe
            | ErrorKind::NotConnected
            | ErrorKind::UnexpectedEof
            | ErrorKind::TimedOut
            | ErrorKind::WouldBlock
            | ErrorKind::Interrupted
            | ErrorKind::ResourceBusy
            | ErrorKind::ExecutableFileBusy
            | ErrorKind::AddrInUse
            | ErrorKind::Deadlock
            | ErrorKind::StaleNetworkFileHandle => Verdict::Retry,
            _ => Verdict::Stop,
        }
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
