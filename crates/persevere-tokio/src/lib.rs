//! The sleeper of [`persevere`](https://docs.rs/persevere) for tokio: [`TokioSleeper`].
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
//! assert_eq!(start.elapsed(), Duration::from_secs(120), "exact under paused time");
//! # }
//! ```

#![forbid(unsafe_code)]

use persevere_core::{Sleeper, sleeper::monotonic_at};
use std::time::Duration;
use tokio::time::Instant;

/// Sleeps on tokio's timer and tells the time by tokio's clock.
///
/// A paused clock therefore applies to both. Without pausing, tokio's clock is the platform's monotonic
/// clock. Tokio's timer has a resolution of one millisecond and rounds up.
///
/// # Panics
///
/// Sleeping requires a tokio runtime with its timer enabled; without one, `sleep` panics as
/// [`tokio::time::sleep`] does.
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
