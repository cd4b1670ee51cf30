//! The sleeper of [`persevere`](https://docs.rs/persevere) for async-std: [`AsyncStdSleeper`].
//!
//! async-std is discontinued upstream, and its authors recommend smol. This crate is for programs that still
//! use it. A policy is the same on every executor, so changing the executor means naming another sleeper.
//!
//! ```
//! use persevere::{AsyncStdSleeper, Policy};
//! use std::time::Duration;
//!
//! let result = async_std::task::block_on(async {
//!     let policy = Policy::fixed(Duration::from_millis(1));
//!     policy.on(AsyncStdSleeper).run(|| async { Err::<(), _>("still down") }).await
//! });
//! assert_eq!(result.unwrap_err().attempts(), 3);
//! ```

#![forbid(unsafe_code)]

use async_io::Timer;
use persevere_core::{Clock, Sleeper, sleeper::monotonic};
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

/// Sleeps on async-std's timer and tells the time by the platform's monotonic clock, which drives that timer.
///
/// The timer is `async_io::Timer`, which this crate uses directly. The future of `async_std::task::sleep` has
/// no name and would need a box for each sleep.
#[derive(Debug, Clone, Copy, Default)]
pub struct AsyncStdSleeper;

impl Clock for AsyncStdSleeper {}

impl Sleeper for AsyncStdSleeper {
    type Sleep = AsyncStdSleep;

    fn sleep(&self, delay: Duration) -> AsyncStdSleep {
        AsyncStdSleep(Timer::after(delay))
    }

    fn now(&self) -> Duration {
        monotonic()
    }
}

/// The future of a sleep; returned by [`AsyncStdSleeper`].
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct AsyncStdSleep(Timer);

impl Future for AsyncStdSleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        Pin::new(&mut self.0).poll(context).map(drop)
    }
}
