//! [`FuturesTimerSleeper`]: retries of [`persevere`](https://docs.rs/persevere) on any executor.
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
use persevere_core::{Sleeper, sleeper::monotonic};
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

/// Sleeps by `futures-timer`, whose one thread wakes tasks of any executor, and tells the time by the platform's
/// monotonic clock, which that goes by.
#[derive(Debug, Clone, Copy, Default)]
pub struct FuturesTimerSleeper;

impl Sleeper for FuturesTimerSleeper {
    type Sleep = FuturesTimerSleep;

    fn sleep(&self, delay: Duration) -> FuturesTimerSleep {
        // The timer adds the delay to the time and panics where there is no such time.
        let representable = Instant::now()
            .checked_add(delay.saturating_add(Duration::from_secs(60)))
            .is_some();
        FuturesTimerSleep(representable.then(|| Delay::new(delay)))
    }

    fn now(&self) -> Duration {
        monotonic()
    }
}

/// The sleep of a [`FuturesTimerSleeper`]. One that would end past the end of the platform's clock does not end.
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct FuturesTimerSleep(Option<Delay>);

impl Future for FuturesTimerSleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        match &mut self.0 {
            Some(delay) => Pin::new(delay).poll(context),
            None => Poll::Pending,
        }
    }
}
