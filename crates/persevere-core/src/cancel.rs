//! Cancellation: a token that ends runs between attempts and wakes what sleeps.

use crate::sleeper::Sleeper;
use std::boxed::Box;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};
use std::vec::Vec;

/// Ends the runs whose sleeper is tied to it: at once if they wait, else when their attempt has ended. Clones are
/// the same token.
///
/// Async runs need it less, since a future can be dropped; [`guard`](CancelToken::guard) ties any async sleeper.
/// On a thread, `ThreadSleeper::cancelled_by` makes a sleeper that the token interrupts. Either way the run ends
/// with [`StopReason::Cancelled`](crate::StopReason::Cancelled). Cancelling is for good.
///
/// ```
/// use persevere::{CancelToken, Policy, StopReason, ThreadSleeper};
/// use std::{thread, time::Duration};
///
/// let token = CancelToken::new();
/// let worker = thread::spawn({
///     let sleeper = ThreadSleeper.cancelled_by(&token);
///     move || Policy::fixed(Duration::from_secs(3600)).on(sleeper).run_blocking(|| Err::<(), _>("no"))
/// });
/// token.cancel();
/// let error = worker.join().unwrap().unwrap_err();
/// assert_eq!(error.reason(), StopReason::Cancelled);
/// ```
#[derive(Clone, Default)]
pub struct CancelToken {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    cancelled: Condvar,
}

#[derive(Default)]
struct State {
    cancelled: bool,
    next: u64,
    /// Few at a time, so a list.
    sleeping: Vec<(u64, Waker)>,
}

impl CancelToken {
    /// A token that is not cancelled.
    #[must_use]
    pub fn new() -> CancelToken {
        CancelToken::default()
    }

    /// Ends what is tied to this token. Cancelling again does nothing.
    pub fn cancel(&self) {
        let sleeping = {
            let mut state = self.state();
            state.cancelled = true;
            std::mem::take(&mut state.sleeping)
        };
        self.shared.cancelled.notify_all();
        for (_, waker) in sleeping {
            waker.wake();
        }
    }

    /// Whether [`cancel`](CancelToken::cancel) has been called.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.state().cancelled
    }

    /// Blocks this thread for `delay`, or until the token is cancelled. Says whether it is.
    pub fn sleep_blocking(&self, delay: Duration) -> bool {
        let mut state = self.state();
        let end = Instant::now().checked_add(delay);
        while !state.cancelled {
            state = match end {
                None => self
                    .shared
                    .cancelled
                    .wait(state)
                    .unwrap_or_else(PoisonError::into_inner),
                Some(end) => {
                    let left = end.saturating_duration_since(Instant::now());
                    if left.is_zero() {
                        break;
                    }
                    let waited = self.shared.cancelled.wait_timeout(state, left);
                    waited.unwrap_or_else(PoisonError::into_inner).0
                }
            };
        }
        state.cancelled
    }

    /// Ties an async sleeper to this token. Each of its sleeps is one allocation.
    ///
    /// ```
    /// use persevere::{CancelToken, Policy, StopReason, TokioSleeper};
    /// use std::time::Duration;
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let token = CancelToken::new();
    /// let run = tokio::spawn({
    ///     let sleeper = token.guard(TokioSleeper);
    ///     async move {
    ///         let policy = Policy::fixed(Duration::from_secs(3600));
    ///         policy.on(sleeper).run(|| async { Err::<(), _>("no") }).await
    ///     }
    /// });
    /// tokio::task::yield_now().await;
    /// token.cancel();
    /// assert_eq!(run.await.unwrap().unwrap_err().reason(), StopReason::Cancelled);
    /// # }
    /// ```
    pub fn guard<S: Sleeper>(&self, sleeper: S) -> Cancellable<S> {
        Cancellable {
            sleeper,
            token: self.clone(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing that is done under the lock can panic half way.
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for CancelToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CancelToken")
            .field("cancelled", &self.is_cancelled())
            .finish()
    }
}

/// An async sleeper that a [`CancelToken`] interrupts; made by [`CancelToken::guard`].
#[derive(Debug, Clone)]
#[must_use = "a sleeper does nothing until a policy runs on it"]
pub struct Cancellable<S> {
    sleeper: S,
    token: CancelToken,
}

impl<S: Sleeper> Sleeper for Cancellable<S> {
    type Sleep = CancellableSleep<S::Sleep>;

    fn sleep(&self, delay: Duration) -> CancellableSleep<S::Sleep> {
        CancellableSleep {
            sleep: Box::pin(self.sleeper.sleep(delay)),
            token: self.token.clone(),
            key: None,
        }
    }

    fn now(&self) -> Duration {
        self.sleeper.now()
    }

    fn is_cancelled(&self) -> bool {
        self.token.is_cancelled() || self.sleeper.is_cancelled()
    }
}

/// The sleep of a [`Cancellable`] sleeper.
#[must_use = "futures do nothing unless polled"]
pub struct CancellableSleep<F> {
    sleep: Pin<Box<F>>,
    token: CancelToken,
    key: Option<u64>,
}

impl<F: Future<Output = ()>> Future for CancellableSleep<F> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        if this.sleep.as_mut().poll(context).is_ready() {
            return Poll::Ready(());
        }
        let mut state = this.token.state();
        if state.cancelled {
            return Poll::Ready(());
        }
        let key = *this.key.get_or_insert_with(|| {
            state.next += 1;
            state.next
        });
        // The old waker is dropped outside of the lock, since it may run code of the executor.
        let waker = context.waker().clone();
        let old = match state.sleeping.iter_mut().find(|(other, _)| *other == key) {
            Some((_, old)) => Some(std::mem::replace(old, waker)),
            None => {
                state.sleeping.push((key, waker));
                None
            }
        };
        drop(state);
        drop(old);
        Poll::Pending
    }
}

impl<F> Drop for CancellableSleep<F> {
    fn drop(&mut self) {
        if let Some(key) = self.key {
            let mut state = self.token.state();
            let index = state.sleeping.iter().position(|(other, _)| *other == key);
            let waker = index.map(|index| state.sleeping.swap_remove(index));
            drop(state);
            drop(waker);
        }
    }
}

impl<F> fmt::Debug for CancellableSleep<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CancellableSleep")
            .field("token", &self.token)
            .finish_non_exhaustive()
    }
}
