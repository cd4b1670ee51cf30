//! Operations that count their calls and fail a given number of times, and an async sleeper without delay.

use persevere::{AsyncSleeper, sleeper};
use std::cell::Cell;
use std::sync::atomic::{AtomicU32, Ordering};

/// An async sleeper: each sleep is pending once.
pub(crate) fn yielding() -> impl AsyncSleeper<Sleep: Send> + Send + Sync {
    sleeper::from_fn(|_| tokio::task::yield_now(), sleeper::monotonic)
}

/// Fails the given number of times, then succeeds with the number of the call.
#[derive(Debug, Default)]
pub(crate) struct Calls {
    made: Cell<u32>,
    failures: u32,
}

impl Calls {
    pub(crate) fn failing(failures: u32) -> Calls {
        Calls {
            made: Cell::new(0),
            failures,
        }
    }

    pub(crate) fn always_failing() -> Calls {
        Calls::failing(u32::MAX)
    }

    pub(crate) fn made(&self) -> u32 {
        self.made.get()
    }

    pub(crate) fn call(&self) -> Result<u32, &'static str> {
        self.made.set(self.made.get() + 1);
        if self.made.get() > self.failures {
            Ok(self.made.get())
        } else {
            Err("no")
        }
    }

    pub(crate) async fn call_async(&self) -> Result<u32, &'static str> {
        self.call()
    }
}

/// [`Calls`] for several threads.
#[derive(Debug, Default)]
pub(crate) struct SharedCalls {
    made: AtomicU32,
    failures: u32,
}

impl SharedCalls {
    pub(crate) const fn failing(failures: u32) -> SharedCalls {
        SharedCalls {
            made: AtomicU32::new(0),
            failures,
        }
    }

    pub(crate) fn made(&self) -> u32 {
        self.made.load(Ordering::SeqCst)
    }

    pub(crate) fn call(&self) -> Result<u32, &'static str> {
        let number = self.made.fetch_add(1, Ordering::SeqCst) + 1;
        if number > self.failures { Ok(number) } else { Err("no") }
    }
}
