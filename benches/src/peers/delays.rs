//! exponential-backoff and retry-policies: they compute delays, and the caller writes the loop.

use crate::case::{ATTEMPTS, BASE, CAP, Job, case, failures, no_sleep, no_sleep_async, sizes};
use exponential_backoff::Backoff;
use retry_policies::policies::ExponentialBackoff;
use retry_policies::{Jitter, RetryDecision, RetryPolicy};
use std::future::Future;
use std::time::{Duration, SystemTime};

/// Its jitter is up to three tenths of the delay, by default.
#[inline]
fn iterator(jitter: f32) -> Backoff {
    let mut backoff = Backoff::new(ATTEMPTS, BASE, CAP);
    backoff.set_jitter(jitter);
    backoff
}

#[inline]
fn blocking(operation: impl Fn() -> Result<u32, u32>, backoff: &Backoff) -> Result<u32, Option<u32>> {
    let mut last = None;
    for delay in backoff {
        match operation() {
            Ok(value) => return Ok(value),
            Err(error) => last = Some(error),
        }
        let Some(delay) = delay else { break };
        no_sleep(delay);
    }
    Err(last)
}

#[inline]
async fn asynchronous<F: Future<Output = Result<u32, u32>>>(
    operation: impl Fn() -> F,
    backoff: Backoff,
) -> Result<u32, Option<u32>> {
    let mut last = None;
    for delay in backoff {
        match operation().await {
            Ok(value) => return Ok(value),
            Err(error) => last = Some(error),
        }
        let Some(delay) = delay else { break };
        no_sleep_async(delay).await;
    }
    Err(last)
}

#[inline]
fn policy(jitter: Jitter) -> ExponentialBackoff {
    ExponentialBackoff::builder()
        .retry_bounds(BASE, CAP)
        .jitter(jitter)
        .base(2)
        .build_with_max_retries(ATTEMPTS - 1)
}

/// The wait after a failure; `None` if there is no further attempt. The policy returns the end of the wait as a time of
/// day.
#[inline]
fn delay(policy: &ExponentialBackoff, start: SystemTime, retries: u32) -> Option<Duration> {
    match policy.should_retry(start, retries) {
        RetryDecision::Retry { execute_after } => {
            Some(execute_after.duration_since(SystemTime::now()).unwrap_or_default())
        }
        RetryDecision::DoNotRetry => None,
    }
}

#[inline]
fn blocking_by_policy(operation: impl Fn() -> Result<u32, u32>, policy: &ExponentialBackoff) -> Result<u32, u32> {
    let (start, mut retries) = (SystemTime::now(), 0);
    loop {
        let result = operation();
        if result.is_ok() {
            return result;
        }
        let Some(delay) = delay(policy, start, retries) else {
            return result;
        };
        no_sleep(delay);
        retries += 1;
    }
}

#[inline]
async fn asynchronous_by_policy<F: Future<Output = Result<u32, u32>>>(
    operation: impl Fn() -> F,
    policy: ExponentialBackoff,
) -> Result<u32, u32> {
    let (start, mut retries) = (SystemTime::now(), 0);
    loop {
        let result = operation().await;
        if result.is_ok() {
            return result;
        }
        let Some(delay) = delay(&policy, start, retries) else {
            return result;
        };
        no_sleep_async(delay).await;
        retries += 1;
    }
}

pub(crate) fn cases(job: Job) {
    case!(job, "sync/exponential-backoff/success", 0, |operation| sync
        blocking(|| operation.call(), &iterator(0.3)));
    failures!(job, "exponential-backoff", sync, |call|
        plain blocking(call, &iterator(0.0)),
        jitter blocking(call, &iterator(0.3)));
    sizes!(job, "exponential-backoff", |call| asynchronous(call, iterator(0.3)));
    failures!(job, "exponential-backoff", async, |call|
        plain asynchronous(call, iterator(0.0)),
        jitter asynchronous(call, iterator(0.3)));

    case!(job, "sync/retry-policies/success", 0, |operation| sync
        blocking_by_policy(|| operation.call(), &policy(Jitter::Full)));
    failures!(job, "retry-policies", sync, |call|
        plain blocking_by_policy(call, &policy(Jitter::None)),
        jitter blocking_by_policy(call, &policy(Jitter::Full)));
    sizes!(job, "retry-policies", |call| asynchronous_by_policy(
        call,
        policy(Jitter::Full)
    ));
    failures!(job, "retry-policies", async, |call|
        plain asynchronous_by_policy(call, policy(Jitter::None)),
        jitter asynchronous_by_policy(call, policy(Jitter::Full)));
}
