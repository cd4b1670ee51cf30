//! What the expansion of `#[retry]` calls: the drivers' steps, for a loop that has the function's body in it.
//!
//! No part of the API: it may change in any release. A function is declared either to return the `RetryError`
//! ([`whole`]) or the operation's own result ([`plain`]); the steps have the same names in both. [`ErrorOf`] goes with
//! them, so that the type of the error is known from the first.

#[path = "expansion/after.rs"]
mod after;
#[path = "expansion/policy.rs"]
mod policy;

pub use after::{After, after};
pub use policy::{Curved, Judged, curved, judged, limited, limits_of};

pub use crate::backoff;
pub use crate::classify::{Retryable, Verdict};
pub use crate::jitter::Jitter;
pub use crate::policy::Policy;

use crate::as_policy::AsPolicy;
use crate::classify::{FromFn, Judge, When};
use crate::drive;
use crate::error::RetryError;
use crate::guards::Guards;
use crate::guards::sealed::Admit;
use crate::observe::Observer;
use crate::run::Run;
use crate::sleeper::{Sleeper, SleptBy};
use core::future::{Future, pending};
use core::marker::PhantomData;
use core::ops::ControlFlow;
use core::pin::Pin;
use core::time::Duration;

/// A type of errors, and no value.
pub type ErrorOf<E> = PhantomData<fn() -> E>;

/// A type of errors.
#[inline]
#[must_use]
pub const fn error_of<E>() -> ErrorOf<E> {
    PhantomData
}

/// What a function with the attribute returns, to ask its type for the type of the error.
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

/// A run with what stands for a policy, about to start.
#[inline]
pub const fn run<P: AsPolicy, S: Sleeper>(policy: P, sleeper: S) -> Run<P, S> {
    Run::new(policy, sleeper)
}

/// [`run`] on this thread. It has its machine from the start, which is in registers then, and no question at each failure.
#[inline]
pub const fn run_blocking<P: AsPolicy, S: Sleeper>(policy: P, sleeper: S) -> Run<P, S> {
    Run::new(policy, sleeper).with_machine()
}

/// Ready when the attempt that begins now is to be cut off, which may be never.
pub fn cut_off<P: AsPolicy, S: Sleeper, O, G>(run: &Run<P, S, O, G>) -> impl Future<Output = ()> + use<P, S, O, G> {
    let sleep = run.cut_off().map(|limit| run.sleeper.sleep(limit));
    async move {
        match sleep {
            Some(sleep) => sleep.await,
            None => pending().await,
        }
    }
}

/// The output of `attempt`, or `None` if it is cut off before it has one.
#[inline]
pub fn within<A: Future, C: Future<Output = ()>>(
    attempt: Pin<&mut A>,
    cut_off: Pin<&mut C>,
) -> impl Future<Output = Option<A::Output>> {
    drive::within(attempt, cut_off)
}

/// Waits for the next attempt, and says whether the wait was cut short.
#[inline]
pub fn pause<P: AsPolicy, S: Sleeper, O, G>(run: &mut Run<P, S, O, G>, delay: Duration) -> impl Future<Output = bool> {
    run.pause(delay)
}

/// [`pause`] on this thread.
#[inline]
pub fn pause_blocking<P, S, O, G>(run: &mut Run<P, S, O, G>, delay: Duration) -> bool
where
    P: AsPolicy,
    S: Sleeper<Sleep: SleptBy<S>>,
{
    run.pause_blocking(delay)
}

/// The steps of a function that is declared to return the `RetryError`.
pub mod whole {
    use super::{Admit, AsPolicy, ControlFlow, Duration, ErrorOf, Guards, Judge, Observer, RetryError, Run, Sleeper};

    /// Before the first attempt.
    #[inline]
    pub fn begin<P, S, O, G, E>(run: &mut Run<P, S, O, G>, _: ErrorOf<E>) -> Result<(), RetryError<E>>
    where
        P: AsPolicy,
        S: Sleeper,
        O: Observer<E>,
    {
        run.begin()
    }

    /// Before each attempt: the delay if it is to be waited for a breaker, or the end.
    #[inline(always)]
    pub fn enter<P, S, O, G, E>(run: &mut Run<P, S, O, G>, _: ErrorOf<E>) -> Result<(), Result<Duration, RetryError<E>>>
    where
        P: AsPolicy,
        S: Sleeper,
        O: Observer<E>,
        G: Admit,
    {
        run.enter(true)
            .map_err(|refused| run.refused(refused).map(Duration::from))
    }

    /// After an attempt, `None` if it was cut off: the delay, or the end.
    #[inline(always)]
    pub fn settle<P, S, O, G, T, E>(
        run: &mut Run<P, S, O, G>,
        _: ErrorOf<E>,
        outcome: Option<Result<T, E>>,
    ) -> ControlFlow<Result<T, RetryError<E>>, Duration>
    where
        P: AsPolicy<Classifier: Judge<T, E>>,
        S: Sleeper,
        O: Observer<E>,
        G: Guards<T, E>,
    {
        match run.follow(outcome) {
            Ok(value) => ControlFlow::Break(Ok(value)),
            Err(Err(error)) => ControlFlow::Break(Err(error)),
            Err(Ok(delay)) => ControlFlow::Continue(delay.into()),
        }
    }

    /// After a wait that was cut short.
    #[inline]
    pub fn cancelled<P: AsPolicy, S: Sleeper, O: Observer<E>, G, E>(run: &Run<P, S, O, G>) -> RetryError<E> {
        run.cancelled()
    }
}

/// The steps of a function that is declared to return the operation's own result. It always has one to return, so a run
/// that is cancelled ends with the attempt that comes next.
pub mod plain {
    use super::{Admit, AsPolicy, ControlFlow, Duration, ErrorOf, Guards, Judge, Observer, Run, Sleeper};

    /// Before the first attempt.
    #[inline]
    pub fn begin<P: AsPolicy, S: Sleeper, O: Observer<E>, G, E>(run: &mut Run<P, S, O, G>, _: ErrorOf<E>) {
        run.start();
    }

    /// Before each attempt. No breaker is let in here, since there is nothing to return for an attempt that is not made.
    #[inline(always)]
    pub fn enter<P: AsPolicy, S: Sleeper, O, G: Admit>(run: &mut Run<P, S, O, G>) {
        // A budget lets every attempt through, and asks only of retries.
        let _ = run.enter(true);
    }

    /// After an attempt: the delay, or the end.
    #[inline(always)]
    pub fn settle<P, S, O, G, T, E>(
        run: &mut Run<P, S, O, G>,
        _: ErrorOf<E>,
        outcome: Result<T, E>,
    ) -> ControlFlow<Result<T, E>, Duration>
    where
        P: AsPolicy<Classifier: Judge<T, E>>,
        S: Sleeper,
        O: Observer<E>,
        G: Guards<T, E>,
    {
        match run.settle(&outcome) {
            Some(delay) => ControlFlow::Continue(delay.into()),
            None => ControlFlow::Break(outcome),
        }
    }
}
