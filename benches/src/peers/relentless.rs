//! relentless: its clock can be replaced.

use crate::case::{ATTEMPTS, BASE, CAP, Job, case, failures, no_sleep, no_sleep_async, sizes};
use relentless::clock::{AsyncClock, Clock, SyncClock};
use relentless::{Wait, retry, retry_async, stop, wait};
use std::future::{IntoFuture, Ready};
use std::time::Duration;

/// Sleeps no time, on a clock that stands.
#[derive(Clone, Copy)]
struct NoSleep;

impl Clock for NoSleep {
    #[inline]
    fn now(&self) -> Duration {
        Duration::from_secs(1)
    }
}

impl SyncClock for NoSleep {
    #[inline]
    fn wait(&self, delay: Duration) {
        no_sleep(delay);
    }
}

impl AsyncClock for NoSleep {
    type Wait = Ready<()>;

    #[inline]
    fn wait_async(&self, delay: Duration) -> Ready<()> {
        no_sleep_async(delay)
    }
}

#[inline]
fn plain() -> impl Wait {
    wait::exponential(BASE).cap(CAP)
}

#[inline]
fn jitter() -> impl Wait {
    wait::exponential(BASE).cap(CAP).full_jitter()
}

/// A sync and an async retry with this wait.
macro_rules! run {
    ($retry:ident, $call:ident, $wait:expr) => {
        $retry(move |_| $call())
            .wait($wait)
            .stop(stop::attempts(ATTEMPTS))
            .clock(NoSleep)
            .call()
    };
}

pub(crate) fn cases(job: Job) {
    case!(job, "sync/relentless/success", 0, |operation| sync {
        let call = || operation.call();
        run!(retry, call, jitter())
    });
    failures!(job, "relentless", sync, |call| plain run!(retry, call, plain()), jitter run!(retry, call, jitter()));
    sizes!(job, "relentless", |call| run!(retry_async, call, jitter())
        .into_future());
    failures!(job, "relentless", async, |call|
        plain run!(retry_async, call, plain()).into_future(),
        jitter run!(retry_async, call, jitter()).into_future());
}
