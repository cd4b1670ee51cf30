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

use persevere_core::{Clock, Sleeper, sleeper::monotonic_at};
use pin_project_lite::pin_project;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::{Instant, Sleep};

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

impl Clock for TokioSleeper {}

impl Sleeper for TokioSleeper {
    type Sleep = TokioSleep;

    #[inline]
    fn sleep(&self, delay: Duration) -> TokioSleep {
        TokioSleep {
            sleep: tokio::time::sleep(delay),
        }
    }

    fn now(&self) -> Duration {
        monotonic_at(Instant::now().into_std())
    }

    fn assert_ready(&self) {
        assert!(
            tokio::runtime::Handle::try_current().is_ok(),
            "a run on `TokioSleeper` needs a tokio runtime: start one with `#[tokio::main]`, or use the sleeper of the executor that polls this run"
        );
    }
}

pin_project! {
    /// The future of a sleep; returned by [`TokioSleeper`].
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct TokioSleep {
        #[pin]
        sleep: Sleep,
    }
}

impl Future for TokioSleep {
    type Output = ();

    #[inline]
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        self.project().sleep.poll(context)
    }
}
