//! A thread that keeps a handle in step.

use persevere::{CancelToken, CancellableThreadSleeper, ThreadSleeper};
use std::thread::{self, JoinHandle};

/// A thread that keeps a handle in step until this is dropped.
pub struct Keeper {
    token: CancelToken,
    thread: Option<JoinHandle<()>>,
}

impl Keeper {
    /// Starts the thread.
    pub fn start(keep: impl FnOnce(CancellableThreadSleeper) + Send + 'static) -> Keeper {
        let token = CancelToken::new();
        let sleeper = ThreadSleeper.cancelled_by(&token);
        let thread = Some(thread::spawn(|| keep(sleeper)));
        Keeper { token, thread }
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.token.cancel();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
