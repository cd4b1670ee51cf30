//! retry and mulligan's sync side: they sleep on the thread, here for no time.

use crate::case::{ATTEMPTS, BASE, CAP, Job, case, failures, none_of};
use mulligan::{Full, Jitter, NoJitter, until_ok};
use retry::delay::{Exponential, jitter};
use retry::{Error, retry};
use std::time::Duration;

/// Draws by another jitter, and returns no delay.
struct NoSleep<J>(J);

impl<J: Jitter> Jitter for NoSleep<J> {
    #[inline]
    fn jitter(&mut self, delay: Duration, max: Option<Duration>) -> Duration {
        none_of(self.0.jitter(delay, max))
    }
}

#[inline]
fn mulligan(operation: impl Fn() -> Result<u32, u32>, jitter: impl Jitter) -> Result<u32, u32> {
    until_ok()
        .stop_after(ATTEMPTS - 1)
        .exponential(BASE)
        .max_delay(CAP)
        .jitter(NoSleep(jitter))
        .execute_sync(operation)
}

#[inline]
fn by_iterator(
    operation: impl Fn() -> Result<u32, u32>,
    jitter: impl Fn(Duration) -> Duration,
) -> Result<u32, Error<u32>> {
    let delays = Exponential::from(BASE).map(|delay| none_of(jitter(delay.min(CAP))));
    retry(delays.take(ATTEMPTS as usize - 1), operation)
}

pub(crate) fn cases(job: Job) {
    case!(job, "sync/mulligan/success", 0, |operation| sync mulligan(|| operation.call(), Full));
    failures!(job, "mulligan", sync, |call| plain mulligan(call, NoJitter), jitter mulligan(call, Full));
    case!(job, "sync/retry/success", 0, |operation| sync by_iterator(|| operation.call(), jitter));
    failures!(job, "retry", sync, |call| plain by_iterator(call, |delay| delay), jitter by_iterator(call, jitter));
}
