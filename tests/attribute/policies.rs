//! The setting `policy`: policies of any form, with other settings on top.

use crate::calls::Calls;
use crate::waits::waits_of;
use persevere::backoff::{Exponential, Fibonacci, Schedule};
use persevere::{Jitter, Policy, RetryError, SharedPolicy, SharedSleeper, Sleeper, retry};
use persevere_testkit::VirtualTime;
use std::sync::LazyLock;
use std::time::Duration;

pub(crate) static STATIC: Policy<Fibonacci> = Policy::fibonacci(Duration::from_millis(10))
    .jitter(Jitter::None)
    .max_attempts(6);
pub(crate) const CONSTANT: Policy<Exponential> = Policy::exponential(Duration::from_millis(10))
    .jitter(Jitter::None)
    .exact_hints();
static LAZY: LazyLock<Policy<Schedule<Vec<Duration>>>> =
    LazyLock::new(|| Policy::schedule(vec![Duration::from_millis(5), Duration::from_millis(7)]));

#[test]
fn policy_may_be_any_expression() {
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
fn setting_overrides_the_policy() {
    assert_eq!(waits_of!(policy = STATIC, max_attempts = 3), [10, 10]);
    assert_eq!(waits_of!(max_attempts = 3, policy = &STATIC), [10, 10]);
    assert_eq!(waits_of!(policy = LAZY, max_attempts = 2), [5]);
    assert_eq!(
        waits_of!(policy = STATIC, backoff = linear("1s"), max_delay = "4500ms"),
        [1_000, 2_000, 3_000, 4_000, 4_500]
    );
    assert_eq!(
        waits_of!(policy = STATIC, max_elapsed = "71ms", retry_if = |_| true),
        [10, 10, 20, 30]
    );
    assert_eq!(waits_of!(policy = CONSTANT, retry_if = |_| false), [0; 0]);
    assert_eq!(
        waits_of!(policy = LAZY, retry_if = |error| *error == "no"),
        [5, 7],
        "with a backoff that is not `Copy`"
    );
}

/// A client that stores its policy and sleeper, as libraries do.
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
fn stored_policy_and_sleeper_are_used() {
    let (time, calls) = (VirtualTime::new(), Calls::always_failing());
    let mut stored = Stored {
        policy: STATIC.shared(),
        sleeper: time.asynchronous().shared(),
    };
    assert_eq!(time.block_on(stored.run(&calls)).unwrap_err().attempts(), 6);
    assert_eq!(time.block_on(stored.run_mut(&calls)).unwrap_err().attempts(), 6);
    assert_eq!(time.waits().len(), 10);
}
