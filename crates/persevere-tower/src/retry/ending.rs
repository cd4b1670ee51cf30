//! The result of a call whose run has ended.

use persevere_core::RetryError;

/// The form of a call's result. Sealed: [`Bare`] or [`Explained`].
pub trait Ending<T, E>: sealed::Sealed {
    /// The error type of the service.
    type Error;

    /// Whether a call cannot end without an outcome, so that its first attempt is always made to its end.
    #[doc(hidden)]
    const NEEDS_OUTCOME: bool;

    /// The output of a run that ended with this last outcome.
    #[doc(hidden)]
    fn end(last: Option<Result<T, E>>, error: impl FnOnce(Option<E>) -> RetryError<E>) -> Result<T, Self::Error>;

    /// The error of a service that failed to get ready before a call.
    #[doc(hidden)]
    fn unready(error: E) -> Self::Error;
}

/// The last outcome as it is: the default.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bare {}

impl<T, E> Ending<T, E> for Bare {
    type Error = E;
    const NEEDS_OUTCOME: bool = true;

    fn end(last: Option<Result<T, E>>, _: impl FnOnce(Option<E>) -> RetryError<E>) -> Result<T, E> {
        last.expect("the first attempt of a call is made to its end")
    }

    fn unready(error: E) -> E {
        error
    }
}

/// A response, or a [`RetryError`]: see [`RetryLayer::explained`](crate::RetryLayer::explained).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Explained {}

impl<T, E> Ending<T, E> for Explained {
    type Error = RetryError<E>;
    const NEEDS_OUTCOME: bool = false;

    fn end(last: Option<Result<T, E>>, error: impl FnOnce(Option<E>) -> RetryError<E>) -> Result<T, RetryError<E>> {
        match last {
            Some(Ok(response)) => Ok(response),
            Some(Err(last)) => Err(error(Some(last))),
            None => Err(error(None)),
        }
    }

    fn unready(error: E) -> RetryError<E> {
        RetryError::permanent(error)
    }
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::Bare {}
    impl Sealed for super::Explained {}
}
