//! The functions that the expansion of `#[retry]` calls: the drivers' steps, for a loop that contains the function's
//! body.
//!
//! No part of the API: it may change in any release. The steps take an [`OutcomeOf`], so that the types of the outcome
//! are known from the first.

mod after;
mod body;
mod policy;

pub use after::{After, after};
pub use body::Body;
pub use policy::{Curved, Judged, WithLimits, curved, judged, limited, limits_of};

pub use crate::backoff;
pub use crate::classify::{Retryable, Verdict};
pub use crate::jitter::Jitter;
pub use crate::policy::Policy;
pub use crate::run::attempts::Attempts;
pub use crate::run::next::Next;

use crate::classify::{FromFn, When};
use crate::observe::Observer;
use crate::policy::{Judges, PolicyParts};
use crate::run::guards::sealed::Admit;
use crate::run::lending::Interrupted;
use crate::run::{Bare, Ending, Explained, Guards, NoSignal, Run};
use crate::sleeper::{AwaitedBy, Sleeper, SleptBy};
use core::future::Future;
use core::marker::PhantomData;
use core::pin::{Pin, pin};

/// A type of outcomes, and no value.
pub type OutcomeOf<R> = PhantomData<fn() -> R>;

/// A type of outcomes.
#[inline]
#[must_use]
pub const fn outcome_of<R: Outcome>() -> OutcomeOf<R> {
    PhantomData
}

/// The return type of a function with the attribute, which names the type of the error.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a `Result`",
    label = "`#[retry]` retries functions that return a `Result`"
)]
pub trait Outcome {
    /// The type of the error.
    type Error;
}

impl<T, E> Outcome for Result<T, E> {
    type Error = E;
}

/// A predicate as a classifier, of a known type of errors.
#[inline]
pub const fn when<E, F: Fn(&E) -> bool>(predicate: F) -> When<F> {
    crate::classify::when(predicate)
}

/// A closure as a classifier, of a known type of errors.
#[inline]
pub const fn judge<E, F: Fn(&E) -> Verdict>(classifier: F) -> FromFn<F> {
    crate::classify::from_fn(classifier)
}

/// A run, about to start.
#[inline]
pub const fn run<P: PolicyParts, S: Sleeper>(policy: P, sleeper: S) -> Run<P, S> {
    Run::new(policy, sleeper)
}

/// The attempts of a function that is declared to return the `RetryError`.
#[inline]
pub fn explained<P, S, O, G, T, E>(
    run: Run<P, S, O, G>,
    _: OutcomeOf<Result<T, E>>,
) -> Attempts<P, S, O, G, Explained, E> {
    Attempts::new(run.with_ending()).0
}

/// The attempts of a function that is declared to return the operation's own result. It always has one to return, so its
/// first attempt is made even if the run is cancelled, and is not interrupted.
#[inline]
pub fn bare<P, S, O, G, T, E>(
    run: Run<P, S, O, G>,
    _: OutcomeOf<Result<T, E>>,
) -> Attempts<P, S, O, G, Bare, Result<T, E>> {
    Attempts::new(run.with_ending()).0
}

/// Before the first attempt.
#[inline]
pub fn begin<P, S, O, G, K, L, T, E>(
    attempts: &mut Attempts<P, S, O, G, K, L>,
    _: OutcomeOf<Result<T, E>>,
) -> Next<K::Output>
where
    P: PolicyParts,
    S: Sleeper,
    O: Observer<E>,
    G: Admit,
    K: Ending<T, E, Kept = L>,
{
    attempts.begin(false)
}

/// After an attempt; the outcome is `None` if it was interrupted.
#[inline]
pub fn settle<P, S, O, G, K, L, T, E>(
    attempts: &mut Attempts<P, S, O, G, K, L>,
    _: OutcomeOf<Result<T, E>>,
    outcome: Option<Result<T, E>>,
) -> Next<K::Output>
where
    P: Judges<T, E>,
    S: Sleeper,
    O: Observer<E>,
    G: Guards<T, E>,
    K: Ending<T, E, Kept = L>,
{
    attempts.settle(outcome)
}

/// After a wait.
#[inline]
pub fn woke<P, S, O, G, K, L, T, E>(
    attempts: &mut Attempts<P, S, O, G, K, L>,
    _: OutcomeOf<Result<T, E>>,
    delay: u64,
) -> Next<K::Output>
where
    P: PolicyParts,
    S: Sleeper,
    O: Observer<E>,
    G: Admit,
    K: Ending<T, E, Kept = L>,
{
    attempts.woke(delay)
}

/// A blocking attempt.
#[inline]
pub fn called<P, S, O, G, K, L, T, E>(
    attempts: &mut Attempts<P, S, O, G, K, L>,
    _: OutcomeOf<Result<T, E>>,
    mut attempt: impl Body<Result<T, E>>,
) -> Option<Result<T, E>>
where
    P: PolicyParts,
    S: Sleeper,
    G: Guards<T, E>,
{
    Some(attempts.watch::<T, E, _>(|| attempt.call()))
}

/// An async attempt: its outcome, or `None` if it was interrupted.
#[inline]
pub async fn awaited<P, S, O, G, K, L, T, E, A>(
    attempts: &mut Attempts<P, S, O, G, K, L>,
    _: OutcomeOf<Result<T, E>>,
    attempt: Pin<&mut A>,
) -> Option<Result<T, E>>
where
    P: PolicyParts,
    S: Sleeper<Sleep: AwaitedBy<S>>,
    G: Guards<T, E>,
    K: Ending<T, E, Kept = L>,
    A: Future<Output = Result<T, E>>,
{
    match attempts.make::<T, E, _>(attempt, pin!(NoSignal)).await {
        Interrupted::No(outcome) => outcome,
        Interrupted::BySignal => unreachable!("there is no signal"),
    }
}

/// An async wait.
#[inline]
pub async fn pause<P, S, O, G, K, L>(attempts: &mut Attempts<P, S, O, G, K, L>, delay: u64)
where
    P: PolicyParts,
    S: Sleeper<Sleep: AwaitedBy<S>>,
{
    let _ = attempts.wait(delay, pin!(NoSignal)).await;
}

/// A wait on this thread.
#[inline]
pub fn pause_blocking<P, S, O, G, K, L>(attempts: &Attempts<P, S, O, G, K, L>, delay: u64)
where
    P: PolicyParts,
    S: Sleeper<Sleep: SleptBy<S>>,
{
    attempts.sleep(delay);
}
