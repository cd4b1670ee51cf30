//! What stands in a policy as its classifier, and judges whole outcomes.

use persevere_core::classify::AnyError;
use persevere_core::{Classifier, Verdict};

/// A classifier of errors, for [`Policy::from_parts`](persevere_core::Policy::from_parts).
#[inline]
#[must_use]
pub const fn on_error<C>(classifier: C) -> OnError<C> {
    OnError(classifier)
}

/// A classifier of whole outcomes, for [`Policy::from_parts`](persevere_core::Policy::from_parts).
#[inline]
#[must_use]
pub const fn on_outcome<C>(classifier: C) -> OnOutcome<C> {
    OnOutcome(classifier)
}

/// A classifier of errors in its place within a [`Policy`](persevere_core::Policy): an `Ok` is accepted, an `Err` is
/// classified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OnError<C>(pub C);

impl<E: ?Sized, C: Classifier<E>> Classifier<E> for OnError<C> {
    #[inline]
    fn classify(&self, error: &E) -> Verdict {
        self.0.classify(error)
    }
}

/// A classifier of whole outcomes in its place within a [`Policy`](persevere_core::Policy): it sees `Ok` and `Err`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OnOutcome<C>(pub C);

/// What stands in a [`Policy`](persevere_core::Policy) as its classifier: [`AnyError`], [`OnError`] or [`OnOutcome`]. It
/// makes a verdict of a whole `Result`. Sealed: implement [`Classifier`].
#[diagnostic::on_unimplemented(
    message = "the classifier of this policy, `{Self}`, does not judge `Result<{T}, {E}>`",
    label = "the operation fails with `{E}`, which the policy's classifier does not know",
    note = "`retry_if`, `classify_with` and `classify` set a classifier for another type of error; `classify_outcome` one for the whole `Result`"
)]
pub trait Judge<T, E>: sealed::Sealed {
    /// Whether it accepts every `Ok` without looking at it.
    #[doc(hidden)]
    const ACCEPTS_OK: bool = true;

    /// What to do about `outcome`.
    fn judge(&self, outcome: &Result<T, E>) -> Verdict;
}

impl<T, E> Judge<T, E> for AnyError {
    #[inline]
    fn judge(&self, outcome: &Result<T, E>) -> Verdict {
        if outcome.is_ok() {
            Verdict::Accept
        } else {
            Verdict::Retry
        }
    }
}

impl<T, E, C: Classifier<E>> Judge<T, E> for OnError<C> {
    #[inline]
    fn judge(&self, outcome: &Result<T, E>) -> Verdict {
        match outcome {
            Ok(_) => Verdict::Accept,
            Err(error) => self.0.classify(error),
        }
    }
}

impl<T, E, C: Classifier<Result<T, E>>> Judge<T, E> for OnOutcome<C> {
    const ACCEPTS_OK: bool = false;

    #[inline]
    fn judge(&self, outcome: &Result<T, E>) -> Verdict {
        self.0.classify(outcome)
    }
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::AnyError {}
    impl<C> Sealed for super::OnError<C> {}
    impl<C> Sealed for super::OnOutcome<C> {}
}
