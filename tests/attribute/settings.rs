//! Every setting has the effect of the method of its name.

use crate::calls::Calls;
use crate::policies::{CONSTANT, STATIC};
use crate::waits::{waits, waits_of};
use persevere::{Jitter, Policy, RetryError, Verdict, retry};
use persevere_testkit::VirtualTime;
use std::time::Duration;

#[test]
fn backoff_has_the_delays_of_its_policy() {
    assert_eq!(waits_of!(backoff = fixed("1s"), max_attempts = 4), [1_000; 3]);
    assert_eq!(
        waits_of!(backoff = linear("1s"), jitter = none, max_attempts = 4),
        [1_000, 2_000, 3_000]
    );
    assert_eq!(
        waits_of!(backoff = exponential("1s"), jitter = none, max_attempts = 4),
        [1_000, 2_000, 4_000]
    );
    assert_eq!(
        waits_of!(backoff = exponential("1s", factor = 3), jitter = none, max_attempts = 4),
        [1_000, 3_000, 9_000]
    );
    assert_eq!(
        waits_of!(
            backoff = exponential("1s", factor = 1.5,),
            jitter = none,
            max_attempts = 4
        ),
        [1_000, 1_500, 2_250]
    );
    assert_eq!(
        waits_of!(backoff = fibonacci("1s"), jitter = none, max_attempts = 5),
        [1_000, 1_000, 2_000, 3_000]
    );
    let decorrelated = Policy::decorrelated(Duration::from_secs(1)).max_attempts(6).seed(3);
    let expected: Vec<_> = decorrelated.delays().map(|delay| delay.as_millis() as u64).collect();
    assert_eq!(
        waits_of!(backoff = decorrelated("1s"), seed = 3, max_attempts = 6),
        expected
    );
    assert_eq!(waits_of!(backoff = schedule(["1s", "5s"])), [1_000, 5_000]);
    assert_eq!(
        waits_of!(backoff = schedule(["1s", SECONDS[1],], repeat_last), max_attempts = 5),
        [1_000, 3_000, 3_000, 3_000]
    );
    assert_eq!(waits_of!(backoff = schedule(SECONDS)), [2_000, 3_000]);
    assert_eq!(
        waits_of!(backoff = schedule(vec![CAP], repeat_last), max_attempts = 3),
        [250, 250]
    );
    let default = Policy::default().seed(3);
    let expected: Vec<_> = default.delays().map(|delay| delay.as_millis() as u64).collect();
    assert_eq!(waits_of!(seed = 3), expected);
}

#[test]
fn jitter_has_the_delays_of_its_policy() {
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
        waits_of!(backoff = fixed("9s"), max_attempts = 6, seed = 5, jitter = none),
        expected(Jitter::None)
    );
    assert_eq!(
        waits_of!(backoff = fixed("9s"), max_attempts = 6, seed = 5, jitter = full),
        expected(Jitter::Full)
    );
    assert_eq!(
        waits_of!(backoff = fixed("9s"), max_attempts = 6, seed = 5, jitter = equal),
        expected(Jitter::Equal)
    );
    assert_eq!(
        waits_of!(
            backoff = fixed("9s"),
            max_attempts = 6,
            seed = 5,
            jitter = proportional(0.25)
        ),
        expected(Jitter::proportional(0.25))
    );
}

#[test]
fn limits_end_the_run() {
    assert_eq!(waits_of!(max_attempts = 1), [0; 0]);
    assert_eq!(
        waits_of!(jitter = none, timeout = "701ms", max_attempts = 9),
        [100, 200, 400]
    );
    assert_eq!(
        waits_of!(
            jitter = none,
            timeout = "700ms",
            max_elapsed = "701ms",
            max_attempts = 9
        ),
        [100, 200],
        "the stricter limit binds"
    );
    assert_eq!(
        waits_of!(jitter = none, max_delay = "150ms", max_attempts = 4),
        [100, 150, 150]
    );
    assert_eq!(
        waits_of!(jitter = none, max_elapsed = "701ms", max_attempts = 9),
        [100, 200, 400]
    );
    assert_eq!(
        waits_of!(jitter = none, max_elapsed = "700ms", max_attempts = 9),
        [100, 200]
    );
}

#[test]
fn hint_above_max_hint_stops_the_run() {
    fn second(_: &&str) -> Verdict {
        Verdict::RetryAfter(Duration::from_secs(1))
    }

    assert_eq!(
        waits_of!(policy = CONSTANT, max_hint = "1s", classify_with = second),
        [1_000, 1_000]
    );
    assert_eq!(
        waits_of!(policy = CONSTANT, max_hint = "999ms", classify_with = second),
        [0; 0]
    );
    assert_eq!(
        waits_of!(policy = CONSTANT, max_hint = CAP, clamp_hints, classify_with = second),
        [250, 250]
    );
}

#[test]
fn run_time_zero_attempts_count_as_one() {
    #[retry(max_attempts = attempts, backoff = fixed("1s"), sleeper = time)]
    fn run(attempts: u32, time: &VirtualTime, calls: &Calls) -> Result<u32, RetryError<&'static str>> {
        calls.call()
    }

    #[retry(policy = STATIC, max_attempts = attempts, sleeper = time)]
    fn run_policy(attempts: u32, time: &VirtualTime, calls: &Calls) -> Result<u32, RetryError<&'static str>> {
        calls.call()
    }

    for (attempts, made) in [(0, 1), (1, 1), (2, 2)] {
        let (time, calls) = (VirtualTime::new(), Calls::always_failing());
        assert_eq!(run(attempts, &time, &calls).unwrap_err().attempts(), made);
        assert_eq!(run_policy(attempts, &time, &calls).unwrap_err().attempts(), made);
        assert_eq!(calls.made(), 2 * made);
    }
}

/// Values may be arguments, fields, constants and calls.
struct Client {
    base: Duration,
    attempts: u32,
}

const CAP: Duration = Duration::from_millis(250);
const SECONDS: [Duration; 2] = [Duration::from_secs(2), Duration::from_secs(3)];

impl Client {
    #[retry(
        backoff = exponential(self.base, factor = factor()),
        max_attempts = self.attempts,
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
fn value_may_be_an_expression() {
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

/// A macro by example puts invisible parentheses around its fragments.
#[test]
fn value_may_come_from_a_macro() {
    macro_rules! make {
        ($attempts:expr, $base:literal, $jitter:ident, $result:ty, $policy:path) => {{
            #[retry(max_attempts = $attempts, backoff = fixed($base), jitter = $jitter, sleeper = time)]
            fn built(time: &VirtualTime, calls: &Calls) -> $result {
                calls.call()
            }
            #[retry(policy = $policy, max_attempts = $attempts, sleeper = time)]
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
