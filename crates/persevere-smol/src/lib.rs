//! The sleeper of [`persevere`](https://docs.rs/persevere) for smol: [`SmolSleeper`].
//!
//! ```
//! use persevere::{Policy, SmolSleeper};
//! use std::time::Duration;
//!
//! let result = smol::block_on(async {
//!     let policy = Policy::fixed(Duration::from_millis(1));
//!     policy.on(SmolSleeper).run(|| async { Err::<(), _>("still down") }).await
//! });
//! assert_eq!(result.unwrap_err().attempts(), 3);
//! ```

#![forbid(unsafe_code)]

use persevere_core::{Clock, Sleeper, sleeper::monotonic};
use smol::Timer;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

/// Sleeps on [`smol::Timer`] and tells the time by the platform's monotonic clock, which drives that timer.
#[derive(Debug, Clone, Copy, Default)]
pub struct SmolSleeper;

impl Clock for SmolSleeper {}

impl Sleeper for SmolSleeper {
    type Sleep = SmolSleep;

    fn sleep(&self, delay: Duration) -> SmolSleep {
        SmolSleep(Timer::after(delay))
    }

    fn now(&self) -> Duration {
        monotonic()
    }
}

/// The future of a sleep; returned by [`SmolSleeper`].
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct SmolSleep(Timer);

impl Future for SmolSleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        Pin::new(&mut self.0).poll(context).map(drop)
    }
}
