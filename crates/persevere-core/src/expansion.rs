//! What the expansion of `#[retry]` calls: the drivers' steps, for a loop that has the function's body in it.
//!
//! No part of the API: it may change in any release. A function is declared either to return the `RetryError`
//! ([`whole`]) or the operation's own result ([`plain`]); the steps have the same names in both.

use crate::as_policy::AsPolicy;
use crate::classify::Judge;
use crate::drive::within;
use crate::error::RetryError;
use crate::observe::Observer;
use crate::run::Run;
use crate::sleeper::{Sleeper, SleptBy};
use core::future::Future;
use core::ops::ControlFlow;
use core::pin::pin;
use core::time::Duration;

/// When to cut off the attempt that begins now.
#[inline]
pub fn cut_off<P: AsPolicy, S: Sleeper, O>(run: &Run<P, S, O>) -> Option<Duration> {
    run.cut_off()
}

/// An attempt, cut off after `limit`: then `None`.
#[expect(clippy::manual_async_fn, reason = "an async function keeps its arguments twice")]
pub fn attempt<'r, P: AsPolicy, S: Sleeper, O, A: Future>(
    run: &'r Run<P, S, O>,
    limit: Duration,
    attempt: A,
) -> impl Future<Output = Option<A::Output>> + use<'r, P, S, O, A> {
    async move {
        let (attempt, timer) = (pin!(attempt), pin!(run.sleeper.sleep(limit)));
        within(attempt, timer).await
    }
}

/// Waits for the next attempt, and says whether the wait was cut short.
#[inline]
pub fn pause<P: AsPolicy, S: Sleeper, O>(run: &mut Run<P, S, O>, delay: Duration) -> impl Future<Output = bool> {
    run.pause(delay)
}

/// [`pause`] on this thread.
#[inline]
pub fn pause_blocking<P: AsPolicy, S: Sleeper<Sleep: SleptBy<S>>, O>(run: &mut Run<P, S, O>, delay: Duration) -> bool {
    run.pause_blocking(delay)
}

/// The steps of a function that is declared to return the `RetryError`.
pub mod whole {
    use super::{AsPolicy, ControlFlow, Duration, Judge, Observer, RetryError, Run, Sleeper};

    /// Before the first attempt.
    #[inline]
    pub fn begin<P: AsPolicy, S: Sleeper, O: Observer<E>, E>(run: &mut Run<P, S, O>) -> Result<(), RetryError<E>> {
        run.begin()
    }

    /// After an attempt, `None` if it was cut off: the delay, or the end.
    #[inline(always)]
    pub fn settle<P, S, O, T, E>(
        run: &mut Run<P, S, O>,
        outcome: Option<Result<T, E>>,
    ) -> ControlFlow<Result<T, RetryError<E>>, Duration>
    where
        P: AsPolicy<Classifier: Judge<T, E>>,
        S: Sleeper,
        O: Observer<E>,
    {
        match run.judge(outcome).map_err(|failed| run.failed(failed)) {
            Ok(value) => ControlFlow::Break(Ok(value)),
            Err(Err(error)) => ControlFlow::Break(Err(error)),
            Err(Ok(delay)) => ControlFlow::Continue(delay),
        }
    }

    /// After a wait that was cut short.
    #[inline]
    pub fn cancelled<P: AsPolicy, S: Sleeper, O: Observer<E>, E>(run: &Run<P, S, O>) -> RetryError<E> {
        run.cancelled()
    }
}

/// The steps of a function that is declared to return the operation's own result. It always has one to return, so a run
/// that is cancelled ends with the attempt that comes next.
pub mod plain {
    use super::{AsPolicy, ControlFlow, Duration, Judge, Observer, Run, Sleeper};

    /// Before the first attempt.
    #[inline]
    pub fn begin<P: AsPolicy, S: Sleeper, O: Observer<E>, E>(run: &mut Run<P, S, O>) {
        run.start();
    }

    /// After an attempt: the delay, or the end.
    #[inline(always)]
    pub fn settle<P, S, O, T, E>(run: &mut Run<P, S, O>, outcome: Result<T, E>) -> ControlFlow<Result<T, E>, Duration>
    where
        P: AsPolicy<Classifier: Judge<T, E>>,
        S: Sleeper,
        O: Observer<E>,
    {
        match run.settle(&outcome) {
            Some(delay) => ControlFlow::Continue(delay),
            None => ControlFlow::Break(outcome),
        }
    }
}
