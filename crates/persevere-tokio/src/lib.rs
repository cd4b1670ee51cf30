//! [`TokioSleeper`]: retries of [`persevere`](https://docs.rs/persevere) on tokio.
//!
//! ```
//! use persevere::{Policy, TokioSleeper};
//! use std::time::Duration;
//!
//! # #[tokio::main(flavor = "current_thread", start_paused = true)] async fn main() {
//! let start = tokio::time::Instant::now();
//! let result = Policy::fixed(Duration::from_secs(60))
//!     .on(TokioSleeper)
//!     .run(|| async { Err::<(), _>("still down") })
//!     .await;
//! assert_eq!(result.unwrap_err().attempts(), 3);
//! assert_eq!(start.elapsed(), Duration::from_secs(120), "exact, and at once, under paused time");
//! # }
//! ```

#![forbid(unsafe_code)]

use persevere_core::{Sleeper, sleeper::monotonic_at};
use std::time::Duration;
use tokio::time::Instant;

/// Sleeps by tokio's timer and tells the time by tokio's clock, so that a paused clock holds for both. One that is not paused
/// is the platform's monotonic clock.
///
/// Sleeping needs a tokio runtime with its timer enabled; without one, `sleep` panics as
/// [`tokio::time::sleep`] does. Tokio's timer counts in milliseconds and rounds up.
#[derive(Debug, Clone, Copy, Default)]
pub struct TokioSleeper;

impl Sleeper for TokioSleeper {
    type Sleep = tokio::time::Sleep;

    #[inline]
    fn sleep(&self, delay: Duration) -> tokio::time::Sleep {
        tokio::time::sleep(delay)
    }

    fn now(&self) -> Duration {
        monotonic_at(Instant::now().into_std())
    }
}
