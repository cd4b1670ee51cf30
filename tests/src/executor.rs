//! The smallest executor: polls one future on this thread, counts its wake-ups, and can stop after any poll.

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};

/// A waker that counts.
#[derive(Debug, Default)]
pub struct Wakes(AtomicUsize);

impl Wakes {
    /// None so far.
    #[must_use]
    pub fn new() -> Arc<Wakes> {
        Arc::default()
    }

    /// How often it was woken.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

/// A future that is polled by hand.
pub struct Polled<F> {
    future: Pin<Box<F>>,
    wakes: Arc<Wakes>,
    polls: usize,
}

impl<F: Future> Polled<F> {
    /// `future`, not polled yet.
    pub fn new(future: F) -> Polled<F> {
        Polled {
            future: Box::pin(future),
            wakes: Wakes::new(),
            polls: 0,
        }
    }

    /// Polls once.
    pub fn poll(&mut self) -> Poll<F::Output> {
        let waker = Waker::from(Arc::clone(&self.wakes));
        self.polls += 1;
        self.future.as_mut().poll(&mut Context::from_waker(&waker))
    }

    /// How often it was polled.
    #[must_use]
    pub fn polls(&self) -> usize {
        self.polls
    }

    /// Its waker, to look at while or after it runs.
    #[must_use]
    pub fn wakes(&self) -> Arc<Wakes> {
        Arc::clone(&self.wakes)
    }
}

/// Polls `future` until it is ready.
///
/// # Panics
///
/// If the future is pending and has woken nobody, since on this thread nothing else could wake it.
pub fn block_on<F: Future>(future: F) -> F::Output {
    let mut polled = Polled::new(future);
    loop {
        let before = polled.wakes.count();
        if let Poll::Ready(output) = polled.poll() {
            return output;
        }
        assert!(
            polled.wakes.count() > before,
            "the future waits for a wake-up that cannot come"
        );
    }
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
