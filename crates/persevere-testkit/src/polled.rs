//! A future that the test polls.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::task::Wake;
use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::sync::atomic::{AtomicUsize, Ordering};
use core::task::{Context, Poll, Waker};

/// A future that the test polls, to inspect it between two polls or drop it after any poll.
///
/// ```
/// use persevere::Policy;
/// use persevere_testkit::{Polled, VirtualTime, script_async};
/// use std::{task::Poll, time::Duration};
///
/// let (time, policy) = (VirtualTime::new(), Policy::fixed(Duration::from_secs(60)));
/// let mut run = Polled::new(policy.on(time.asynchronous()).run(script_async([Err("down"), Ok(7)])));
/// assert!(run.poll().is_pending() && !run.is_woken());
/// time.advance(Duration::from_secs(60));
/// assert!(run.is_woken());
/// assert_eq!(run.poll(), Poll::Ready(Ok(7)));
/// assert_eq!((run.polls(), run.wakes().count()), (2, 1));
/// ```
pub struct Polled<F> {
    future: Pin<Box<F>>,
    wakes: Arc<Wakes>,
    polls: usize,
    wakes_seen: usize,
}

impl<F: Future> Polled<F> {
    /// Wraps `future` without polling it.
    #[must_use]
    pub fn new(future: F) -> Polled<F> {
        Polled {
            future: Box::pin(future),
            wakes: Arc::default(),
            polls: 0,
            wakes_seen: 0,
        }
    }

    /// Polls once.
    ///
    /// # Panics
    ///
    /// If the future panics, as most futures do if they are polled after they were ready.
    pub fn poll(&mut self) -> Poll<F::Output> {
        let waker = Waker::from(Arc::clone(&self.wakes));
        self.polls += 1;
        self.wakes_seen = self.wakes.count();
        self.future.as_mut().poll(&mut Context::from_waker(&waker))
    }

    /// Polls until the future is ready or has not woken itself.
    ///
    /// ```
    /// use persevere::Policy;
    /// use persevere_testkit::{Polled, VirtualTime, script_async};
    /// use std::{task::Poll, time::Duration};
    ///
    /// let (time, policy) = (VirtualTime::new(), Policy::fixed(Duration::ZERO));
    /// let mut run = Polled::new(policy.on(time.asynchronous()).run(script_async([Err("down"), Err("down"), Ok(7)])));
    /// assert_eq!(run.poll_until_idle(), Poll::Ready(Ok(7)));
    /// assert_eq!(run.polls(), 3, "a zero delay yields to other tasks");
    /// ```
    ///
    /// # Panics
    ///
    /// Like [`poll`](Polled::poll).
    pub fn poll_until_idle(&mut self) -> Poll<F::Output> {
        loop {
            let poll = self.poll();
            if poll.is_ready() || !self.is_woken() {
                return poll;
            }
        }
    }

    /// Whether the future was woken since the last poll.
    #[must_use]
    pub fn is_woken(&self) -> bool {
        self.wakes.count() > self.wakes_seen
    }

    /// Returns the number of polls.
    #[must_use]
    pub fn polls(&self) -> usize {
        self.polls
    }

    /// Returns the waker of the future.
    ///
    /// It can be inspected after the future was dropped: [`Arc::strong_count`] shows whether anything still holds it.
    #[must_use]
    pub fn wakes(&self) -> Arc<Wakes> {
        Arc::clone(&self.wakes)
    }
}

impl<F> fmt::Debug for Polled<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Polled")
            .field("polls", &self.polls)
            .field("wakes", &self.wakes.count())
            .finish_non_exhaustive()
    }
}

/// The waker of a [`Polled`], which counts its wakes.
///
/// ```
/// use persevere_testkit::Polled;
/// use std::{sync::Arc, task::Poll};
///
/// let mut task = Polled::new(std::future::poll_fn(|context| {
///     context.waker().wake_by_ref();
///     Poll::<()>::Pending
/// }));
/// let wakes = task.wakes();
/// assert!(task.poll().is_pending());
/// drop(task);
/// assert_eq!((wakes.count(), Arc::strong_count(&wakes)), (1, 1));
/// ```
#[derive(Debug, Default)]
pub struct Wakes(AtomicUsize);

impl Wakes {
    /// Returns the number of wakes.
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
