//! What is worth retrying: [`Classifier`], [`Verdict`], predicates and their composition.
//!
//! # For callers
//!
//! [`Policy::retry_if`](crate::Policy::retry_if) takes a predicate,
//! [`Policy::classify_with`](crate::Policy::classify_with) a closure that returns a [`Verdict`],
//! [`Policy::classify`](crate::Policy::classify) any [`Classifier`], and
//! [`Policy::classify_outcome`](crate::Policy::classify_outcome) a closure that sees the whole `Result`, so that an
//! `Ok` may be retried as well. Predicates compose:
//!
//! ```
//! use persevere::{Classifier, Policy, Verdict, classify::{not, when}};
//! use std::io::{Error, ErrorKind};
//!
//! fn is_timeout(error: &Error) -> bool { error.kind() == ErrorKind::TimedOut }
//! fn is_reset(error: &Error) -> bool { error.kind() == ErrorKind::ConnectionReset }
//! fn is_fatal(error: &Error) -> bool { error.to_string().contains("fatal") }
//!
//! let transient = when(is_timeout).or(when(is_reset)).and(not(when(is_fatal)));
//! assert_eq!(transient.classify(&ErrorKind::TimedOut.into()), Verdict::Retry);
//! assert_eq!(transient.classify(&ErrorKind::NotFound.into()), Verdict::Stop);
//! assert_eq!(transient.classify(&Error::other("fatal")), Verdict::Stop);
//!
//! let policy = Policy::default().classify(transient);
//! ```
//!
//! # For implementors
//!
//! A classifier looks at one outcome and says what to do. It must not sleep or count: attempts, delays and limits
//! are the policy's. It is asked exactly once for each attempt, and a [`Verdict::RetryAfter`] is bounded by the
//! policy whatever it says.

use core::time::Duration;

/// What a classifier says of one outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Verdict {
    /// The outcome is the answer. An accepted `Ok` ends the run with success; an accepted `Err` is handed back as
    /// [`StopReason::Permanent`](crate::StopReason::Permanent).
    Accept,
    /// Worth another attempt, after the delay that the policy computes.
    Retry,
    /// Worth another attempt after this long, because the operation or its server said so: see
    /// [`Policy::max_hint`](crate::Policy::max_hint) for the bound. A hint of zero means the computed delay.
    RetryAfter(Duration),
    /// Trying again will not help.
    Stop,
}

impl Verdict {
    /// Whether this asks for another attempt.
    ///
    /// ```
    /// use persevere::Verdict;
    /// assert!(Verdict::RetryAfter(std::time::Duration::ZERO).is_retry());
    /// assert!(!Verdict::Stop.is_retry());
    /// ```
    #[inline]
    #[must_use]
    pub const fn is_retry(self) -> bool {
        matches!(self, Verdict::Retry | Verdict::RetryAfter(_))
    }
}

/// Says what to do about an outcome `O`: mostly an error type, or a whole `Result` for
/// [`Policy::classify_outcome`](crate::Policy::classify_outcome).
///
/// ```
/// use persevere::{Classifier, Policy, Verdict};
/// use std::time::Duration;
///
/// enum ApiError { Throttled { retry_after: Duration }, Unavailable, NotFound }
///
/// struct Api;
/// impl Classifier<ApiError> for Api {
///     fn classify(&self, error: &ApiError) -> Verdict {
///         match error {
///             ApiError::Throttled { retry_after } => Verdict::RetryAfter(*retry_after),
///             ApiError::Unavailable => Verdict::Retry,
///             ApiError::NotFound => Verdict::Stop,
///         }
///     }
/// }
/// let policy = Policy::default().classify(Api);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not classify `{O}`",
    label = "this classifier is for another type of error",
    note = "a predicate or closure over `&{O}` becomes a classifier by `retry_if`, `classify_with`, `classify::when` or `classify::from_fn`"
)]
pub trait Classifier<O: ?Sized> {
    /// What to do about `outcome`.
    fn classify(&self, outcome: &O) -> Verdict;

    /// Retries where this or `other` would. `other` is asked only if this does not retry, and then its verdict stands.
    #[inline]
    fn or<C: Classifier<O>>(self, other: C) -> Or<Self, C>
    where
        Self: Sized,
    {
        Or(self, other)
    }

    /// Retries where both would, after the longer of their hints. `other` is asked only if this retries.
    #[inline]
    fn and<C: Classifier<O>>(self, other: C) -> And<Self, C>
    where
        Self: Sized,
    {
        And(self, other)
    }
}

impl<O: ?Sized, C: Classifier<O> + ?Sized> Classifier<O> for &C {
    #[inline]
    fn classify(&self, outcome: &O) -> Verdict {
        (**self).classify(outcome)
    }
}

#[cfg(feature = "alloc")]
impl<O: ?Sized, C: Classifier<O> + ?Sized> Classifier<O> for alloc::sync::Arc<C> {
    #[inline]
    fn classify(&self, outcome: &O) -> Verdict {
        (**self).classify(outcome)
    }
}

#[cfg(feature = "alloc")]
impl<O: ?Sized, C: Classifier<O> + ?Sized> Classifier<O> for alloc::boxed::Box<C> {
    #[inline]
    fn classify(&self, outcome: &O) -> Verdict {
        (**self).classify(outcome)
    }
}

/// Retries what `predicate` holds for, stops at everything else.
#[inline]
#[must_use]
pub const fn when<P>(predicate: P) -> When<P> {
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
pub const fn from_fn<F>(f: F) -> FromFn<F> {
    FromFn(f)
}

/// A classifier of errors, for [`Policy::from_parts`](crate::Policy::from_parts).
#[inline]
#[must_use]
pub const fn on_error<C>(classifier: C) -> OnError<C> {
    OnError(classifier)
}

/// A classifier of whole outcomes, for [`Policy::from_parts`](crate::Policy::from_parts).
#[inline]
#[must_use]
pub const fn on_outcome<C>(classifier: C) -> OnOutcome<C> {
    OnOutcome(classifier)
}

/// A predicate as a classifier; made by [`when`].
#[derive(Debug, Clone, Copy)]
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
#[derive(Debug, Clone, Copy)]
pub struct Or<A, B>(A, B);

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
#[derive(Debug, Clone, Copy)]
pub struct And<A, B>(A, B);

impl<O: ?Sized, A: Classifier<O>, B: Classifier<O>> Classifier<O> for And<A, B> {
    #[inline]
    fn classify(&self, outcome: &O) -> Verdict {
        let first = self.0.classify(outcome);
        if !first.is_retry() {
            return first;
        }
        match (first, self.1.classify(outcome)) {
            (Verdict::RetryAfter(one), Verdict::RetryAfter(two)) => Verdict::RetryAfter(one.max(two)),
            (Verdict::RetryAfter(hint), Verdict::Retry) => Verdict::RetryAfter(hint),
            (_, second) => second,
        }
    }
}

/// The opposite of a classifier; made by [`not`].
#[derive(Debug, Clone, Copy)]
pub struct Not<C>(C);

impl<O: ?Sized, C: Classifier<O>> Classifier<O> for Not<C> {
    #[inline]
    fn classify(&self, outcome: &O) -> Verdict {
        match self.0.classify(outcome) {
            Verdict::Retry | Verdict::RetryAfter(_) => Verdict::Stop,
            Verdict::Stop => Verdict::Retry,
            Verdict::Accept => Verdict::Accept,
        }
    }
}

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
pub trait Retryable {
    /// What to do about this error.
    fn verdict(&self) -> Verdict;
}

/// Lets errors classify themselves: see [`Retryable`].
#[derive(Debug, Clone, Copy, Default)]
pub struct ByError;

impl<E: Retryable + ?Sized> Classifier<E> for ByError {
    #[inline]
    fn classify(&self, error: &E) -> Verdict {
        error.verdict()
    }
}

/// Every error is worth another attempt: what a [`Policy`](crate::Policy) starts with.
#[derive(Debug, Clone, Copy, Default)]
pub struct AnyError;

impl<E: ?Sized> Classifier<E> for AnyError {
    #[inline]
    fn classify(&self, _: &E) -> Verdict {
        Verdict::Retry
    }
}

/// A classifier of errors in its place within a [`Policy`](crate::Policy): an `Ok` is accepted, an `Err` is
/// classified.
#[derive(Debug, Clone, Copy)]
pub struct OnError<C>(pub(crate) C);

impl<E: ?Sized, C: Classifier<E>> Classifier<E> for OnError<C> {
    #[inline]
    fn classify(&self, error: &E) -> Verdict {
        self.0.classify(error)
    }
}

/// A classifier of whole outcomes in its place within a [`Policy`](crate::Policy): it sees `Ok` and `Err`.
#[derive(Debug, Clone, Copy)]
pub struct OnOutcome<C>(pub(crate) C);

/// What stands in a [`Policy`](crate::Policy) as its classifier: [`AnyError`], [`OnError`] or [`OnOutcome`]. It
/// makes a verdict of a whole `Result`. Sealed: implement [`Classifier`].
#[diagnostic::on_unimplemented(
    message = "the classifier of this policy, `{Self}`, does not judge `Result<{T}, {E}>`",
    label = "the operation fails with `{E}`, which the policy's classifier does not know",
    note = "`retry_if`, `classify_with` and `classify` set a classifier for another type of error; `classify_outcome` one for the whole `Result`"
)]
pub trait Judge<T, E>: sealed::Sealed {
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
