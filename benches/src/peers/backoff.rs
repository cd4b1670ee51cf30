//! backoff: its async sleeper can be replaced, its sync one sleeps on the thread. It limits the time and not the
//! attempts, so they are counted here. Its jitter is within half the delay.

use crate::case::{ATTEMPTS, BASE, CAP, Job, case, failures, no_sleep_async, none_of, sizes};
use backoff::backoff::Backoff;
use backoff::future::{Retry, Sleeper};
use backoff::{Error, ExponentialBackoff, ExponentialBackoffBuilder, retry};
use std::future::{Future, Ready};
use std::time::Duration;

struct Counted {
    backoff: ExponentialBackoff,
    left: u32,
}

impl Backoff for Counted {
    fn reset(&mut self) {
        self.backoff.reset();
    }

    #[inline]
    fn next_backoff(&mut self) -> Option<Duration> {
        self.left = self.left.checked_sub(1)?;
        self.backoff.next_backoff().map(none_of)
    }
}

#[inline]
fn counted(jitter: f64) -> Counted {
    let backoff = ExponentialBackoffBuilder::new()
        .with_initial_interval(BASE)
        .with_multiplier(2.0)
        .with_max_interval(CAP)
        .with_randomization_factor(jitter)
        .with_max_elapsed_time(None)
        .build();
    Counted {
        backoff,
        left: ATTEMPTS - 1,
    }
}

struct NoSleep;

impl Sleeper for NoSleep {
    type Sleep = Ready<()>;

    #[inline]
    fn sleep(&self, delay: Duration) -> Ready<()> {
        no_sleep_async(delay)
    }
}

#[inline]
fn blocking(operation: impl Fn() -> Result<u32, u32>, jitter: f64) -> Result<u32, Error<u32>> {
    retry(counted(jitter), || operation().map_err(Error::transient))
}

#[inline]
fn asynchronous<F: Future<Output = Result<u32, u32>>>(
    operation: impl Fn() -> F,
    jitter: f64,
) -> impl Future<Output = Result<u32, u32>> {
    let operation = move || {
        let attempt = operation();
        async move { attempt.await.map_err(Error::transient) }
    };
    Retry::new(NoSleep, counted(jitter), |_, _| (), operation)
}

pub(crate) fn cases(job: Job) {
    case!(job, "sync/backoff/success", 0, |operation| sync blocking(|| operation.call(), 0.5));
    failures!(job, "backoff", sync, |call| plain blocking(call, 0.0), jitter blocking(call, 0.5));
    sizes!(job, "backoff", |call| asynchronous(call, 0.5));
    failures!(job, "backoff", async, |call| plain asynchronous(call, 0.0), jitter asynchronous(call, 0.5));
}
