//! The operation alone, and the loops that people write by hand: as one usually sees them, and at their best.

use crate::case::{ATTEMPTS, BASE, CAP, Job, case, failures, no_sleep, no_sleep_async, sizes};
use std::cell::Cell;
use std::future::Future;
use std::time::Duration;

/// As one usually sees it: `Duration` arithmetic and a random `f64`.
#[inline]
fn usual_delay(attempt: u32, jitter: bool) -> Duration {
    let delay = BASE.saturating_mul(2u32.saturating_pow(attempt - 1)).min(CAP);
    if jitter { delay.mul_f64(fastrand::f64()) } else { delay }
}

/// At its best: 64-bit nanoseconds, a multiplication for the jitter.
#[inline]
pub(crate) fn best_delay(attempt: u32, jitter: bool) -> Duration {
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
    for attempt in 1..ATTEMPTS {
        if let Ok(value) = operation() {
            return Ok(value);
        }
        no_sleep(delay(attempt));
    }
    operation()
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
                no_sleep_async(delay(attempt)).await;
                attempt += 1;
            }
        }
    }
}

macro_rules! contestant {
    ($job:expr, $name:literal, $delay:ident) => {
        case!($job, concat!("sync/", $name, "/success"), 0, |operation| sync
            blocking(|| operation.call(), |attempt| $delay(attempt, true)));
        failures!($job, $name, sync, |call|
            plain blocking(call, |attempt| $delay(attempt, false)),
            jitter blocking(call, |attempt| $delay(attempt, true)));
        sizes!($job, $name, |call| asynchronous(call, |attempt| $delay(attempt, true)));
        failures!($job, $name, async, |call|
            plain asynchronous(call, |attempt| $delay(attempt, false)),
            jitter asynchronous(call, |attempt| $delay(attempt, true)));
    };
}

/// Counts a retry, and returns its delay.
#[inline]
fn counted(retries: &Cell<u32>, attempt: u32) -> Duration {
    retries.set(retries.get() + 1);
    best_delay(attempt, true)
}

pub(crate) fn cases(job: Job) {
    case!(job, "sync/bare/success", 0, |operation| sync operation.call());
    sizes!(job, "bare", |call| call());
    contestant!(job, "best", best_delay);
    contestant!(job, "usual", usual_delay);
    case!(job, "sync/best/observer", let retries = Cell::new(0); 3, |operation| sync
        blocking(|| operation.call(), |attempt| counted(retries, attempt)));
    case!(job, "async/best/observer", let retries = Cell::new(0); 3, |operation| async
        asynchronous(|| operation.call_async::<0>(), |attempt| counted(retries, attempt)));
}
