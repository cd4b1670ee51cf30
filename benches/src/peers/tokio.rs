//! Peers that sleep on tokio alone: counted where nothing fails, and with tokio's time paused. Also the peer `again`,
//! which sleeps on a thread of its own, so that it is counted only where nothing fails.

use crate::case::{ATTEMPTS, BASE, CAP, Job, failures, sizes};
use std::future::Future;
use std::time::Duration;
use tokio_retry2::MapErr;

const RETRIES: usize = ATTEMPTS as usize - 1;

fn as_it_is(delay: Duration) -> Duration {
    delay
}

#[inline]
fn tokio_retry<F: Future<Output = Result<u32, u32>>>(
    operation: impl Fn() -> F,
    jitter: fn(Duration) -> Duration,
) -> impl Future<Output = Result<u32, u32>> {
    let delays = tokio_retry::strategy::ExponentialBackoff::from_millis(2)
        .factor(50)
        .max_delay(CAP);
    tokio_retry::Retry::start(delays.map(jitter).take(RETRIES), operation)
}

/// The jitter of tokio-retry2 is within half the delay.
#[inline]
fn tokio_retry2<F: Future<Output = Result<u32, u32>>>(
    operation: impl Fn() -> F,
    jitter: fn(Duration) -> Duration,
) -> impl Future<Output = Result<u32, u32>> {
    let delays = tokio_retry2::strategy::ExponentialBackoff::from_millis(2)
        .factor(50)
        .max_delay(CAP);
    let operation = move || {
        let attempt = operation();
        async move { attempt.await.map_transient_err() }
    };
    tokio_retry2::Retry::spawn(delays.map(jitter).take(RETRIES), operation)
}

/// tryhard has no jitter.
#[inline]
fn tryhard<F: Future<Output = Result<u32, u32>>>(operation: impl Fn() -> F) -> impl Future<Output = Result<u32, u32>> {
    tryhard::retry_fn(operation)
        .retries(ATTEMPTS - 1)
        .exponential_backoff(BASE)
        .max_delay(CAP)
}

#[inline]
fn mulligan(
    operation: impl AsyncFn() -> Result<u32, u32>,
    jitter: impl mulligan::Jitter,
) -> impl Future<Output = Result<u32, u32>> {
    let retry = mulligan::until_ok()
        .stop_after(ATTEMPTS - 1)
        .exponential(BASE)
        .max_delay(CAP)
        .jitter(jitter);
    retry.execute(operation)
}

#[inline]
async fn again<F: Future<Output = Result<u32, u32>>>(operation: impl Fn() -> F) -> Result<u32, u32> {
    let policy = again::RetryPolicy::exponential(BASE)
        .with_max_delay(CAP)
        .with_max_retries(RETRIES)
        .with_jitter(true);
    policy.retry(operation).await
}

pub(crate) fn cases(job: Job) {
    use mulligan::{Full, NoJitter};
    sizes!(job, "again", |call| again(call));
    sizes!(job, "mulligan", |call| mulligan(call, Full));
    failures!(job, "mulligan", paused, |call| plain mulligan(call, NoJitter), jitter mulligan(call, Full));
    sizes!(job, "tokio-retry", |call| tokio_retry(
        call,
        tokio_retry::strategy::jitter
    ));
    failures!(job, "tokio-retry", paused, |call|
        plain tokio_retry(call, as_it_is),
        jitter tokio_retry(call, tokio_retry::strategy::jitter));
    sizes!(job, "tokio-retry2", |call| tokio_retry2(
        call,
        tokio_retry2::strategy::jitter
    ));
    failures!(job, "tokio-retry2", paused, |call|
        plain tokio_retry2(call, as_it_is),
        jitter tokio_retry2(call, tokio_retry2::strategy::jitter));
    sizes!(job, "tryhard", |call| tryhard(call));
    failures!(job, "tryhard/plain", 3, paused, |call| tryhard(call));
}
