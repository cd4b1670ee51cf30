//! A durable queue: jobs in a table, and a worker that retries them by a policy of persevere.
//!
//! A wait is a row with a time. It holds no thread and no slot, and it outlasts the worker: [`Queue`] stores the
//! [`Progress`](persevere::Progress) of a job, and [`Worker`] resumes from it.

mod ledger;
mod queue;
mod worker;

pub use ledger::{Ledger, Unavailable};
pub use queue::{Claimed, Job, Queue};
pub use worker::Worker;

use persevere::{Jitter, Policy};
use std::time::{Duration, SystemTime};

/// How jobs are retried. The delays are short, so that a demonstration ends soon.
pub static JOBS: Policy = Policy::exponential(Duration::from_millis(20))
    .jitter(Jitter::Equal)
    .max_delay(Duration::from_millis(200))
    .max_attempts(60);

/// The time since 1970: the one clock that two processes share.
#[must_use]
pub fn now() -> Duration {
    SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default()
}

/// A time as a number in a table, in microseconds.
fn micros(time: Duration) -> i64 {
    time.as_micros().try_into().unwrap_or(i64::MAX)
}

/// The end of a wait, rounded up, so that no wait ends early.
fn end_micros(time: Duration) -> i64 {
    time.as_nanos().div_ceil(1_000).try_into().unwrap_or(i64::MAX)
}

fn from_micros(micros: i64) -> Duration {
    Duration::from_micros(micros.try_into().unwrap_or(0))
}
