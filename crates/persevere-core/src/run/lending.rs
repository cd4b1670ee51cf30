//! The loop of async runs whose operation may borrow mutably what it captures.

use crate::observe::Observer;
use crate::policy::{Judges, PolicyParts};
use crate::run::attempts::Attempts;
use crate::run::{Attempt, Ending, Guards, Run};
use crate::sleeper::{AwaitedBy, Sleeper};
use core::future::{Future, poll_fn};
use core::ops::ControlFlow;
use core::pin::{Pin, pin};
use core::task::Poll;
use core::time::Duration;

/// Drives a run of an async closure.
#[expect(clippy::manual_async_fn, reason = "an async function keeps its arguments twice")]
pub(crate) fn drive<T, E, P, S, O, G, K, X, F>(
    run: Run<P, S, O, G, K, X>,
    mut operation: F,
) -> impl Future<Output = K::Output>
where
    F: AsyncFnMut(Attempt) -> Result<T, E>,
    P: Judges<T, E>,
    S: Sleeper<Sleep: AwaitedBy<S>>,
    O: Observer<E>,
    G: Guards<T, E>,
    K: Ending<T, E>,
    X: Future,
{
    async move {
        let (mut attempts, signal) = Attempts::new(run);
        let mut signal = pin!(signal);
        let is_cancelled = poll_once(signal.as_mut()).await;
        let mut next = attempts.begin::<T, E>(is_cancelled);
        loop {
            let delay = match next.into_flow() {
                ControlFlow::Break(output) => return output,
                ControlFlow::Continue(delay) => delay,
            };
            next = match delay {
                None => {
                    let attempt = operation(attempts.attempt());
                    match attempts.make::<T, E, _>(pin!(attempt), signal.as_mut()).await {
                        Interrupted::No(outcome) => attempts.settle(outcome),
                        Interrupted::BySignal => attempts.abandon::<T, E>(),
                    }
                }
                Some(delay) => match attempts.wait(delay, signal.as_mut()).await {
                    Interrupted::No(()) => attempts.woke::<T, E>(delay),
                    Interrupted::BySignal => attempts.cancelled::<T, E>(),
                },
            };
        }
    }
}

/// How an attempt or wait ended.
pub(crate) enum Interrupted<R> {
    /// It came to its end.
    No(R),
    /// The signal that cancels the run came first.
    BySignal,
}

impl<P: PolicyParts, S: Sleeper, O, G, K, L> Attempts<P, S, O, G, K, L> {
    /// Polls an attempt to its end, beside its timer and the signal that cancels the run.
    // A separate future, so that the timer has no place in the run's future while the run waits.
    pub(crate) async fn make<T, E, A>(
        &mut self,
        mut attempt: Pin<&mut A>,
        mut signal: Pin<&mut impl Future>,
    ) -> Interrupted<Option<Result<T, E>>>
    where
        A: Future<Output = Result<T, E>>,
        S::Sleep: AwaitedBy<S>,
        G: Guards<T, E>,
        K: Ending<T, E, Kept = L>,
    {
        let mut timer = pin!(None);
        poll_fn(|context| {
            if let Poll::Ready(outcome) = self.watch::<T, E, _>(|| attempt.as_mut().poll(context)) {
                return Poll::Ready(Interrupted::No(Some(outcome)));
            }
            // Made once the attempt is pending, so that on a simulated clock no time passes before it.
            if timer.is_none() {
                timer.set(self.limit::<T, E>().map(|limit| self.sleeper.sleep(limit)));
            }
            if let Some(timer) = timer.as_mut().as_pin_mut() {
                if timer.poll(context).is_ready() {
                    return Poll::Ready(Interrupted::No(None));
                }
            }
            signal.as_mut().poll(context).map(|_output| Interrupted::BySignal)
        })
        .await
    }

    /// Waits, beside the signal that cancels the run. Before a wait of zero it lets the executor run other tasks once, so
    /// that a loop without delays cannot starve them.
    pub(crate) async fn wait(&mut self, delay: u64, mut signal: Pin<&mut impl Future>) -> Interrupted<()>
    where
        S::Sleep: AwaitedBy<S>,
    {
        if delay == 0 {
            yield_once().await;
        }
        let mut sleep = pin!(self.sleeper.sleep(Duration::from_nanos(delay)));
        poll_fn(|context| {
            if sleep.as_mut().poll(context).is_ready() {
                return Poll::Ready(Interrupted::No(()));
            }
            signal.as_mut().poll(context).map(|_output| Interrupted::BySignal)
        })
        .await
    }

    /// Waits on this thread.
    // perf: without `#[inline]`, by which every call site would carry the sleeper's code (`cargo xtask embedded`).
    pub(crate) fn sleep(&self, delay: u64) {
        drop(self.sleeper.sleep(Duration::from_nanos(delay)));
    }
}

/// Whether a future is ready when it is first polled.
fn poll_once(mut future: Pin<&mut impl Future>) -> impl Future<Output = bool> {
    poll_fn(move |context| Poll::Ready(future.as_mut().poll(context).is_ready()))
}

/// Pending once.
fn yield_once() -> impl Future<Output = ()> {
    let mut yielded = false;
    poll_fn(move |context| {
        if core::mem::replace(&mut yielded, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
}
