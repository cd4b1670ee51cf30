//! The loops that people write by hand: as one usually sees them, and at their best.

use crate::case::{ATTEMPTS, BASE, CAP, Job, case, no_sleep};
use std::future::{Future, ready};
use std::time::Duration;

/// As one usually sees it: `Duration` arithmetic and a random `f64`.
#[inline]
fn usual_delay(attempt: u32, jitter: bool) -> Duration {
    let delay = BASE.saturating_mul(2u32.saturating_pow(attempt - 1)).min(CAP);
    if jitter { delay.mul_f64(fastrand::f64()) } else { delay }
}

/// At its best: 64-bit nanoseconds, a multiplication for the jitter.
#[inline]
fn best_delay(attempt: u32, jitter: bool) -> Duration {
    let delay = ((BASE.as_nanos() as u64) << (attempt - 1).min(31)).min(CAP.as_nanos() as u64);
    let delay = if jitter {
        ((u128::from(fastrand::u64(..)) * u128::from(delay + 1)) >> 64) as u64
    } else {
        delay
    };
    Duration::from_nanos(delay)
}

#[inline]
fn blocking(operation: impl Fn() -> Result<u32, u32>, delay: impl Fn(u32) -> Duration) -> Result<u32, u32> {
    let mut attempt = 1;
    loop {
        match operation() {
            Ok(value) => return Ok(value),
            Err(error) if attempt >= ATTEMPTS => return Err(error),
            Err(_) => {
                no_sleep(delay(attempt));
                attempt += 1;
            }
        }
    }
}

#[inline]
async fn asynchronous<F: Future<Output = Result<u32, u32>>>(
    operation: impl Fn() -> F,
    delay: impl Fn(u32) -> Duration,
) -> Result<u32, u32> {
    let mut attempt = 1;
    loop {
        match operation().await {
            Ok(value) => return Ok(value),
            Err(error) if attempt >= ATTEMPTS => return Err(error),
            Err(_) => {
                no_sleep(delay(attempt));
                ready(()).await;
                attempt += 1;
            }
        }
    }
}

macro_rules! contestant {
    ($job:expr, $name:literal, $delay:ident) => {
        contestant!($job, $name, "success", 0, |attempt| $delay(attempt, true));
        contestant!($job, $name, "plain", 3, |attempt| $delay(attempt, false));
        contestant!($job, $name, "jitter", 3, |attempt| $delay(attempt, true));
        contestant!($job, $name, "exhausted", 5, |attempt| $delay(attempt, true));
        case!($job, concat!("async/", $name, "/large"), 0, |operation| async
            asynchronous(|| operation.call_async::<1024>(), |attempt| $delay(attempt, true)));
    };
    ($job:expr, $name:literal, $case:literal, $failures:literal, $delay:expr) => {
        case!($job, concat!("sync/", $name, "/", $case), $failures, |operation| sync
            blocking(|| operation.call(), $delay));
        case!($job, concat!("async/", $name, "/", $case), $failures, |operation| async
            asynchronous(|| operation.call_async::<0>(), $delay));
    };
}

pub(crate) fn cases(job: Job) {
    contestant!(job, "best", best_delay);
    contestant!(job, "usual", usual_delay);
}
