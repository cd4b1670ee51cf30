//! The sleeper of [`persevere`](https://docs.rs/persevere) for any executor: [`FuturesTimerSleeper`].
//!
//! ```
//! use persevere::{FuturesTimerSleeper, Policy};
//! use std::time::Duration;
//!
//! # let block_on = smol::block_on;
//! let result = block_on(async {
//!     let policy = Policy::fixed(Duration::from_millis(1));
//!     policy.on(FuturesTimerSleeper).run(|| async { Err::<(), _>("still down") }).await
//! });
//! assert_eq!(result.unwrap_err().attempts(), 3);
//! ```

#![forbid(unsafe_code)]

use futures_timer::Delay;
use persevere_core::{Clock, Sleeper, sleeper::monotonic};
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

/// Sleeps on `futures-timer` and tells the time by the platform's monotonic clock, which drives that timer.
///
/// `futures-timer` has one thread, which wakes tasks of any executor.
#[derive(Debug, Clone, Copy, Default)]
pub struct FuturesTimerSleeper;

impl Clock for FuturesTimerSleeper {}

impl Sleeper for FuturesTimerSleeper {
    type Sleep = FuturesTimerSleep;

    fn sleep(&self, delay: Duration) -> FuturesTimerSleep {
        FuturesTimerSleep(Delay::new(delay))
    }

    fn now(&self) -> Duration {
        monotonic()
    }
}

/// The future of a sleep; returned by [`FuturesTimerSleeper`].
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct FuturesTimerSleep(Delay);

impl Future for FuturesTimerSleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        Pin::new(&mut self.0).poll(context)
    }
}
