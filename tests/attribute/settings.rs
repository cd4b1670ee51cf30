//! Every argument does what the method of its name does.

use crate::calls::Calls;
use persevere::backoff::{Exponential, Fibonacci, Schedule};
use persevere::{Jitter, Policy, RetryError, SharedPolicy, SharedSleeper, Sleeper, retry};
use persevere_testkit::VirtualTime;
use std::sync::LazyLock;
use std::time::Duration;

/// The waits of a run of ten attempts at most, in milliseconds.
fn waits(run: impl FnOnce(&VirtualTime, &Calls)) -> Vec<u64> {
    let (time, calls) = (VirtualTime::new(), Calls::always_failing());
    run(&time, &calls);
    assert_eq!(time.waits().len() as u32 + 1, calls.made());
    time.waits().iter().map(|wait| wait.as_millis() as u64).collect()
}

/// A function with these settings, run to its end.
macro_rules! waits_of {
    ($($setting:tt)*) => {{
        #[retry(sleeper = time, $($setting)*)]
        fn run(time: &VirtualTime, calls: &Calls) -> Result<u32, &'static str> {
            calls.call()
        }
        waits(|time, calls| {
            run(time, calls).unwrap_err();
        })
    }};
}

#[test]
fn backoffs_grow_as_the_policies() {
    assert_eq!(waits_of!(backoff = fixed("1s"), attempts = 4), [1_000; 3]);
    assert_eq!(
        waits_of!(backoff = linear("1s"), jitter = none, attempts = 4),
        [1_000, 2_000, 3_000]
    );
    assert_eq!(
        waits_of!(backoff = exponential("1s"), jitter = none, attempts = 4),
        [1_000, 2_000, 4_000]
    );
    assert_eq!(
        waits_of!(backoff = exponential("1s", factor = 3), jitter = none, attempts = 4),
        [1_000, 3_000, 9_000]
    );
    assert_eq!(
        waits_of!(backoff = exponential("1s", factor = 1.5,), jitter = none, attempts = 4),
        [1_000, 1_500, 2_250]
    );
    assert_eq!(
        waits_of!(backoff = fibonacci("1s"), jitter = none, attempts = 5),
        [1_000, 1_000, 2_000, 3_000]
    );
    let decorrelated = Policy::decorrelated(Duration::from_secs(1)).max_attempts(6).seed(3);
    let expected: Vec<_> = decorrelated.delays().map(|delay| delay.as_millis() as u64).collect();
    assert_eq!(
        waits_of!(backoff = decorrelated("1s"), seed = 3, attempts = 6),
        expected
    );
    let default = Policy::default().seed(3);
    let expected: Vec<_> = default.delays().map(|delay| delay.as_millis() as u64).collect();
    assert_eq!(waits_of!(seed = 3), expected);
}

#[test]
fn jitters_spread_as_the_policies() {
    let expected = |jitter| {
        let policy = Policy::fixed(Duration::from_secs(9))
            .jitter(jitter)
            .max_attempts(6)
            .seed(5);
        policy
            .delays()
            .map(|delay| delay.as_millis() as u64)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        waits_of!(backoff = fixed("9s"), attempts = 6, seed = 5, jitter = none),
        expected(Jitter::None)
    );
    assert_eq!(
        waits_of!(backoff = fixed("9s"), attempts = 6, seed = 5, jitter = full),
        expected(Jitter::Full)
    );
    assert_eq!(
        waits_of!(backoff = fixed("9s"), attempts = 6, seed = 5, jitter = equal),
        expected(Jitter::Equal)
    );
    assert_eq!(
        waits_of!(
            backoff = fixed("9s"),
            attempts = 6,
            seed = 5,
            jitter = proportional(0.25)
        ),
        expected(Jitter::proportional(0.25))
    );
}

#[test]
fn limits_bind() {
    assert_eq!(waits_of!(attempts = 1), [0; 0]);
    assert_eq!(
        waits_of!(jitter = none, max_delay = "150ms", attempts = 4),
        [100, 150, 150]
    );
    assert_eq!(
        waits_of!(jitter = none, max_elapsed = "701ms", attempts = 9),
        [100, 200, 400]
    );
    assert_eq!(
        waits_of!(jitter = none, max_elapsed = "700ms", attempts = 9),
        [100, 200]
    );
}

/// Values need not be literals: arguments, fields, constants, calls.
struct Client {
    base: Duration,
    attempts: u32,
}

const CAP: Duration = Duration::from_millis(250);

impl Client {
    #[retry(
        backoff = exponential(self.base, factor = factor()),
        attempts = self.attempts,
        max_delay = CAP,
        max_elapsed = limit,
        jitter = proportional(0.0 + 0.0),
        seed = u64::from(self.attempts),
        sleeper = time,
    )]
    fn run(&self, limit: Duration, time: &VirtualTime, calls: &Calls) -> Result<u32, &'static str> {
        calls.call()
    }
}

fn factor() -> f64 {
    2.0
}

#[test]
fn values_may_be_expressions() {
    let client = Client {
        base: Duration::from_millis(100),
        attempts: 5,
    };
    let long = Duration::from_secs(60);
    assert_eq!(
        waits(|time, calls| _ = client.run(long, time, calls)),
        [100, 200, 250, 250]
    );
    let short = Duration::from_millis(400);
    assert_eq!(waits(|time, calls| _ = client.run(short, time, calls)), [100, 200]);
}

static STATIC: Policy<Fibonacci> = Policy::fibonacci(Duration::from_millis(10))
    .jitter(Jitter::None)
    .max_attempts(6);
const CONSTANT: Policy<Exponential> = Policy::exponential(Duration::from_millis(10)).jitter(Jitter::None);
static LAZY: LazyLock<Policy<Schedule<Vec<Duration>>>> =
    LazyLock::new(|| Policy::schedule(vec![Duration::from_millis(5), Duration::from_millis(7)]));

#[test]
fn a_policy_may_stand_anywhere() {
    assert_eq!(waits_of!(policy = STATIC), [10, 10, 20, 30, 50]);
    assert_eq!(waits_of!(policy = CONSTANT), [10, 20]);
    assert_eq!(waits_of!(policy = LAZY), [5, 7]);
    assert_eq!(waits_of!(policy = &STATIC), [10, 10, 20, 30, 50]);
    assert_eq!(waits_of!(policy = Policy::fixed(Duration::from_millis(3))), [3, 3]);
    assert_eq!(
        waits_of!(policy = Policy::schedule(vec![Duration::from_millis(4)])),
        [4]
    );
}

#[test]
fn settings_override_the_policy() {
    assert_eq!(waits_of!(policy = STATIC, attempts = 3), [10, 10]);
    assert_eq!(waits_of!(attempts = 3, policy = &STATIC), [10, 10]);
    assert_eq!(waits_of!(policy = LAZY, attempts = 2), [5]);
    assert_eq!(
        waits_of!(policy = STATIC, backoff = linear("1s"), max_delay = "4500ms"),
        [1_000, 2_000, 3_000, 4_000, 4_500]
    );
    assert_eq!(
        waits_of!(policy = STATIC, max_elapsed = "71ms", when = |_| true),
        [10, 10, 20, 30]
    );
    assert_eq!(waits_of!(policy = CONSTANT, when = |_| false), [0; 0]);
    assert_eq!(
        waits_of!(policy = LAZY, when = |error| *error == "no"),
        [5, 7],
        "though its backoff is not `Copy`"
    );
}

/// What a library stores.
struct Stored {
    policy: SharedPolicy<&'static str>,
    sleeper: SharedSleeper,
}

impl Stored {
    #[retry(policy = &self.policy, sleeper = &self.sleeper)]
    async fn run(&self, calls: &Calls) -> Result<u32, RetryError<&'static str>> {
        calls.call_async().await
    }

    #[retry(policy = self.policy.clone(), sleeper = self.sleeper.clone())]
    async fn run_mut(&mut self, calls: &Calls) -> Result<u32, RetryError<&'static str>> {
        self.policy = Policy::fixed(Duration::ZERO).shared();
        calls.call_async().await
    }
}

#[test]
fn policies_and_sleepers_may_be_stored() {
    let (time, calls) = (VirtualTime::new(), Calls::always_failing());
    let mut stored = Stored {
        policy: STATIC.shared(),
        sleeper: time.asynchronous().shared(),
    };
    assert_eq!(time.block_on(stored.run(&calls)).unwrap_err().attempts(), 6);
    assert_eq!(time.block_on(stored.run_mut(&calls)).unwrap_err().attempts(), 6);
    assert_eq!(time.waits().len(), 10);
}

/// Values that come through a macro by example, which puts invisible parentheses around them.
#[test]
fn values_may_come_from_a_macro() {
    macro_rules! make {
        ($attempts:expr, $base:literal, $jitter:ident, $result:ty, $policy:path) => {{
            #[retry(attempts = $attempts, backoff = fixed($base), jitter = $jitter, sleeper = time)]
            fn built(time: &VirtualTime, calls: &Calls) -> $result {
                calls.call()
            }
            #[retry(policy = $policy, attempts = $attempts, sleeper = time)]
            fn given(time: &VirtualTime, calls: &Calls) -> $result {
                calls.call()
            }
            (
                waits(|time, calls| _ = built(time, calls)),
                waits(|time, calls| _ = given(time, calls)),
            )
        }};
    }
    let (built, given) = make!(4, "20ms", none, Result<u32, &'static str>, STATIC);
    assert_eq!((built, given), (vec![20; 3], vec![10, 10, 20]));
}
