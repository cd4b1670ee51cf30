//! A flag that wakes its waiter, a task or a thread.

use std::future::poll_fn;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

/// A flag that one waiter takes down again.
#[derive(Debug, Default)]
pub(crate) struct Signal {
    state: Mutex<State>,
    raised: Condvar,
}

#[derive(Debug, Default)]
struct State {
    is_raised: bool,
    waker: Option<Waker>,
}

impl Signal {
    pub(crate) fn raise(&self) {
        let mut state = self.lock();
        if state.is_raised {
            return;
        }
        state.is_raised = true;
        let waker = state.waker.take();
        drop(state);
        self.raised.notify_all();
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    pub(crate) fn poll(&self, context: &Context<'_>) -> Poll<()> {
        let mut state = self.lock();
        if std::mem::take(&mut state.is_raised) {
            return Poll::Ready(());
        }
        state.waker = Some(context.waker().clone());
        Poll::Pending
    }

    pub(crate) async fn wait(&self) {
        poll_fn(|context| self.poll(context)).await;
    }

    /// Waits on this thread, for at most the given time; returns whether the flag was raised.
    pub(crate) fn wait_for(&self, time: Duration) -> bool {
        let state = self.lock();
        let waited = self.raised.wait_timeout_while(state, time, |state| !state.is_raised);
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut state.is_raised)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::thread;

    #[test]
    fn raised_signal_wakes_thread_once() {
        let signal = Signal::default();
        assert!(!signal.wait_for(Duration::ZERO));
        thread::scope(|scope| {
            let waiter = scope.spawn(|| signal.wait_for(Duration::from_secs(60)));
            signal.raise();
            assert!(waiter.join().unwrap());
        });
        assert!(!signal.wait_for(Duration::ZERO));
    }
}
