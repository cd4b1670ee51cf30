//! The future of an async run whose operation returns a future that borrows nothing of the run.
//!
//! Written by hand, where [`lending`](super::lending) has an async block: its type can be named, and its state is written
//! only when there is some.

use crate::observe::Observer;
use crate::policy::Judges;
use crate::run::attempts::Attempts;
use crate::run::next::Next;
use crate::run::{Attempt, Ending, Guards, Run};
use crate::sleeper::{AwaitedBy, Sleeper};
use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};
use core::time::Duration;
use pin_project_lite::pin_project;

/// How a run calls its operation. Sealed.
pub trait Call: sealed::Sealed {
    /// The argument of the operation.
    type Given;
    /// The return value of the operation.
    type Attempt;
    /// Returns the argument of the operation.
    #[doc(hidden)]
    fn given(attempt: impl FnOnce() -> Attempt) -> Self::Given;
    /// Calls the operation.
    #[doc(hidden)]
    fn call(&mut self, given: Self::Given) -> Self::Attempt;
}

/// An operation that takes no argument.
#[derive(Clone, Copy)]
pub struct Plain<F>(pub(crate) F);

/// An operation that looks at the attempt.
#[derive(Clone, Copy)]
pub struct WithAttempt<F>(pub(crate) F);

impl<A, F: FnMut() -> A> Call for Plain<F> {
    type Given = ();
    type Attempt = A;

    #[inline]
    fn given(_: impl FnOnce() -> Attempt) {}

    #[inline]
    fn call(&mut self, (): ()) -> A {
        (self.0)()
    }
}

impl<A, F: FnMut(Attempt) -> A> Call for WithAttempt<F> {
    type Given = Attempt;
    type Attempt = A;

    #[inline]
    fn given(attempt: impl FnOnce() -> Attempt) -> Attempt {
        attempt()
    }

    #[inline]
    fn call(&mut self, attempt: Attempt) -> A {
        (self.0)(attempt)
    }
}

mod sealed {
    pub trait Sealed {}
    impl<F> Sealed for super::Plain<F> {}
    impl<F> Sealed for super::WithAttempt<F> {}
}

pin_project! {
    /// The future of [`Run::run`](crate::Run::run) and [`Run::run_with`](crate::Run::run_with). `F` is [`Plain`] or
    /// [`WithAttempt`] of the operation, `A` the operation's future, `L` what is kept of the last outcome.
    ///
    /// ```
    /// use persevere::run::{Explained, NoSignal, Plain, RunFuture};
    /// use persevere::{Policy, TokioSleeper};
    /// use std::{future::Ready, io};
    ///
    /// type Attempt = Ready<io::Result<u32>>;
    /// type Operation = Plain<fn() -> Attempt>;
    ///
    /// struct Pending {
    ///     fetch: RunFuture<Policy, TokioSleeper, (), (), Explained, NoSignal, Operation, Attempt, io::Error>,
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let fetch: fn() -> Attempt = || std::future::ready(Ok(7));
    /// let pending = Pending { fetch: Policy::default().into_run(TokioSleeper).run(fetch) };
    /// assert_eq!(pending.fetch.await.unwrap(), 7);
    /// # }
    /// ```
    #[project = RunMut]
    #[must_use = "futures do nothing unless polled"]
    pub struct RunFuture<P, S: Sleeper, O, G, K, X, F, A, L> {
        // First, so that an attempt is dropped before what it was given.
        #[pin]
        stage: Stage<A, S::Sleep>,
        #[pin]
        signal: X,
        call: F,
        attempts: Attempts<P, S, O, G, K, L>,
    }
}

pin_project! {
    /// Where a run stands.
    #[project = StageMut]
    #[project_replace = StageOwn]
    enum Stage<A, W> {
        New,
        Attempt {
            #[pin]
            attempt: A,
            #[pin]
            timer: Option<W>,
        },
        Wait {
            #[pin]
            sleep: W,
            delay: u64,
        },
        Ended,
    }
}

impl<P, S: Sleeper, O, G, K, X, F, A, L> RunFuture<P, S, O, G, K, X, F, A, L> {
    /// A run that begins when it is polled.
    #[inline]
    pub(crate) fn new(run: Run<P, S, O, G, K, X>, call: F) -> Self {
        let (attempts, signal) = Attempts::new(run);
        RunFuture {
            stage: Stage::New,
            signal,
            call,
            attempts,
        }
    }
}

impl<T, E, P, S, O, G, K, X, F, A, L> Future for RunFuture<P, S, O, G, K, X, F, A, L>
where
    P: Judges<T, E>,
    S: Sleeper<Sleep: AwaitedBy<S>>,
    O: Observer<E>,
    G: Guards<T, E>,
    K: Ending<T, E, Kept = L>,
    X: Future,
    F: Call<Attempt = A>,
    A: Future<Output = Result<T, E>>,
{
    type Output = K::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let attempts = this.attempts;
        loop {
            let next = match this.stage.as_mut().project() {
                StageMut::New => {
                    let is_cancelled = this.signal.as_mut().poll(context).is_ready();
                    attempts.begin::<T, E>(is_cancelled)
                }
                StageMut::Attempt { attempt, mut timer } => {
                    let outcome = match attempts.watch::<T, E, _>(|| attempt.poll(context)) {
                        Poll::Ready(outcome) => Some(Some(outcome)),
                        Poll::Pending => {
                            // Made once the attempt is pending, so that on a simulated clock no time passes before it.
                            if timer.is_none() {
                                timer.set(attempts.limit::<T, E>().map(|limit| attempts.sleeper.sleep(limit)));
                            }
                            match timer.as_pin_mut().map(|timer| timer.poll(context)) {
                                Some(Poll::Ready(())) => Some(None),
                                _ if this.signal.as_mut().poll(context).is_ready() => None,
                                _ => return Poll::Pending,
                            }
                        }
                    };
                    // Drops the attempt, before anything is reported or emitted.
                    this.stage.as_mut().project_replace(Stage::Ended);
                    match outcome {
                        Some(outcome) => attempts.settle(outcome),
                        None => attempts.abandon::<T, E>(),
                    }
                }
                StageMut::Wait { sleep, delay } => {
                    let delay = *delay;
                    match sleep.poll(context) {
                        Poll::Ready(()) => attempts.woke::<T, E>(delay),
                        _ if this.signal.as_mut().poll(context).is_ready() => attempts.cancelled::<T, E>(),
                        _ => return Poll::Pending,
                    }
                }
                StageMut::Ended => panic!("a run was polled after it had ended"),
            };
            match next {
                Next::Attempt => {
                    let given = F::given(|| attempts.attempt());
                    let attempt = attempts.watch::<T, E, _>(|| this.call.call(given));
                    this.stage
                        .as_mut()
                        .project_replace(Stage::Attempt { attempt, timer: None });
                }
                Next::Wait(delay) => {
                    let sleep = attempts.sleeper.sleep(Duration::from_nanos(delay));
                    this.stage.as_mut().project_replace(Stage::Wait { sleep, delay });
                    if delay == 0 {
                        // Lets the executor run other tasks, so that a loop without delays cannot starve them.
                        context.waker().wake_by_ref();
                        return Poll::Pending;
                    }
                }
                Next::Done(output) => {
                    this.stage.as_mut().project_replace(Stage::Ended);
                    return Poll::Ready(output);
                }
            }
        }
    }
}

impl<P, S: Sleeper, O, G, K, X, F, A, L> fmt::Debug for RunFuture<P, S, O, G, K, X, F, A, L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunFuture").finish_non_exhaustive()
    }
}
