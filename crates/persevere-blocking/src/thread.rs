//! Sleepers that block the thread.

use persevere_core::{CancelToken, Clock, Sleeper, Slept, sleeper::monotonic};
use std::time::Duration;

/// Blocks the thread by [`std::thread::sleep`] and tells the time by the platform's monotonic clock.
///
/// ```
/// use persevere::{Policy, ThreadSleeper};
/// use std::net::TcpListener;
///
/// let listener = Policy::default().on(ThreadSleeper).run_blocking(|| TcpListener::bind("127.0.0.1:0"))?;
/// # Ok::<(), persevere::RetryError<std::io::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct ThreadSleeper;

impl ThreadSleeper {
    /// Returns a sleeper that `token` interrupts. Cancelling the token ends the run.
    pub fn cancelled_by(self, token: &CancelToken) -> CancellableThreadSleeper {
        CancellableThreadSleeper { token: token.clone() }
    }
}

impl Sleeper for ThreadSleeper {
    type Sleep = Slept;

    fn sleep(&self, delay: Duration) -> Slept {
        std::thread::sleep(delay);
        Slept
    }

    fn now(&self) -> Duration {
        monotonic()
    }
}

/// Blocks the thread until the delay ends or a [`CancelToken`] is cancelled; returned by
/// [`ThreadSleeper::cancelled_by`].
#[derive(Debug, Clone)]
#[must_use = "a sleeper does nothing until a policy runs on it"]
pub struct CancellableThreadSleeper {
    token: CancelToken,
}

impl Sleeper for CancellableThreadSleeper {
    type Sleep = Slept;

    fn sleep(&self, delay: Duration) -> Slept {
        self.token.sleep_blocking(delay);
        Slept
    }

    fn now(&self) -> Duration {
        monotonic()
    }

    fn is_cancelled(&self) -> bool {
        self.token.is_cancelled()
    }

    fn is_cancellable(&self) -> bool {
        true
    }

    fn cancel_token(&self) -> Option<&CancelToken> {
        Some(&self.token)
    }
}

impl Clock for ThreadSleeper {}
impl Clock for CancellableThreadSleeper {}
