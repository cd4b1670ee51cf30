//! The future of an async run whose operation returns a future that borrows nothing of the run.
//!
//! Written by hand, where `run_mut` has an async block: its size is known, a policy that stands in place is seen through,
//! and the state of the run is written only when there is one.

use crate::as_policy::AsPolicy;
use crate::classify::Judge;
use crate::error::{RetryError, StopReason};
use crate::guards::Guards;
use crate::observe::Observer;
use crate::run::Run;
use crate::settle::{Cause, Failed};
use crate::sleeper::Sleeper;
use crate::span::Span;
use crate::watched::Watched;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, ready};
use core::time::Duration;
use pin_project_lite::pin_project;

pin_project! {
    /// A run, driven by whoever polls it.
    pub(crate) struct RunFuture<P, S: Sleeper, O, G, F, A> {
        // First, so that an attempt is dropped before what it was given.
        #[pin]
        stage: Stage<A, S::Sleep>,
        call: F,
        run: Run<P, S, O, G>,
    }
}

pin_project! {
    /// Where a run stands.
    #[project = StageMut]
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
            nanos: u64,
        },
        Ended,
    }
}

impl<P, S: Sleeper, O, G, F, A> RunFuture<P, S, O, G, F, A> {
    /// A run that begins when it is polled.
    #[inline]
    pub(crate) fn new(run: Run<P, S, O, G>, call: F) -> Self {
        RunFuture {
            stage: Stage::New,
            call,
            run,
        }
    }
}

impl<T, E, P, S, O, G, F, A> Future for RunFuture<P, S, O, G, F, A>
where
    P: AsPolicy<Classifier: Judge<T, E>>,
    S: Sleeper,
    O: Observer<E>,
    G: Guards<T, E>,
    F: FnMut(&Run<P, S, O, G>) -> A,
    A: Future<Output = Result<T, E>>,
{
    type Output = Result<T, RetryError<E>>;

    #[inline]
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        loop {
            if !matches!(*this.stage, Stage::Attempt { .. }) {
                if let StageMut::Wait { sleep, nanos } = this.stage.as_mut().project() {
                    ready!(sleep.poll(context));
                    if this.run.was_cut_short(*nanos) {
                        this.stage.set(Stage::Ended);
                        return Poll::Ready(Err(this.run.cancelled()));
                    }
                } else if matches!(*this.stage, Stage::New) {
                    if let Err(error) = this.run.begin() {
                        this.stage.set(Stage::Ended);
                        return Poll::Ready(Err(error));
                    }
                } else {
                    panic!("a run was polled after it had ended");
                }
                if let Err(refused) = this.run.enter(false) {
                    this.stage.set(Stage::Ended);
                    let delay = this.run.refused(refused)?;
                    ready!(pause(this.run, this.stage.as_mut(), delay, context));
                    continue;
                }
                let timer = this.run.cut_off().map(|limit| this.run.sleeper.sleep(limit));
                let attempt = (this.call)(this.run);
                this.stage.set(Stage::Attempt { attempt, timer });
            }
            let StageMut::Attempt { attempt, timer } = this.stage.as_mut().project() else {
                unreachable!("an attempt was just begun");
            };
            let watched = Watched::<T, E, _, _>::new(&mut this.run.guards, || this.run.sleeper.now());
            let outcome = match watched.during(|| attempt.poll(context)) {
                Poll::Ready(outcome) => Some(outcome),
                Poll::Pending => match timer.as_pin_mut() {
                    None => return Poll::Pending,
                    Some(timer) => {
                        ready!(timer.poll(context));
                        None
                    }
                },
            };
            // Drops the attempt, before anything is said of it.
            this.stage.set(Stage::Ended);
            let Failed { verdict, cause } = match this.run.judge(outcome) {
                Ok(value) => return Poll::Ready(Ok(value)),
                Err(failed) => failed,
            };
            let delay = match this.run.decide(cause.as_failure(), verdict) {
                Ok(delay) => delay,
                Err((reason, now)) => return Poll::Ready(Err(gave_up(this.run, reason, cause, now))),
            };
            drop(cause);
            ready!(pause(this.run, this.stage.as_mut(), delay, context));
        }
    }
}

/// Begins a wait. Before one of no time it lets the executor run something else, so that a loop without delays cannot starve
/// it.
#[inline(always)]
fn pause<P, S: Sleeper, O, G, A>(
    run: &Run<P, S, O, G>,
    mut stage: Pin<&mut Stage<A, S::Sleep>>,
    delay: Span,
    context: &Context<'_>,
) -> Poll<()> {
    let (sleep, nanos) = (run.sleeper.sleep(delay.into()), delay.nanos());
    stage.set(Stage::Wait { sleep, nanos });
    if nanos > 0 {
        return Poll::Ready(());
    }
    context.waker().wake_by_ref();
    Poll::Pending
}

// Apart, so that the attempts which go on do not pay for its registers.
#[cold]
#[inline(never)]
fn gave_up<E, P: AsPolicy, S: Sleeper, O: Observer<E>, G>(
    run: &Run<P, S, O, G>,
    reason: StopReason,
    cause: Cause<E>,
    now: Option<Duration>,
) -> RetryError<E> {
    run.gave_up(reason, Some(cause), now)
}
