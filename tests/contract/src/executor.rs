//! Futures without a clock, and several as one.

use persevere_testkit::VirtualTime;
use std::future::Future;
use std::pin::pin;
use std::task::Poll;

/// Runs a future that goes by no clock.
pub fn block_on<F: Future>(future: F) -> F::Output {
    VirtualTime::new().block_on(future)
}

/// Awaits all of `futures` as one task.
pub async fn join_all<F: Future<Output = ()>>(futures: impl IntoIterator<Item = F>) {
    let mut left: Vec<_> = futures.into_iter().map(Box::pin).collect();
    std::future::poll_fn(move |context| {
        left.retain_mut(|future| future.as_mut().poll(context).is_pending());
        if left.is_empty() {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
}

/// The output of `first`, or `None` if `second` is ready before it: what a caller's own loop does for a timeout.
pub async fn race<A: Future, B: Future<Output = ()>>(first: A, second: B) -> Option<A::Output> {
    let (mut first, mut second) = (pin!(first), pin!(second));
    std::future::poll_fn(move |context| match first.as_mut().poll(context) {
        Poll::Ready(output) => Poll::Ready(Some(output)),
        Poll::Pending => second.as_mut().poll(context).map(|()| None),
    })
    .await
}
