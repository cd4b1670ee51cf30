//! The future of a call: the loop over its attempts and waits.

use crate::replay::Replay;
use crate::retry::call::{Call, Next};
use crate::retry::{Ending, StopIf};
use persevere_core::policy::Judges;
use persevere_core::run::Guards;
use persevere_core::sleeper::AwaitedBy;
use persevere_core::{Observer, Sleeper};
use pin_project_lite::pin_project;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tower_service::Service;

pin_project! {
    /// The future of a call of a [`Retry`](super::Retry) service. It is `Send` and `'static` if its parts are.
    #[must_use = "futures do nothing unless polled"]
    pub struct RetryFuture<V, Req, P, S, O, G, R, F, M>
    where
        V: Service<R::Sent>,
        S: Sleeper,
        R: Replay<Req>,
    {
        // First, so that an attempt is dropped before the service that makes it.
        #[pin]
        stage: Stage<V::Future, S::Sleep>,
        // `None` once the call has ended.
        call: Option<Call<V, Req, P, S, O, G, R, F, M>>,
    }
}

pin_project! {
    /// Where a call stands.
    #[project = StageMut]
    #[project_replace = StageOwn]
    enum Stage<A, W> {
        Attempt {
            #[pin]
            attempt: A,
            #[pin]
            timer: Option<W>,
        },
        Wait {
            #[pin]
            sleep: W,
        },
        Ready {
            #[pin]
            timer: Option<W>,
        },
        Ended,
    }
}

impl<V, Req, P, S, O, G, R, F, M> RetryFuture<V, Req, P, S, O, G, R, F, M>
where
    V: Service<R::Sent> + Clone,
    P: Judges<V::Response, V::Error> + Clone + Send + Sync + 'static,
    S: Sleeper<Sleep: AwaitedBy<S>> + Clone,
    O: Observer<V::Error> + Clone,
    G: Guards<V::Response, V::Error>,
    R: Replay<Req> + Clone,
    F: StopIf<V::Error> + Clone,
    M: Ending<V::Response, V::Error>,
{
    /// Begins the first attempt of a call, as a service does that is called.
    pub(super) fn start(mut call: Call<V, Req, P, S, O, G, R, F, M>) -> Self {
        let next = call.begin();
        let stage = stage(&call, next);
        RetryFuture {
            stage,
            call: Some(call),
        }
    }
}

/// The stage of a call for its next step.
fn stage<V, Req, P, S, O, G, R, F, M>(
    call: &Call<V, Req, P, S, O, G, R, F, M>,
    next: Next<V::Future>,
) -> Stage<V::Future, S::Sleep>
where
    V: Service<R::Sent> + Clone,
    P: Judges<V::Response, V::Error> + Clone + Send + Sync + 'static,
    S: Sleeper<Sleep: AwaitedBy<S>> + Clone,
    O: Observer<V::Error> + Clone,
    G: Guards<V::Response, V::Error>,
    R: Replay<Req> + Clone,
    F: StopIf<V::Error> + Clone,
    M: Ending<V::Response, V::Error>,
{
    match next {
        Next::Attempt(attempt) => Stage::Attempt { attempt, timer: None },
        Next::Wait(delay) => Stage::Wait {
            sleep: call.sleep(delay),
        },
        Next::Ready => Stage::Ready { timer: None },
        Next::Done => Stage::Ended,
    }
}

impl<V, Req, P, S, O, G, R, F, M> Future for RetryFuture<V, Req, P, S, O, G, R, F, M>
where
    V: Service<R::Sent> + Clone,
    P: Judges<V::Response, V::Error> + Clone + Send + Sync + 'static,
    S: Sleeper<Sleep: AwaitedBy<S>> + Clone,
    O: Observer<V::Error> + Clone,
    G: Guards<V::Response, V::Error>,
    R: Replay<Req> + Clone,
    F: StopIf<V::Error> + Clone,
    M: Ending<V::Response, V::Error>,
{
    type Output = Result<V::Response, M::Error>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        loop {
            let call = this.call.as_mut().expect("a call was polled after it had ended");
            let next = match this.stage.as_mut().project() {
                StageMut::Attempt { attempt, mut timer } => {
                    let outcome = match call.watch(|| attempt.poll(context)) {
                        Poll::Ready(outcome) => Some(outcome),
                        Poll::Pending => {
                            // Made once the attempt is pending, so that on a simulated clock no time passes before it.
                            if timer.is_none() {
                                timer.set(call.interrupt_after().map(|limit| call.sleep(limit)));
                            }
                            match timer.as_pin_mut().map(|timer| timer.poll(context)) {
                                Some(Poll::Ready(())) => None,
                                _ => return Poll::Pending,
                            }
                        }
                    };
                    // Drops the attempt, before anything is reported or emitted.
                    this.stage.as_mut().project_replace(Stage::Ended);
                    call.settle(outcome)
                }
                StageMut::Wait { sleep } => match sleep.poll(context) {
                    Poll::Ready(()) => Next::Ready,
                    Poll::Pending => return Poll::Pending,
                },
                StageMut::Ready { mut timer } => match call.poll_ready(context) {
                    Poll::Ready(next) => next,
                    Poll::Pending => {
                        if timer.is_none() {
                            timer.set(call.ready_within().map(|limit| call.sleep(limit)));
                        }
                        match timer.as_pin_mut().map(|timer| timer.poll(context)) {
                            Some(Poll::Ready(())) => call.not_ready_in_time(),
                            _ => return Poll::Pending,
                        }
                    }
                },
                StageMut::Ended => Next::Done,
            };
            let yields = matches!(next, Next::Wait(Duration::ZERO));
            if let Next::Done = next {
                this.stage.as_mut().project_replace(Stage::Ended);
                let call = this.call.take().expect("it has not ended before");
                return Poll::Ready(call.finish());
            }
            let stage = stage(call, next);
            this.stage.as_mut().project_replace(stage);
            if yields {
                // Lets the executor run other tasks, so that a loop without delays cannot starve them.
                context.waker().wake_by_ref();
                return Poll::Pending;
            }
        }
    }
}

impl<V, Req, P, S, O, G, R, F, M> fmt::Debug for RetryFuture<V, Req, P, S, O, G, R, F, M>
where
    V: Service<R::Sent>,
    S: Sleeper,
    R: Replay<Req>,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RetryFuture").finish_non_exhaustive()
    }
}
