//! The future of a sleep.

use crate::{millis, now};
use gloo_timers::future::TimeoutFuture;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

/// The future of a sleep; returned by [`WebSleeper`](crate::WebSleeper). Its timer is cleared when it is dropped.
#[must_use = "futures do nothing unless polled"]
pub struct WebSleep {
    end: Duration,
    timer: TimeoutFuture,
}

impl WebSleep {
    pub(crate) fn new(end: Duration, now: Duration) -> WebSleep {
        WebSleep {
            end,
            timer: timer(end, now),
        }
    }
}

/// A timer until then, or the first of several.
fn timer(end: Duration, now: Duration) -> TimeoutFuture {
    TimeoutFuture::new(millis::at_least(end.saturating_sub(now)))
}

impl Future for WebSleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        loop {
            if Pin::new(&mut self.timer).poll(context).is_pending() {
                return Poll::Pending;
            }
            let now = now();
            if now >= self.end {
                return Poll::Ready(());
            }
            self.timer = timer(self.end, now);
        }
    }
}

impl fmt::Debug for WebSleep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebSleep")
            .field("end", &self.end)
            .finish_non_exhaustive()
    }
}
