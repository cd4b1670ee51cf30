//! [`Classifier`] and [`Verdict`]: what is worth retrying, predicates and their composition.
//!
//! # For callers
//!
//! [`Policy::retry_if`](crate::Policy::retry_if) takes a predicate,
//! [`Policy::classify_with`](crate::Policy::classify_with) a closure that returns a [`Verdict`],
//! [`Policy::classify`](crate::Policy::classify) any [`Classifier`]. The `outcome` forms of these look at the whole
//! `Result`, so that an `Ok` may be retried as well. Predicates compose:
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
//! A classifier looks at one outcome and returns a verdict. It must not sleep or count, since attempts, delays and
//! limits are the policy's. It is called exactly once for each attempt. The policy bounds every
//! [`Verdict::RetryAfter`].

mod combine;
mod judge;
mod retryable;
mod within;

pub use combine::{And, FromFn, Not, Or, When, from_fn, not, when};
pub use judge::{AnyError, Errors, Judge, Outcomes};
pub use retryable::{ByError, Retryable};
pub use within::{Within, WithinDyn, within, within_dyn};

use crate::budget::Class;
use core::time::Duration;

/// The verdict of a classifier on one outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Verdict {
    /// The outcome is the answer. An accepted `Ok` ends the run with success; an accepted `Err` is handed back as
    /// [`StopReason::Permanent`](crate::StopReason::Permanent).
    Accept,
    /// Another attempt, after the delay that the policy computes.
    Retry,
    /// Another attempt after this long, because the operation or its server requested it. The bound is
    /// [`Policy::max_hint`](crate::Policy::max_hint). A hint of zero means the computed delay.
    #[doc(alias("Retry-After"))]
    RetryAfter(Duration),
    /// Another attempt, after the delay that the policy computes for a failure of this class: see
    /// [`backoff::ByClass`](crate::backoff::ByClass). A retry budget takes what a retry of this class costs.
    RetryAs(Class),
    /// No other attempt, since trying again does not help.
    Stop,
    /// No other attempt, since the server forbids it, as by gRPC's pushback. The run stops with
    /// [`StopReason::Hint`](crate::StopReason::Hint), and a budget receives
    /// [`LastFailure::Pushback`](crate::budget::LastFailure::Pushback).
    Pushback,
}

impl Verdict {
    /// Whether this verdict leads to another attempt.
    ///
    /// ```
    /// use persevere::Verdict;
    /// assert!(Verdict::RetryAfter(std::time::Duration::ZERO).is_retry());
    /// assert!(!Verdict::Stop.is_retry());
    /// ```
    #[inline]
    #[must_use]
    pub const fn is_retry(self) -> bool {
        matches!(self, Verdict::Retry | Verdict::RetryAfter(_) | Verdict::RetryAs(_))
    }
}

/// Decides whether an outcome `O` is worth another attempt. `O` is mostly an error type, or a whole `Result` for
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
    /// Returns the verdict on `outcome`.
    fn classify(&self, outcome: &O) -> Verdict;

    /// Retries where this classifier or `other` would. `other` is called only if this one does not retry, and then its
    /// verdict stands.
    #[inline]
    fn or<C: Classifier<O>>(self, other: C) -> Or<Self, C>
    where
        Self: Sized,
    {
        Or(self, other)
    }

    /// Retries where both would, after the longer of their hints. `other` is called only if this classifier retries.
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
