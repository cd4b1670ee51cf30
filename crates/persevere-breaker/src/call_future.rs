//! The future of a call through a breaker.
//!
//! Written by hand: an async block would keep the permit in memory, with flags that say what of it is to be dropped, where a call
//! that is over when it is first polled has no need of either.

use crate::call::Call;
use crate::error::BreakerError;
use crate::judge::Judge;
use crate::probes::Ticket;
use crate::through::Through;
use crate::trip::Trip;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};
use core::time::Duration;
use persevere_core::{Backoff, Sleeper};
use pin_project_lite::pin_project;

pin_project! {
    /// A call, driven by whoever polls it.
    pub(crate) struct CallFuture<'b, S: Sleeper, T: Trip, B: Backoff, C, F, A> {
        #[pin]
        stage: Stage<F, A>,
        // Between two polls; during one it is on the stack, where a panic finds it.
        entry: Option<(Ticket, Duration)>,
        through: Through<'b, S, T, B, C>,
    }

    impl<S: Sleeper, T: Trip, B: Backoff, C, F, A> PinnedDrop for CallFuture<'_, S, T, B, C, F, A> {
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            if let Some(entry) = *this.entry {
                abandon(this.stage, this.through, entry);
            }
        }
    }
}

pin_project! {
    /// Where a call stands.
    #[project = StageMut]
    enum Stage<F, A> {
        New { operation: Option<F> },
        Attempt { #[pin] attempt: A },
        Ended,
    }
}

impl<'b, S: Sleeper, T: Trip, B: Backoff, C, F, A> CallFuture<'b, S, T, B, C, F, A> {
    /// A call that begins when it is polled.
    #[inline]
    pub(crate) fn new(through: Through<'b, S, T, B, C>, operation: F) -> Self {
        CallFuture {
            stage: Stage::New {
                operation: Some(operation),
            },
            entry: None,
            through,
        }
    }
}

impl<V, E, S, T, B, C, F, A> Future for CallFuture<'_, S, T, B, C, F, A>
where
    S: Sleeper,
    T: Trip,
    B: Backoff,
    C: Judge<V, E>,
    F: FnOnce() -> A,
    A: Future<Output = Result<V, E>>,
{
    type Output = Result<V, BreakerError<E>>;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.as_mut().project();
        let operation = match this.stage.as_mut().project() {
            StageMut::New { operation } => operation.take(),
            _ => None,
        };
        // Most calls are over when they are first polled, and do not pay for what the others need.
        let Some(operation) = operation else {
            return self.resume(context);
        };
        let call = Call::enter(this.through.breaker, &this.through.sleeper)?;
        this.stage.set(Stage::Attempt { attempt: operation() });
        go_on(call, this.stage, this.entry, context)
    }
}

impl<S: Sleeper, T: Trip, B: Backoff, C, F, A> CallFuture<'_, S, T, B, C, F, A> {
    /// Takes up a call that is being made.
    #[inline(never)]
    fn resume<V, E>(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<V, BreakerError<E>>>
    where
        C: Judge<V, E>,
        A: Future<Output = Result<V, E>>,
    {
        let this = self.project();
        let Some(entry) = this.entry.take() else {
            panic!("a call was polled after it had ended");
        };
        let call = Call::of(this.through.breaker, entry, &this.through.sleeper);
        go_on(call, this.stage, this.entry, context)
    }
}

/// Polls the attempt.
#[inline(always)]
fn go_on<V, E, S, T, B, C, F, A>(
    call: Call<'_, S, T, B, C>,
    mut stage: Pin<&mut Stage<F, A>>,
    entry: &mut Option<(Ticket, Duration)>,
    context: &mut Context<'_>,
) -> Poll<Result<V, BreakerError<E>>>
where
    S: Sleeper,
    T: Trip,
    B: Backoff,
    C: Judge<V, E>,
    A: Future<Output = Result<V, E>>,
{
    let StageMut::Attempt { attempt } = stage.as_mut().project() else {
        unreachable!("an attempt was begun");
    };
    match attempt.poll(context) {
        Poll::Pending => {
            *entry = Some(call.into_parts());
            Poll::Pending
        }
        Poll::Ready(outcome) => {
            stage.set(Stage::Ended);
            Poll::Ready(call.report(outcome))
        }
    }
}

/// Drops the attempt, and only then what lets another be made.
#[cold]
fn abandon<S: Sleeper, T: Trip, B: Backoff, C, F, A>(
    mut stage: Pin<&mut Stage<F, A>>,
    through: &Through<'_, S, T, B, C>,
    entry: (Ticket, Duration),
) {
    let call = Call::of(through.breaker, entry, &through.sleeper);
    stage.set(Stage::Ended);
    drop(call);
}
