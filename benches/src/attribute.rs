//! The same cases with `#[retry]`.

use crate::case::{Job, Operation, case};
use crate::ours::{JITTERED, NoSleep};
use persevere::{RetryError, retry};

/// A sync and an async function with the same settings.
macro_rules! contestant {
    ($job:expr, $name:literal, $failures:literal, $result:ty, $($setting:tt)*) => {{
        #[inline]
        #[retry($($setting)*, sleeper = NoSleep)]
        fn blocking(operation: &Operation) -> $result {
            operation.call()
        }

        #[retry($($setting)*, sleeper = NoSleep)]
        async fn asynchronous(operation: &Operation) -> $result {
            operation.call_async::<0>().await
        }

        case!($job, concat!("sync/attribute/", $name), $failures, |operation| sync blocking(&operation));
        case!($job, concat!("async/attribute/", $name), $failures, |operation| async asynchronous(&operation));
    }};
}

/// An async function with an operation of this size, which succeeds.
macro_rules! sized {
    ($job:expr, $name:literal, $size:literal) => {{
        #[inline]
        #[retry(max_attempts = 5, backoff = exponential("100ms"), max_delay = "5s", sleeper = NoSleep)]
        async fn asynchronous(operation: &Operation) -> Result<u32, u32> {
            operation.call_async::<$size>().await
        }

        case!($job, concat!("async/attribute/", $name), 0, |operation| async asynchronous(&operation));
    }};
}

/// The numbers that every contestant is given, as literals.
macro_rules! built {
    ($job:expr, $name:literal, $failures:literal, $result:ty, $jitter:ident) => {
        contestant!(
            $job,
            $name,
            $failures,
            $result,
            max_attempts = 5,
            backoff = exponential("100ms"),
            max_delay = "5s",
            jitter = $jitter
        )
    };
}

pub(crate) fn cases(job: Job) {
    built!(job, "success", 0, Result<u32, u32>, full);
    sized!(job, "medium", 64);
    sized!(job, "large", 1024);
    built!(job, "plain", 3, Result<u32, u32>, none);
    built!(job, "jitter", 3, Result<u32, u32>, full);
    built!(job, "exhausted", 5, Result<u32, u32>, full);
    built!(job, "whole/success", 0, Result<u32, RetryError<u32>>, full);
    built!(job, "whole/jitter", 3, Result<u32, RetryError<u32>>, full);
    contestant!(job, "policy/success", 0, Result<u32, u32>, policy = JITTERED);
    contestant!(job, "policy/jitter", 3, Result<u32, u32>, policy = JITTERED);
}
