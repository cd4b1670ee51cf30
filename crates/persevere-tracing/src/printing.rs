//! How errors are printed.

use core::fmt;
use persevere_core::Failure;

/// How a [`Trace`](crate::Trace) prints errors of type `E`. Sealed: by [`ByDisplay`], [`ByDebug`] or [`ByKind`].
#[diagnostic::on_unimplemented(
    message = "`Trace` does not print errors of type `{E}`",
    note = "`Trace` needs `Display`; `.by_debug()` needs `Debug`, and `.by_kind()` prints no error at all"
)]
pub trait Print<E>: sealed::Sealed {
    /// The error as the value of a field; `None` if it is not printed.
    #[doc(hidden)]
    fn print(error: &E) -> Option<impl fmt::Display>;
}

mod sealed {
    pub trait Sealed {}

    impl Sealed for super::ByDisplay {}
    impl Sealed for super::ByDebug {}
    impl Sealed for super::ByKind {}
}

/// Errors are printed by `Display`.
#[derive(Debug, Clone, Copy)]
pub struct ByDisplay;

/// Errors are printed by `Debug`; made by [`Trace::by_debug`](crate::Trace::by_debug).
#[derive(Debug, Clone, Copy)]
pub struct ByDebug;

/// Errors are not printed; made by [`Trace::by_kind`](crate::Trace::by_kind).
#[derive(Debug, Clone, Copy)]
pub struct ByKind;

impl<E: fmt::Display> Print<E> for ByDisplay {
    #[inline]
    fn print(error: &E) -> Option<impl fmt::Display> {
        Some(error)
    }
}

impl<E: fmt::Debug> Print<E> for ByDebug {
    #[inline]
    fn print(error: &E) -> Option<impl fmt::Display> {
        Some(Debugged(error))
    }
}

impl<E> Print<E> for ByKind {
    #[inline]
    fn print(_: &E) -> Option<impl fmt::Display> {
        None::<&str>
    }
}

struct Debugged<'a, E>(&'a E);

impl<E: fmt::Debug> fmt::Display for Debugged<'_, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The end of a message: `: `, and how the last attempt failed.
pub(crate) struct Cause<'a, D>(pub(crate) Option<&'a D>, pub(crate) Option<&'static str>);

impl<'a, D> Cause<'a, D> {
    pub(crate) fn new<E>(error: Option<&'a D>, failure: Option<Failure<'_, E>>) -> Self {
        let without_error = failure.and_then(|failure| match failure {
            Failure::Error(_) => None,
            Failure::Unaccepted { .. } => Some("the result was not accepted"),
            Failure::TimedOut { .. } => Some("the attempt timed out"),
            Failure::Rejected { .. } => Some("rejected by the circuit breaker"),
            _ => Some("the attempt failed"),
        });
        Cause(error, without_error)
    }
}

impl<D: fmt::Display> fmt::Display for Cause<'_, D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Cause(Some(error), _) => write!(f, ": {error}"),
            Cause(None, Some(text)) => write!(f, ": {text}"),
            Cause(None, None) => Ok(()),
        }
    }
}
