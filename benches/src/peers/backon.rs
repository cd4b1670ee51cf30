//! backon: its sleeper can be replaced.

use crate::case::{ATTEMPTS, BASE, CAP, Job, case, failures, no_sleep, no_sleep_async, sizes};
use backon::{BlockingRetryable, ExponentialBuilder, Retryable};
use std::cell::Cell;
use std::future::IntoFuture;

pub(super) const PLAIN: ExponentialBuilder = ExponentialBuilder::new()
    .with_min_delay(BASE)
    .with_max_delay(CAP)
    .with_factor(2.0)
    .with_max_times(ATTEMPTS as usize - 1);

pub(crate) fn cases(job: Job) {
    case!(job, "sync/backon/success", 0, |operation| sync(|| operation.call())
        .retry(PLAIN.with_jitter())
        .sleep(no_sleep)
        .call());
    failures!(job, "backon", sync, |call|
        plain call.retry(PLAIN).sleep(no_sleep).call(),
        jitter call.retry(PLAIN.with_jitter()).sleep(no_sleep).call());
    sizes!(job, "backon", |call| call
        .retry(PLAIN.with_jitter())
        .sleep(no_sleep_async)
        .into_future());
    failures!(job, "backon", async, |call|
        plain call.retry(PLAIN).sleep(no_sleep_async).into_future(),
        jitter call.retry(PLAIN.with_jitter()).sleep(no_sleep_async).into_future());
    case!(job, "sync/backon/observer", let retries = Cell::new(0); 3, |operation| sync
        (|| operation.call()).retry(PLAIN.with_jitter()).sleep(no_sleep).notify(|_, _| retries.set(retries.get() + 1)).call());
    case!(job, "async/backon/observer", let retries = Cell::new(0); 3, |operation| async
        (|| operation.call_async::<0>())
            .retry(PLAIN.with_jitter())
            .sleep(no_sleep_async)
            .notify(|_, _| retries.set(retries.get() + 1))
            .into_future());
    #[cfg(feature = "peers")]
    failures!(job, "backon", paused, |call|
        plain call.retry(PLAIN).sleep(tokio::time::sleep).into_future(),
        jitter call.retry(PLAIN.with_jitter()).sleep(tokio::time::sleep).into_future());
}
