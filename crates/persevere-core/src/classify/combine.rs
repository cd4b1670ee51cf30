//! Classifiers from predicates and closures, and from other classifiers.

use super::{Classifier, Verdict};

/// Retries what `predicate` holds for, stops at everything else.
#[inline]
#[must_use]
pub const fn when<O: ?Sized, P: Fn(&O) -> bool>(predicate: P) -> When<P> {
    When(predicate)
}

/// Turns a classifier round: stops where `classifier` would retry, retries where it would stop. What it accepts
/// stays accepted.
#[inline]
#[must_use]
pub const fn not<C>(classifier: C) -> Not<C> {
    Not(classifier)
}

/// A classifier from a closure that returns a [`Verdict`].
///
/// ```
/// use persevere::{Classifier, Verdict, classify};
///
/// let even = classify::from_fn(|n: &u32| if n % 2 == 0 { Verdict::Retry } else { Verdict::Stop });
/// assert_eq!(even.classify(&4), Verdict::Retry);
/// ```
#[inline]
#[must_use]
pub const fn from_fn<O: ?Sized, F: Fn(&O) -> Verdict>(f: F) -> FromFn<F> {
    FromFn(f)
}

/// A predicate as a classifier; made by [`when`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct When<P>(P);

impl<O: ?Sized, P: Fn(&O) -> bool> Classifier<O> for When<P> {
    #[inline]
    fn classify(&self, outcome: &O) -> Verdict {
        if (self.0)(outcome) {
            Verdict::Retry
        } else {
            Verdict::Stop
        }
    }
}

/// A closure as a classifier; made by [`from_fn`].
#[derive(Clone, Copy)]
pub struct FromFn<F>(F);

impl<F> core::fmt::Debug for FromFn<F> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("FromFn")
    }
}

impl<O: ?Sized, F: Fn(&O) -> Verdict> Classifier<O> for FromFn<F> {
    #[inline]
    fn classify(&self, outcome: &O) -> Verdict {
        (self.0)(outcome)
    }
}

/// Either of two; made by [`Classifier::or`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Or<A, B>(pub(super) A, pub(super) B);

impl<O: ?Sized, A: Classifier<O>, B: Classifier<O>> Classifier<O> for Or<A, B> {
    #[inline]
    fn classify(&self, outcome: &O) -> Verdict {
        let first = self.0.classify(outcome);
        if first.is_retry() {
            first
        } else {
            self.1.classify(outcome)
        }
    }
}

/// Both of two; made by [`Classifier::and`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct And<A, B>(pub(super) A, pub(super) B);

impl<O: ?Sized, A: Classifier<O>, B: Classifier<O>> Classifier<O> for And<A, B> {
    #[inline]
    fn classify(&self, outcome: &O) -> Verdict {
        let first = self.0.classify(outcome);
        if !first.is_retry() {
            return first;
        }
        match (first, self.1.classify(outcome)) {
            (Verdict::RetryAfter(one), Verdict::RetryAfter(two)) => Verdict::RetryAfter(one.max(two)),
            (first, Verdict::Retry) => first,
            (_, second) => second,
        }
    }
}

/// The opposite of a classifier; made by [`not`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Not<C>(C);

impl<O: ?Sized, C: Classifier<O>> Classifier<O> for Not<C> {
    #[inline]
    fn classify(&self, outcome: &O) -> Verdict {
        match self.0.classify(outcome) {
            Verdict::Retry | Verdict::RetryAfter(_) | Verdict::RetryAs(_) => Verdict::Stop,
            Verdict::Stop => Verdict::Retry,
            other => other,
        }
    }
}
