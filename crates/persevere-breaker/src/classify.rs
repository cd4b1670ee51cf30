//! The classifiers of [`Builder::failure_if`](crate::Builder::failure_if) and
//! [`Builder::ignore_if`](crate::Builder::ignore_if). You need not name them, except in the type of a `static`.

use core::fmt;
use persevere_core::{Classifier, Verdict};

/// Counts the errors for which a predicate holds as failures, and all others as successes; set by
/// [`Builder::failure_if`](crate::Builder::failure_if).
#[derive(Clone, Copy)]
pub struct FailureIf<F>(pub(crate) F);

impl<E: ?Sized, F: Fn(&E) -> bool> Classifier<E> for FailureIf<F> {
    #[inline]
    fn classify(&self, error: &E) -> Verdict {
        if (self.0)(error) {
            Verdict::Retry
        } else {
            Verdict::Accept
        }
    }
}

/// Ignores the errors for which a predicate holds, and leaves the others to the classifier `C`; set by
/// [`Builder::ignore_if`](crate::Builder::ignore_if).
#[derive(Clone, Copy)]
pub struct IgnoreIf<F, C> {
    pub(crate) predicate: F,
    pub(crate) others: C,
}

impl<E: ?Sized, F: Fn(&E) -> bool, C: Classifier<E>> Classifier<E> for IgnoreIf<F, C> {
    #[inline]
    fn classify(&self, error: &E) -> Verdict {
        if (self.predicate)(error) {
            Verdict::Stop
        } else {
            self.others.classify(error)
        }
    }
}

// Not derived: a closure is not `Debug`.
impl<F> fmt::Debug for FailureIf<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FailureIf").finish_non_exhaustive()
    }
}

impl<F, C: fmt::Debug> fmt::Debug for IgnoreIf<F, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IgnoreIf")
            .field("others", &self.others)
            .finish_non_exhaustive()
    }
}
