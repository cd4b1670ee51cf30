//! The same with `persevere`.

use crate::case::{ATTEMPTS, BASE, CAP, Job, case, no_sleep};
use persevere::{Jitter, Policy, SharedPolicy, SharedSleeper, Sleeper, backoff::Exponential};
use std::future::{Ready, ready};
use std::sync::LazyLock;
use std::time::Duration;

const POLICY: Policy<Exponential> = Policy::exponential(BASE).max_delay(CAP).max_attempts(ATTEMPTS);
pub(crate) static JITTERED: Policy<Exponential> = POLICY.jitter(Jitter::Full);
static PLAIN: Policy<Exponential> = POLICY.jitter(Jitter::None);
static LIMITED: Policy<Exponential> = POLICY.max_elapsed(Duration::from_secs(3600));
static TIMED: Policy<Exponential> = POLICY.attempt_timeout(Duration::from_secs(60));
static SHARED: LazyLock<(SharedPolicy<u32>, SharedSleeper)> = LazyLock::new(|| (POLICY.shared(), NoSleep.shared()));

/// Sleeps no time, on a clock that stands.
#[derive(Clone, Copy)]
pub(crate) struct NoSleep;

impl Sleeper for NoSleep {
    type Sleep = Ready<()>;

    #[inline]
    fn sleep(&self, delay: Duration) -> Ready<()> {
        no_sleep(delay);
        ready(())
    }

    #[inline]
    fn now(&self) -> Duration {
        Duration::from_secs(1)
    }
}

macro_rules! contestant {
    ($job:expr, $name:literal, $failures:literal, $policy:expr, $sleeper:expr, $size:literal) => {
        case!($job, concat!("sync/persevere/", $name), $failures, |operation| sync
            $policy.on(NoSleep).run_blocking(|| operation.call()));
        case!($job, concat!("async/persevere/", $name), $failures, |operation| async
            $policy.on($sleeper).run(|| operation.call_async::<$size>()));
    };
}

pub(crate) fn cases(job: Job) {
    contestant!(job, "success", 0, JITTERED, NoSleep, 0);
    contestant!(job, "plain", 3, PLAIN, NoSleep, 0);
    contestant!(job, "jitter", 3, JITTERED, NoSleep, 0);
    contestant!(job, "exhausted", 5, JITTERED, NoSleep, 0);
    contestant!(job, "deadline", 3, LIMITED, NoSleep, 0);
    contestant!(job, "timeout", 3, TIMED, NoSleep, 0);
    contestant!(job, "large", 0, JITTERED, NoSleep, 1024);
    contestant!(job, "in_place/success", 0, Policy::in_place(|| &JITTERED), NoSleep, 0);
    contestant!(job, "in_place/plain", 3, Policy::in_place(|| &PLAIN), NoSleep, 0);
    contestant!(job, "in_place/jitter", 3, Policy::in_place(|| &JITTERED), NoSleep, 0);
    contestant!(job, "dyn/success", 0, SHARED.0, &SHARED.1, 0);
    contestant!(job, "dyn/jitter", 3, SHARED.0, &SHARED.1, 0);
}

/// By how many bytes a run's future exceeds its operation's, at most, for operations of several sizes.
pub(crate) fn overhead() -> usize {
    fn of<const N: usize>() -> usize {
        async fn operation<const N: usize>() -> Result<u32, u32> {
            let payload = [0u8; N];
            ready(()).await;
            std::hint::black_box(&payload);
            Ok(1)
        }
        size_of_val(&JITTERED.on(NoSleep).run(operation::<N>)) - size_of_val(&operation::<N>())
    }
    [of::<0>(), of::<64>(), of::<1024>()].into_iter().max().unwrap_or(0)
}
