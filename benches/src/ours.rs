//! The same cases with `persevere`.

use crate::case::{ATTEMPTS, BASE, CAP, Job, case, no_sleep_async, sizes};
use elsewhere::ELSEWHERE;
use persevere::{Clock, Jitter, Policy, SharedPolicy, SharedSleeper, Sleeper, ThreadSleeper, backoff::Exponential};
use persevere_breaker::CircuitBreaker;
use persevere_budget::WindowedRatio;
use persevere_limit::{Bulkhead, Pause};
use std::cell::Cell;
use std::future::{Ready, ready};
use std::hint::black_box;
use std::sync::LazyLock;
use std::time::Duration;

pub(crate) const POLICY: Policy<Exponential> = Policy::exponential(BASE).max_delay(CAP).max_attempts(ATTEMPTS);
pub(crate) static JITTERED: Policy<Exponential> = POLICY.jitter(Jitter::Full);
pub(crate) static PLAIN: Policy<Exponential> = POLICY.jitter(Jitter::None);
static LIMITED: Policy<Exponential> = POLICY.max_elapsed(Duration::from_secs(3600));
static TIMED: Policy<Exponential> = POLICY.attempt_timeout(Duration::from_secs(60));
/// Never opens here: three consecutive failures come, and then a success.
static BREAKER: CircuitBreaker = CircuitBreaker::consecutive_failures(5).build();
/// Never runs out here: each success pays for ten retries.
static BUDGET: WindowedRatio = WindowedRatio::new().ratio(10.0);
/// Neither rejects here: there is room, and the pause is open.
static CALLS: Bulkhead = Bulkhead::new(10);
static PAUSE: Pause = Pause::new();
/// As it comes from a configuration: the compiler sees none of its numbers.
static CONFIGURED: LazyLock<Policy> = LazyLock::new(|| {
    let (base, cap, attempts) = black_box((BASE, CAP, ATTEMPTS));
    Policy::exponential(base).max_delay(cap).max_attempts(attempts)
});
static SHARED: LazyLock<(SharedPolicy<u32>, SharedSleeper)> = LazyLock::new(|| (POLICY.shared(), NoSleep.shared()));

/// Sleeps no time, on a clock that stands.
#[derive(Clone, Copy)]
pub(crate) struct NoSleep;

impl Sleeper for NoSleep {
    type Sleep = Ready<()>;

    #[inline]
    fn sleep(&self, delay: Duration) -> Ready<()> {
        no_sleep_async(delay)
    }

    #[inline]
    fn now(&self) -> Duration {
        Duration::from_secs(1)
    }
}

impl Clock for NoSleep {}

/// Sleeps no time, on the clock of the system.
#[derive(Clone, Copy)]
struct RealClock;

impl Sleeper for RealClock {
    type Sleep = Ready<()>;

    #[inline]
    fn sleep(&self, delay: Duration) -> Ready<()> {
        no_sleep_async(delay)
    }

    #[inline]
    fn now(&self) -> Duration {
        ThreadSleeper.now()
    }
}

impl Clock for RealClock {}

/// A sync and an async run. The settings after the sleeper apply to both.
macro_rules! contestant {
    ($job:expr, $name:literal, $failures:literal, $policy:expr, $sleeper:expr $(, . $($with:tt)*)?) => {
        case!($job, concat!("sync/persevere/", $name), $failures, |operation| sync
            $policy.on($sleeper) $(. $($with)*)? .run_blocking(|| operation.call()));
        case!($job, concat!("async/persevere/", $name), $failures, |operation| async
            $policy.on($sleeper) $(. $($with)*)? .run(|| operation.call_async::<0>()));
    };
}

pub(crate) fn cases(job: Job) {
    contestant!(job, "plain", 3, PLAIN, NoSleep);
    contestant!(job, "jitter", 3, JITTERED, NoSleep);
    contestant!(job, "exhausted", 5, JITTERED, NoSleep);
    contestant!(job, "inlined/plain", 3, Policy::inlined(|| &PLAIN), NoSleep);
    contestant!(job, "inlined/jitter", 3, Policy::inlined(|| &JITTERED), NoSleep);
    contestant!(job, "inlined/exhausted", 5, Policy::inlined(|| &JITTERED), NoSleep);
    shared(job);
    contestant!(job, "run-time/plain", 3, CONFIGURED.jitter(Jitter::None), NoSleep);
    contestant!(job, "run-time/jitter", 3, CONFIGURED, NoSleep);
    contestant!(job, "run-time/exhausted", 5, CONFIGURED, NoSleep);
    contestant!(job, "run-time/success", 0, CONFIGURED, NoSleep);
    contestant!(job, "another-crate/jitter", 3, ELSEWHERE, NoSleep);
    contestant!(job, "another-crate/exhausted", 5, ELSEWHERE, NoSleep);
    contestant!(job, "another-crate/success", 0, ELSEWHERE, NoSleep);
    contestant!(
        job,
        "another-crate-inlined/jitter",
        3,
        Policy::inlined(|| &ELSEWHERE),
        NoSleep
    );
    contestant!(
        job,
        "another-crate-inlined/exhausted",
        5,
        Policy::inlined(|| &ELSEWHERE),
        NoSleep
    );
    contestant!(
        job,
        "another-crate-inlined/success",
        0,
        Policy::inlined(|| &ELSEWHERE),
        NoSleep
    );
    nothing_fails(job);
    with_more(job);
}

fn shared(job: Job) {
    case!(job, "sync/persevere/dyn/jitter", 3, |operation| sync
        SHARED.0.on(NoSleep).run_blocking(|| operation.call()));
    case!(job, "async/persevere/dyn/jitter", 3, |operation| async
        SHARED.0.on(&SHARED.1).run(|| operation.call_async::<0>()));
    case!(job, "sync/persevere/dyn/exhausted", 5, |operation| sync
        SHARED.0.on(NoSleep).run_blocking(|| operation.call()));
    case!(job, "async/persevere/dyn/exhausted", 5, |operation| async
        SHARED.0.on(&SHARED.1).run(|| operation.call_async::<0>()));
}

fn nothing_fails(job: Job) {
    case!(job, "sync/persevere/success", 0, |operation| sync
        JITTERED.on(NoSleep).run_blocking(|| operation.call()));
    case!(job, "sync/persevere/inlined/success", 0, |operation| sync
        Policy::inlined(|| &JITTERED).on(NoSleep).run_blocking(|| operation.call()));
    case!(job, "sync/persevere/dyn/success", 0, |operation| sync
        SHARED.0.on(NoSleep).run_blocking(|| operation.call()));
    sizes!(job, "persevere", |call| JITTERED.on(NoSleep).run(call));
    sizes!(job, "persevere/inlined", |call| Policy::inlined(|| &JITTERED)
        .on(NoSleep)
        .run(call));
    sizes!(job, "persevere/dyn", |call| SHARED.0.on(&SHARED.1).run(call));
}

/// Three retries with jitter, and one addition: each addition to a run is one line here, and a row of the page.
fn with_more(job: Job) {
    contestant!(job, "deadline", 3, LIMITED, NoSleep);
    contestant!(job, "timeout", 3, TIMED, NoSleep);
    let retries = Cell::new(0);
    let retries = black_box(&retries);
    contestant!(job, "breaker", 3, JITTERED, NoSleep, .breaker(&BREAKER));
    contestant!(job, "budget", 3, JITTERED, NoSleep, .budget(&BUDGET));
    contestant!(job, "bulkhead", 3, JITTERED, NoSleep, .bulkhead(&CALLS));
    contestant!(job, "pace", 3, JITTERED, NoSleep, .pace(&PAUSE));
    contestant!(job, "clock-deadline", 3, LIMITED, RealClock);
    contestant!(job, "clock-breaker", 3, JITTERED, RealClock, .breaker(&BREAKER));
    contestant!(job, "observer", 3, JITTERED, NoSleep, .on_retry(|_, _: Option<&u32>, _| retries.set(retries.get() + 1)));
}

/// The most bytes by which a run's future exceeds its operation's, for operations of several sizes.
pub(crate) fn overhead() -> usize {
    fn of<const N: usize>() -> usize {
        async fn operation<const N: usize>() -> Result<u32, u32> {
            let payload = [0u8; N];
            ready(()).await;
            black_box(&payload);
            Ok(1)
        }
        size_of_val(&JITTERED.on(NoSleep).run(operation::<N>)) - size_of_val(&operation::<N>())
    }
    [of::<0>(), of::<24>(), of::<256>(), of::<2048>()]
        .into_iter()
        .max()
        .unwrap_or(0)
}
