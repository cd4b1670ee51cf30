//! The same with the nearest peer.

use crate::case::{ATTEMPTS, BASE, CAP, Job, case, no_sleep};
use backon::{BlockingRetryable, ExponentialBuilder, Retryable};
use std::future::{IntoFuture, ready};

const PLAIN: ExponentialBuilder = ExponentialBuilder::new()
    .with_min_delay(BASE)
    .with_max_delay(CAP)
    .with_factor(2.0)
    .with_max_times(ATTEMPTS as usize - 1);

macro_rules! contestant {
    ($job:expr, $name:literal, $failures:literal, $policy:expr) => {
        case!($job, concat!("sync/backon/", $name), $failures, |operation| sync
            (|| operation.call()).retry($policy).sleep(no_sleep).call());
        case!($job, concat!("async/backon/", $name), $failures, |operation| async
            (|| operation.call_async::<0>()).retry($policy).sleep(|delay| ready(no_sleep(delay))).into_future());
    };
}

pub(crate) fn cases(job: Job) {
    contestant!(job, "success", 0, PLAIN.with_jitter());
    contestant!(job, "plain", 3, PLAIN);
    contestant!(job, "jitter", 3, PLAIN.with_jitter());
    contestant!(job, "exhausted", 5, PLAIN.with_jitter());
}
