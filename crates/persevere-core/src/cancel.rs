//! Cancellation: a token that ends runs, interrupts their waits and, in async runs, their attempts.

use crate::sleeper::{AsyncSleeper, Clock, Sleeper};
use std::boxed::Box;
use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

/// Ends the runs that are tied to it, with [`StopReason::Cancelled`](crate::StopReason::Cancelled). Clones are the same
/// token. Cancelling is for good.
///
/// | run | tied by | a wait | an attempt |
/// |---|---|---|---|
/// | async | [`Run::cancelled_by(token.cancelled())`](crate::Run::cancelled_by), or a sleeper by [`Sleeper::cancelled_by`] | interrupted | dropped |
/// | blocking | `ThreadSleeper.cancelled_by(&token)` | interrupted | finds [`Attempt::is_cancelled`](crate::Attempt::is_cancelled) |
///
/// An attempt that is dropped counts neither as a success nor as a failure.
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
#[doc(alias("cancel", "shutdown", "CancellationToken"))]
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
    wakers: BTreeMap<u64, Waker>,
}

impl CancelToken {
    /// A token that is not cancelled.
    #[must_use]
    pub fn new() -> CancelToken {
        CancelToken::default()
    }

    /// Ends what is tied to this token. Cancelling again does nothing.
    pub fn cancel(&self) {
        let wakers = {
            let mut state = self.state();
            state.cancelled = true;
            std::mem::take(&mut state.wakers)
        };
        self.shared.cancelled.notify_all();
        for waker in wakers.into_values() {
            waker.wake();
        }
    }

    /// Returns a future that is ready once the token is cancelled. It owns a clone of the token.
    ///
    /// ```
    /// use persevere::CancelToken;
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let token = CancelToken::new();
    /// let cancelled = token.cancelled();
    /// token.cancel();
    /// cancelled.await;
    /// # }
    /// ```
    pub fn cancelled(&self) -> Cancelled {
        Cancelled {
            token: self.clone(),
            key: None,
        }
    }

    /// Whether [`cancel`](CancelToken::cancel) has been called.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.state().cancelled
    }

    /// Blocks this thread for `delay`, or until the token is cancelled. Returns whether it is.
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

    /// Ties an async sleeper to this token: see [`Sleeper::cancelled_by`].
    pub(crate) fn guard<S: Sleeper>(&self, sleeper: S) -> Cancellable<S> {
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

/// Whether two are the same token.
impl PartialEq for CancelToken {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.shared, &other.shared)
    }
}

impl Eq for CancelToken {}

impl fmt::Debug for CancelToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CancelToken")
            .field("cancelled", &self.is_cancelled())
            .finish()
    }
}

/// A future that is ready once a token is cancelled; made by [`CancelToken::cancelled`].
#[must_use = "futures do nothing unless polled"]
pub struct Cancelled {
    token: CancelToken,
    key: Option<u64>,
}

impl Future for Cancelled {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        let mut state = this.token.state();
        if state.cancelled {
            return Poll::Ready(());
        }
        let key = *this.key.get_or_insert_with(|| {
            state.next += 1;
            state.next
        });
        if state
            .wakers
            .get(&key)
            .is_some_and(|waker| waker.will_wake(context.waker()))
        {
            return Poll::Pending;
        }
        // The old waker is dropped outside of the lock, since it may run code of the executor.
        let old = state.wakers.insert(key, context.waker().clone());
        drop(state);
        drop(old);
        Poll::Pending
    }
}

impl Drop for Cancelled {
    fn drop(&mut self) {
        if let Some(key) = self.key {
            let waker = self.token.state().wakers.remove(&key);
            drop(waker);
        }
    }
}

impl fmt::Debug for Cancelled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cancelled")
            .field("token", &self.token)
            .finish_non_exhaustive()
    }
}

/// An async sleeper that a [`CancelToken`] interrupts; made by [`Sleeper::cancelled_by`].
#[derive(Debug, Clone)]
#[must_use = "a sleeper does nothing until a policy runs on it"]
pub struct Cancellable<S> {
    sleeper: S,
    token: CancelToken,
}

impl<S: AsyncSleeper> Sleeper for Cancellable<S> {
    type Sleep = CancellableSleep<S::Sleep>;

    fn sleep(&self, delay: Duration) -> CancellableSleep<S::Sleep> {
        CancellableSleep {
            sleep: Box::pin(self.sleeper.sleep(delay)),
            cancelled: self.token.cancelled(),
        }
    }

    fn now(&self) -> Duration {
        self.sleeper.now()
    }

    fn is_cancelled(&self) -> bool {
        self.token.is_cancelled() || self.sleeper.is_cancelled()
    }

    fn is_cancellable(&self) -> bool {
        true
    }

    fn assert_ready(&self) {
        self.sleeper.assert_ready();
    }

    fn cancel_token(&self) -> Option<&CancelToken> {
        Some(&self.token)
    }
}

impl<S: AsyncSleeper + Clock> Clock for Cancellable<S> {}

/// The sleep of a [`Cancellable`] sleeper.
#[must_use = "futures do nothing unless polled"]
pub struct CancellableSleep<F> {
    sleep: Pin<Box<F>>,
    cancelled: Cancelled,
}

impl<F: Future<Output = ()>> Future for CancellableSleep<F> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.sleep.as_mut().poll(context).is_ready() {
            return Poll::Ready(());
        }
        Pin::new(&mut self.cancelled).poll(context)
    }
}

impl<F> fmt::Debug for CancellableSleep<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CancellableSleep")
            .field("token", &self.cancelled.token)
            .finish_non_exhaustive()
    }
}
