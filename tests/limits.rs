//! Limits: of attempts, and of time for the run.

use persevere::backoff::{Exponential, Fixed};
use persevere::classify::ByError;
use persevere::{Jitter, Policy, RetryError, StopReason, Verdict};
use persevere_testkit::{Recorder, VirtualTime};
use persevere_tests::model::{Plan, Prediction};
use persevere_tests::script::{Call, Fault, Reply, Script, scripted};
use persevere_tests::strategy::{cases, few_millis, plan, script};
use proptest::prelude::*;
use std::time::Duration;

const fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// The course of a run, in the terms of the model.
fn observed(
    plan: &Plan,
    result: Result<Reply, RetryError<Fault>>,
    script: &Script,
    waits: Vec<Duration>,
    time: &VirtualTime,
) -> Prediction {
    Prediction {
        started: script.started(),
        waits,
        ended: time.elapsed(),
        stopped: result
            .as_ref()
            .err()
            .map(|error| plan.reason(error.reason(), time.elapsed())),
        last: result.err().and_then(RetryError::into_last_error),
    }
}

proptest! {
    #![proptest_config(cases(2_000))]

    /// L1, L2, L4, E1, E2, H1, H2: a blocking run under any limits agrees with the model. Compared are the time of each
    /// call, each wait, the reason and the last error. (A blocking attempt does not time out.)
    #[test]
    fn blocking_run_is_what_the_model_says(plan in plan(), calls in script()) {
        let time = VirtualTime::new();
        let script = scripted(&time, calls.clone());
        let result = plan.policy().on(&time).run_blocking(|| script.call());
        prop_assert_eq!(observed(&plan, result, &script, time.waits(), &time), plan.predict(&calls, false));
    }

    /// The same of an async run, where L3 holds as well: attempts time out at their limits.
    #[test]
    fn async_run_is_what_the_model_says(plan in plan(), calls in script()) {
        let time = VirtualTime::new();
        let script = scripted(&time, calls.clone());
        let events = Recorder::new();
        let policy = plan.policy();
        let run = policy.on(time.asynchronous()).observe(&events).run(|| script.call_async());
        let result = time.block_on(run);
        prop_assert_eq!(observed(&plan, result, &script, events.waits(), &time), plan.predict(&calls, true));
        prop_assert_eq!(time.pending(), 0, "no timer is left");
        prop_assert_eq!(script.running(), 0, "no attempt is left");
    }

    /// L2, L5: the run counts from its start, wherever the clock stands.
    #[test]
    fn origin_of_the_clock_does_not_matter(plan in plan(), calls in script(), origin in 0u64..1 << 62) {
        let run = |time: VirtualTime| {
            let (script, origin) = (scripted(&time, calls.clone()), time.elapsed());
            let result = plan.policy().on(&time).run_blocking(|| script.call());
            let started: Vec<_> = script.started().into_iter().map(|at| at - origin).collect();
            (result, started, time.waits())
        };
        prop_assert_eq!(run(VirtualTime::new()), run(VirtualTime::starting_at(Duration::from_nanos(origin))));
    }

    /// L2: no wait ends at or past the limit, and one more would have.
    #[test]
    fn limit_of_time_is_neither_passed_nor_wasted(
        limit in 0u64..200, delay in 1u64..20, takes in few_millis(),
    ) {
        let time = VirtualTime::new();
        let script = scripted(&time, [Call::fails(Verdict::Retry).after(takes)]);
        let policy = Policy::fixed(millis(delay)).max_attempts(u32::MAX).max_elapsed(millis(limit));
        let error = policy.on(&time).run_blocking(|| script.call()).unwrap_err();
        prop_assert_eq!(error.reason(), StopReason::Elapsed);
        let last_start = script.started().pop().unwrap();
        prop_assert!(last_start < millis(limit) || error.attempts() == 1);
        prop_assert!(time.elapsed() + millis(delay) >= millis(limit), "there was time for another wait");
        prop_assert_eq!(error.elapsed(), Some(time.elapsed()));
    }

    /// L6: the deadline of a run and the limit of its policy: whichever is stricter binds.
    #[test]
    fn stricter_of_deadline_and_policy_binds(
        calls in script(), plan in plan(), deadline in (0u64..60).prop_map(millis),
    ) {
        let time = VirtualTime::new();
        let script = scripted(&time, calls.clone());
        let result = plan.policy().on(&time).timeout(deadline).run_blocking(|| script.call());
        let strict = Plan {
            max_elapsed: Some(plan.max_elapsed.unwrap_or(Duration::MAX).min(deadline)),
            ..plan
        };
        prop_assert_eq!(observed(&strict, result, &script, time.waits(), &time), strict.predict(&calls, false));
    }
}

/// One call that changes a policy.
type Setter = fn(Policy<Fixed, persevere::classify::ByError>) -> Policy<Fixed, persevere::classify::ByError>;

/// L6: the order of the builder's calls changes nothing: all orders of all setters make the same policy.
#[test]
fn order_of_builder_calls_does_not_matter() {
    let setters: [Setter; 6] = [
        |policy| policy.max_attempts(5),
        |policy| policy.max_elapsed(millis(40)),
        |policy| policy.max_delay(millis(7)).jitter(Jitter::Equal),
        |policy| policy.attempt_timeout(millis(9)),
        |policy| policy.max_hint(millis(11)).clamp_hints(true),
        |policy| policy.seed(3),
    ];
    let mut runs = Vec::new();
    permutations(&mut [0, 1, 2, 3, 4, 5], 0, &mut |order| {
        let start = Policy::fixed(millis(8)).classify(ByError);
        let policy = order.iter().fold(start, |policy, index| setters[*index](policy));
        let time = VirtualTime::new();
        let hint = Call::fails(Verdict::RetryAfter(millis(30)));
        let script = scripted(&time, [Call::fails(Verdict::Retry).after(millis(2)), hint]);
        let result = policy.on(&time).run_blocking(|| script.call());
        runs.push(format!("{result:?} {:?} {:?}", script.started(), time.waits()));
    });
    assert_eq!(runs.len(), 720);
    runs.dedup();
    assert_eq!(runs.len(), 1, "{runs:#?}");
}

fn permutations(order: &mut [usize], fixed: usize, visit: &mut impl FnMut(&[usize])) {
    if fixed == order.len() {
        return visit(order);
    }
    for other in fixed..order.len() {
        order.swap(fixed, other);
        permutations(order, fixed + 1, visit);
        order.swap(fixed, other);
    }
}

/// L6: setting the classifier last keeps the limits that were set before, and so does sharing.
#[test]
fn classifier_keeps_the_limits() {
    let limited = Policy::fixed(millis(8)).max_attempts(7).max_elapsed(millis(20)).seed(1);
    let retries = |policy: &dyn Fn(&VirtualTime) -> RetryError<&'static str>| policy(&VirtualTime::new()).attempts();
    assert_eq!(
        retries(&|time| limited.on(time).run_blocking(|| Err::<(), _>("no")).unwrap_err()),
        3
    );
    let picky = limited.retry_if(|_: &&str| true);
    assert_eq!(
        retries(&|time| picky.on(time).run_blocking(|| Err::<(), _>("no")).unwrap_err()),
        3
    );
    let shared = picky.shared();
    assert_eq!(
        retries(&|time| shared.on(time).run_blocking(|| Err::<(), _>("no")).unwrap_err()),
        3
    );
    let whole = limited.classify_outcome_with(|_: &Result<(), &str>| Verdict::Retry);
    assert_eq!(
        retries(&|time| whole.on(time).run_blocking(|| Err::<(), _>("no")).unwrap_err()),
        3
    );
}

/// L1: a limit of attempts binds with a hint on every failure.
#[test]
fn hints_do_not_extend_the_attempts() {
    let time = VirtualTime::new();
    let script = scripted(&time, [Call::fails(Verdict::RetryAfter(millis(1)))]);
    let policy = Policy::fixed(millis(8)).classify(ByError).max_attempts(3);
    let error = policy.on(&time).run_blocking(|| script.call()).unwrap_err();
    assert_eq!(
        (error.reason(), error.attempts(), script.started().len()),
        (StopReason::Attempts, 3, 3)
    );
}

/// L2: at the limit to the nanosecond a wait is not begun; one nanosecond earlier it is.
#[test]
fn wait_that_ends_at_the_limit_is_not_begun() {
    let delay = Duration::from_nanos(1_000);
    for (limit, attempts) in [(2_000, 2), (2_001, 3)] {
        let time = VirtualTime::starting_at(Duration::from_secs(9));
        let policy = Policy::fixed(delay)
            .max_attempts(9)
            .max_elapsed(Duration::from_nanos(limit));
        let error = policy.on(&time).run_blocking(|| Err::<(), _>("no")).unwrap_err();
        assert_eq!((error.reason(), error.attempts()), (StopReason::Elapsed, attempts));
        assert_eq!(error.waited(), delay * (attempts - 1));
    }
}

/// L2: without any time at all, the first attempt is still made.
#[test]
fn no_time_is_one_attempt() {
    let time = VirtualTime::new();
    let policy = Policy::fixed(Duration::ZERO).max_elapsed(Duration::ZERO);
    let error = policy.on(&time).run_blocking(|| Err::<(), _>("no")).unwrap_err();
    assert_eq!((error.reason(), error.attempts()), (StopReason::Elapsed, 1));
    assert_eq!(policy.on(&time).run_blocking(|| Ok::<_, ()>(1)).unwrap(), 1);
}

/// L4: a run of n attempts sleeps n-1 times: not before the first, not after the last.
#[test]
fn there_is_one_sleep_less_than_attempts() {
    for attempts in 1..6 {
        let time = VirtualTime::new();
        let policy = Policy::new(Exponential::new(millis(1))).max_attempts(attempts);
        let _ = policy.on(&time).run_blocking(|| Err::<(), _>("no"));
        assert_eq!(time.waits().len() as u32, attempts - 1);
        let time = VirtualTime::new();
        let _ = time.block_on(policy.on(time.asynchronous()).run(|| async { Err::<(), _>("no") }));
        assert_eq!(time.waits().len() as u32, attempts - 1);
    }
}

/// Without a limit of time the clock is not read, success or not.
#[test]
fn without_a_limit_of_time_the_clock_is_not_read() {
    let time = VirtualTime::new();
    let policy = Policy::fixed(millis(1)).attempt_timeout(millis(5));
    assert_eq!(policy.on(&time).run_blocking(|| Ok::<_, ()>(1)).unwrap(), 1);
    let _ = policy.on(&time).run_blocking(|| Err::<(), _>("no"));
    assert_eq!(
        time.block_on(policy.on(time.asynchronous()).run(|| async { Ok::<_, ()>(1) }))
            .unwrap(),
        1
    );
    let _ = time.block_on(policy.on(time.asynchronous()).run(|| async { Err::<(), _>("no") }));
    assert_eq!(time.reads(), 0);
}

#[test]
fn every_setting_is_read_back() {
    let policy = Policy::exponential(millis(1))
        .max_attempts(7)
        .max_delay(millis(2))
        .max_elapsed(millis(3))
        .since_first_failure()
        .attempt_timeout(millis(4))
        .min_attempt_time(millis(5))
        .jitter(Jitter::Equal)
        .max_hint(millis(6))
        .clamp_hints(true)
        .spread_hints(0.25)
        .longer_of_hint_and_delay(true)
        .retry_rejected(true)
        .retry_timeouts(false)
        .seed(8);
    let limits = policy.limits();
    assert_eq!((limits.max_attempts(), limits.max_delay()), (Some(7), Some(millis(2))));
    assert_eq!(
        (limits.max_elapsed(), limits.since_first_failure()),
        (Some(millis(3)), true)
    );
    assert_eq!(
        (limits.attempt_timeout(), limits.min_attempt_time()),
        (Some(millis(4)), millis(5))
    );
    assert_eq!((limits.jitter(), limits.max_hint()), (Jitter::Equal, millis(6)));
    assert_eq!((limits.clamp_hints(), limits.longer_of_hint_and_delay()), (true, true));
    assert!((limits.spread_hints() - 0.25).abs() < 1e-9);
    assert_eq!(
        (limits.retry_rejected(), limits.retry_timeouts(), limits.seed()),
        (true, false, Some(8))
    );
    let text = format!("{policy:?}");
    for setting in ["7", "2ms", "3ms", "4ms", "5ms", "Equal", "6ms", "0.25", "8"] {
        assert!(text.contains(setting), "{setting} is in {text}");
    }

    let bare = Policy::new(Fixed::new(millis(1)));
    let limits = bare
        .unlimited_attempts()
        .without_max_elapsed()
        .without_attempt_timeout();
    let limits = limits.limits();
    assert_eq!(
        (limits.max_attempts(), limits.max_delay(), limits.max_elapsed()),
        (None, None, None)
    );
    assert_eq!(
        (limits.attempt_timeout(), limits.min_attempt_time()),
        (None, Duration::ZERO)
    );
    assert_eq!(
        (
            limits.since_first_failure(),
            limits.clamp_hints(),
            limits.retry_rejected()
        ),
        (false, false, false)
    );
    assert_eq!(
        (
            limits.retry_timeouts(),
            limits.longer_of_hint_and_delay(),
            limits.seed()
        ),
        (true, false, None)
    );
}
