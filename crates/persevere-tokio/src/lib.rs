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

use persevere_core::Sleeper;
use std::sync::LazyLock;
use std::time::Duration;
use tokio::time::Instant;

/// Sleeps by tokio's timer and tells the time by tokio's clock, so that a paused clock holds for both.
///
/// Sleeping needs a tokio runtime with its timer enabled; without one, `sleep` panics as
/// [`tokio::time::sleep`] does. Tokio's timer counts in milliseconds and rounds up.
#[derive(Debug, Clone, Copy, Default)]
pub struct TokioSleeper;

/// How far before its origin the clock can tell, 68 years: a runtime's paused clock may stand before the moment
/// at which this process first asked for the time.
const BEFORE_ORIGIN: Duration = Duration::from_secs(1 << 31);

impl Sleeper for TokioSleeper {
    type Sleep = tokio::time::Sleep;

    fn sleep(&self, delay: Duration) -> tokio::time::Sleep {
        tokio::time::sleep(delay)
    }

    fn now(&self) -> Duration {
        static ORIGIN: LazyLock<Instant> = LazyLock::new(Instant::now);
        let (now, origin) = (Instant::now(), *ORIGIN);
        match now.checked_duration_since(origin) {
            Some(after) => BEFORE_ORIGIN + after,
            None => BEFORE_ORIGIN.saturating_sub(origin.duration_since(now)),
        }
    }
}
