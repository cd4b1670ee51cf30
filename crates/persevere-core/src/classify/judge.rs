//! The input of a policy's classifier: errors, or whole results.

use super::{Classifier, Verdict};

/// Every error is worth another attempt: the classifier of a new [`Policy`](crate::Policy).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AnyError;

impl<E: ?Sized> Classifier<E> for AnyError {
    #[inline]
    fn classify(&self, _: &E) -> Verdict {
        Verdict::Retry
    }
}

/// Marks a policy or breaker whose classifier looks at errors: an `Ok` is accepted, an `Err` is classified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Errors {}

/// Marks a policy or breaker whose classifier looks at whole results, `Ok` and `Err`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcomes {}

/// Turns a classifier into a judge of results: implemented by [`Errors`] and [`Outcomes`] for the classifier `C` and
/// `Result<T, E>`. Sealed: implement [`Classifier`].
pub trait Judge<C, T, E>: sealed::Sealed {
    /// Whether every `Ok` is accepted without a look at it.
    #[doc(hidden)]
    const ACCEPTS_OK: bool;

    /// Judges an outcome.
    fn judge(classifier: &C, outcome: &Result<T, E>) -> Verdict;
}

impl<C: Classifier<E>, T, E> Judge<C, T, E> for Errors {
    const ACCEPTS_OK: bool = true;

    #[inline]
    fn judge(classifier: &C, outcome: &Result<T, E>) -> Verdict {
        match outcome {
            Ok(_) => Verdict::Accept,
            Err(error) => classifier.classify(error),
        }
    }
}

impl<C: Classifier<Result<T, E>>, T, E> Judge<C, T, E> for Outcomes {
    const ACCEPTS_OK: bool = false;

    #[inline]
    fn judge(classifier: &C, outcome: &Result<T, E>) -> Verdict {
        classifier.classify(outcome)
    }
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::Errors {}
    impl Sealed for super::Outcomes {}
}
