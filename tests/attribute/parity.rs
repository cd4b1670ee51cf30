//! The attribute makes the same calls at the same times as the drivers, with the same end, for any policy.

use persevere::{Jitter, Observer, RetryError, retry};
use persevere_testkit::{Entry, Recorder, VirtualTime};
use persevere_tests::model::{Plan, ScriptedPolicy};
use persevere_tests::script::{Call, Fault, Reply, Script, scripted};
use persevere_tests::strategy::{cases, jitter, plan, script};
use proptest::prelude::*;
use std::time::Duration;

/// Everything observable of a run.
#[derive(Debug, PartialEq)]
struct Trace<R> {
    started: Vec<Duration>,
    slept: Vec<Duration>,
    ended: Duration,
    result: R,
    events: Vec<Entry>,
}

fn trace<R>(calls: &[Call], run: impl FnOnce(&VirtualTime, &Script, &Recorder) -> R) -> Trace<R> {
    let (time, log) = (VirtualTime::starting_at(Duration::from_secs(77)), Recorder::new());
    let script = scripted(&time, calls);
    let result = run(&time, &script, &log);
    Trace {
        started: script.started(),
        slept: time.waits(),
        ended: time.elapsed(),
        result,
        events: log.entries(),
    }
}

type Whole = Result<Reply, RetryError<Fault>>;
type PlainResult = Result<Reply, Fault>;

#[retry(policy = policy, sleeper = time, observe = log)]
fn whole(
    policy: &ScriptedPolicy,
    time: &VirtualTime,
    script: &Script,
    log: impl Observer<Fault>,
) -> Result<Reply, RetryError<Fault>> {
    script.call()
}

#[retry(policy = policy, sleeper = time.asynchronous(), observe = log)]
async fn whole_async(
    policy: &ScriptedPolicy,
    time: &VirtualTime,
    script: &Script,
    log: impl Observer<Fault>,
) -> Result<Reply, RetryError<Fault>> {
    script.call_async().await
}

#[retry(policy = policy, sleeper = time, observe = log)]
fn plain(policy: &ScriptedPolicy, time: &VirtualTime, script: &Script, log: impl Observer<Fault>) -> PlainResult {
    script.call()
}

#[retry(policy = policy, sleeper = time.asynchronous(), observe = log)]
async fn plain_async(
    policy: &ScriptedPolicy,
    time: &VirtualTime,
    script: &Script,
    log: impl Observer<Fault>,
) -> Result<Reply, Fault> {
    script.call_async().await
}

/// The settings of a plan one by one.
#[retry(
    policy = base,
    max_attempts = plan.max_attempts,
    max_delay = plan.max_delay.unwrap_or(Duration::MAX),
    max_elapsed = plan.max_elapsed.unwrap_or(Duration::MAX),
    seed = seed,
    sleeper = time,
    observe = log,
)]
fn by_settings(
    base: &ScriptedPolicy,
    plan: &Plan,
    seed: u64,
    time: &VirtualTime,
    script: &Script,
    log: impl Observer<Fault>,
) -> Result<Reply, RetryError<Fault>> {
    script.call()
}

/// The outcome of the last call, which a function without `RetryError` returns.
fn last_outcome(calls: &[Call], trace: &Trace<Whole>) -> PlainResult {
    let number = trace.started.len();
    calls[number.min(calls.len()) - 1].outcome(number)
}

fn same_but_result<A, B>(one: Trace<A>, other: &Trace<B>) -> bool {
    let Trace {
        started,
        slept,
        ended,
        events,
        ..
    } = one;
    (started, slept, ended, &events) == (other.started.clone(), other.slept.clone(), other.ended, &other.events)
}

proptest! {
    #![proptest_config(cases(500))]

    #[test]
    fn every_form_without_attempt_timeout_acts_as_run_blocking(plan in plan(), calls in script(), jitter in jitter(), seed in any::<u64>()) {
        let policy = Plan { attempt_timeout: None, ..plan.clone() }.policy().jitter(jitter).seed(seed);
        let driven = trace(&calls, |time, script, log| policy.on(time).observe(log).run_blocking(|| script.call()));
        prop_assert_eq!(&driven, &trace(&calls, |time, script, log| whole(&policy, time, script, log)));
        prop_assert_eq!(&driven, &trace(&calls, |time, script, log| time.block_on(whole_async(&policy, time, script, log))));

        let last = last_outcome(&calls, &driven);
        let returned = trace(&calls, |time, script, log| plain(&policy, time, script, log));
        prop_assert_eq!(returned.result, last);
        prop_assert!(same_but_result(returned, &driven));
        let returned = trace(&calls, |time, script, log| time.block_on(plain_async(&policy, time, script, log)));
        prop_assert_eq!(returned.result, last);
        prop_assert!(same_but_result(returned, &driven));
    }

    #[test]
    fn async_form_with_retry_error_acts_as_run(plan in plan(), calls in script(), jitter in jitter(), seed in any::<u64>()) {
        let policy = plan.policy().jitter(jitter).seed(seed);
        let driven = trace(&calls, |time, script, log| {
            time.block_on(policy.on(time.asynchronous()).observe(log).run(|| script.call_async()))
        });
        let expanded = trace(&calls, |time, script, log| time.block_on(whole_async(&policy, time, script, log)));
        prop_assert_eq!(driven, expanded);
    }

    #[test]
    fn settings_act_as_the_setters(plan in plan(), calls in script(), seed in any::<u64>()) {
        let base = Plan { attempt_timeout: None, max_elapsed: None, max_delay: None, max_attempts: 1, ..plan.clone() }.policy();
        let policy = Plan { attempt_timeout: None, ..plan.clone() }.policy().jitter(Jitter::None).seed(seed);
        let policy = policy.max_delay(plan.max_delay.unwrap_or(Duration::MAX));
        let policy = policy.max_elapsed(plan.max_elapsed.unwrap_or(Duration::MAX));
        let driven = trace(&calls, |time, script, log| policy.on(time).observe(log).run_blocking(|| script.call()));
        let expanded = trace(&calls, |time, script, log| by_settings(&base, &plan, seed, time, script, log));
        prop_assert_eq!(driven, expanded);
    }
}
