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
use persevere_core::{Sleeper, sleeper::monotonic};
use std::time::Duration;

/// Sleeps on `futures-timer` and tells the time by the platform's monotonic clock, which drives that timer.
///
/// `futures-timer` has one thread, which wakes tasks of any executor.
#[derive(Debug, Clone, Copy, Default)]
pub struct FuturesTimerSleeper;

impl Sleeper for FuturesTimerSleeper {
    type Sleep = Delay;

    fn sleep(&self, delay: Duration) -> Delay {
        Delay::new(delay)
    }

    fn now(&self) -> Duration {
        monotonic()
    }
}
