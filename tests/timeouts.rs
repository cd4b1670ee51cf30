//! Timeouts: of one attempt, and of a run whose attempts are still going.

use persevere::classify::ByError;
use persevere::{Attempt, Policy, StopReason, Verdict};
use persevere_testkit::VirtualTime;
use persevere_tests::script::{Call, Fault, scripted};
use persevere_tests::strategy::{cases, few_millis, plan, script};
use proptest::prelude::*;
use std::time::Duration;

const fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

proptest! {
    #![proptest_config(cases(1_000))]

    /// L3: the deadline of a run interrupts an async attempt even where the policy has no timeout for attempts, and
    /// no attempt ends after it.
    #[test]
    fn deadline_cuts_off_attempts(calls in script(), plan in plan(), deadline in (0u64..60).prop_map(millis)) {
        let time = VirtualTime::new();
        let script = scripted(&time, calls);
        let policy = plan.policy();
        let _ = time.block_on(policy.on(time.asynchronous()).timeout(deadline).run(|| script.call_async()));
        prop_assert!(time.elapsed() <= deadline);
        prop_assert_eq!(script.running(), 0);
    }

    /// L3: an attempt receives its timeout or the time that is left, whichever is less.
    #[test]
    fn attempt_has_its_timeout(
        timeout in prop::option::of((1u64..12).prop_map(millis)), limit in prop::option::of(few_millis()), takes in few_millis(),
    ) {
        let time = VirtualTime::new();
        let mut policy = Policy::fixed(millis(1)).max_attempts(4);
        if let Some(timeout) = timeout {
            policy = policy.attempt_timeout(timeout);
        }
        if let Some(limit) = limit {
            policy = policy.max_elapsed(limit);
        }
        let _ = policy.on(&time).run_blocking_with(|attempt: Attempt| {
            let left = limit.map(|limit| limit.saturating_sub(time.elapsed()));
            // Never zero, since sockets reject it.
            let expected = [timeout, left].into_iter().flatten().min();
            let expected = expected.map(|least| least.max(Duration::from_nanos(1)));
            assert_eq!(attempt.timeout(), expected);
            time.advance(takes);
            Err::<(), _>("no")
        });
    }
}

/// L3: an attempt that takes exactly its timeout succeeds; a nanosecond more, and it is dropped.
#[test]
fn attempt_past_its_timeout_is_interrupted() {
    for (takes, succeeds) in [(millis(5), true), (millis(5) + Duration::from_nanos(1), false)] {
        let time = VirtualTime::new();
        let script = scripted(&time, [Call::succeeds().after(takes)]);
        let policy = Policy::fixed(millis(1))
            .attempt_timeout(millis(5))
            .max_attempts(2)
            .classify(ByError);
        let result = time.block_on(policy.on(time.asynchronous()).run(|| script.call_async()));
        assert_eq!(result.is_ok(), succeeds);
        if let Err(error) = result {
            assert_eq!((error.reason(), error.attempts()), (StopReason::AttemptTimedOut, 2));
            assert_eq!((error.last_error(), error.elapsed()), (None, None));
            assert_eq!(script.started(), [millis(0), millis(6)]);
            assert_eq!((time.elapsed(), script.running()), (millis(11), 0));
        }
    }
}

/// L3: under `retry_timeouts(false)` an attempt that times out is the last, and one that fails is not.
#[test]
fn timeout_that_is_not_retried_stops_the_run() {
    let time = VirtualTime::new();
    let script = scripted(&time, [Call::fails(Verdict::Retry), Call::succeeds().after(millis(50))]);
    let policy = Policy::fixed(millis(1))
        .attempt_timeout(millis(5))
        .max_attempts(4)
        .retry_timeouts(false)
        .classify(ByError);
    let error = time
        .block_on(policy.on(time.asynchronous()).run(|| script.call_async()))
        .unwrap_err();
    assert_eq!((error.reason(), error.attempts()), (StopReason::AttemptTimedOut, 2));
    assert_eq!((time.elapsed(), script.running()), (millis(6), 0));
    assert!(!policy.limits().retry_timeouts());
}

/// L3, E1: a run whose time ends while its last attempt is still running stops with the reason `Elapsed`. It has no
/// timeout of attempts, which could be the reason.
#[test]
fn deadline_in_the_last_attempt_is_the_reason() {
    let time = VirtualTime::new();
    let script = scripted(&time, [Call::succeeds().after(millis(50))]);
    let policy = Policy::fixed(millis(1)).max_attempts(1).classify(ByError);
    let run = policy
        .on(time.asynchronous())
        .timeout(millis(10))
        .run(|| script.call_async());
    let error = time.block_on(run).unwrap_err();
    assert_eq!(time.elapsed(), millis(10));
    assert_eq!(error.reason(), StopReason::Elapsed);
}

/// L3: an attempt that timed out is dropped before the wait begins.
#[test]
fn timed_out_attempt_is_dropped_before_the_wait() {
    let time = VirtualTime::new();
    let script = scripted(&time, [Call::succeeds().after(millis(50))]);
    let running = script.clone();
    let policy = Policy::fixed(millis(1)).attempt_timeout(millis(5)).classify(ByError);
    let run = policy
        .on(time.asynchronous())
        .on_retry(move |_, error: Option<&Fault>, _| {
            assert!(error.is_none());
            assert_eq!(
                running.running(),
                0,
                "the attempt still runs while the retry is announced"
            );
        })
        .run(|| script.call_async());
    assert_eq!(time.block_on(run).unwrap_err().attempts(), 3);
}
