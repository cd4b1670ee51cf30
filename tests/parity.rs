//! Parity: blocking and async drivers and a caller's own loop do the same, at the same times.

use persevere::{Jitter, Policy, RetryError, Sleeper, Step, StopReason, Verdict};
use persevere_contract::executor::race;
use persevere_testkit::{Entry, Recorder, VirtualTime};
use persevere_tests::model::{Plan, ScriptedPolicy};
use persevere_tests::script::{Call, Fault, Reply, Script, scripted};
use persevere_tests::strategy::{cases, jitter, plan, script};
use proptest::prelude::*;
use std::time::Duration;

type Outcome = Result<Reply, RetryError<Fault>>;

/// Everything observable of a run.
#[derive(Debug, PartialEq)]
struct Trace {
    started: Vec<Duration>,
    slept: Vec<Duration>,
    ended: Duration,
    result: Outcome,
    events: Vec<Entry>,
}

fn trace(calls: &[Call], run: impl FnOnce(&VirtualTime, &Script, &Recorder) -> Outcome) -> Trace {
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

/// Everything that a caller's own loop can observe of its run.
type Own = (
    Vec<Duration>,
    Vec<Duration>,
    Duration,
    Result<Reply, (StopReason, u32, Duration, Option<Fault>)>,
);

fn own_view(trace: &Trace) -> Own {
    let result = match &trace.result {
        Ok(reply) => Ok(*reply),
        Err(error) => Err((
            error.reason(),
            error.attempts(),
            error.waited(),
            error.last_error().copied(),
        )),
    };
    (trace.started.clone(), trace.slept.clone(), trace.ended, result)
}

fn own_blocking_loop(policy: &ScriptedPolicy, calls: &[Call]) -> Own {
    let time = VirtualTime::starting_at(Duration::from_secs(77));
    let script = scripted(&time, calls);
    let mut retry = policy.start(time.now());
    let result = loop {
        let outcome = script.call();
        let verdict = retry.judge(&outcome);
        if let (Ok(reply), Verdict::Accept) = (&outcome, verdict) {
            break Ok(*reply);
        }
        match retry.step(verdict, time.now()) {
            Step::Wait(delay) => drop(time.sleep(delay)),
            Step::Stop(reason) => {
                let machine = retry.machine();
                break Err((reason, machine.failures(), machine.waited(), outcome.err()));
            }
        }
    };
    (script.started(), time.waits(), time.elapsed(), result)
}

fn own_async_loop(policy: &ScriptedPolicy, calls: &[Call], has_timeout: bool) -> Own {
    let time = VirtualTime::starting_at(Duration::from_secs(77));
    let sleeper = time.asynchronous();
    let script = scripted(&time, calls);
    let (mut retry, mut last) = (policy.start(sleeper.now()), None);
    let result = time.block_on(async {
        loop {
            let outcome = match retry.timeout(sleeper.now()).filter(|_| has_timeout) {
                Some(timeout) => race(script.call_async(), sleeper.sleep(timeout)).await,
                None => Some(script.call_async().await),
            };
            let step = match &outcome {
                Some(outcome) => match (retry.judge(outcome), outcome) {
                    (Verdict::Accept, Ok(reply)) => break Ok(*reply),
                    (verdict, _) => retry.step(verdict, sleeper.now()),
                },
                None => retry.timed_out(sleeper.now()),
            };
            if let Some(outcome) = outcome {
                last = outcome.err();
            }
            match step {
                Step::Wait(delay) => sleeper.sleep(delay).await,
                Step::Stop(reason) => {
                    let (attempts, waited) = (retry.machine().failures(), retry.machine().waited());
                    break Err((reason, attempts, waited, last));
                }
            }
        }
    });
    (script.started(), time.waits(), time.elapsed(), result)
}

fn run(policy: &ScriptedPolicy, calls: &[Call]) -> Trace {
    trace(calls, |time, script, log| {
        time.block_on(policy.on(time.asynchronous()).observe(log).run(|| script.call_async()))
    })
}

/// The async drivers, which are to agree among themselves.
fn other_async_runs(policy: &ScriptedPolicy, calls: &[Call]) -> [Trace; 3] {
    [
        trace(calls, |time, script, log| {
            time.block_on(policy.on(time.asynchronous()).observe(log).run_with(|attempt| {
                assert_eq!(attempt.number() as usize, script.started().len() + 1);
                script.call_async()
            }))
        }),
        trace(calls, |time, script, log| {
            let mut mine = script.clone();
            let run = policy.on(time.asynchronous()).observe(log).run_mut(async || {
                let script = &mut mine;
                script.call_async().await
            });
            time.block_on(run)
        }),
        trace(calls, |time, script, log| {
            let mut numbers = Vec::new();
            let run = policy
                .on(time.asynchronous())
                .observe(log)
                .run_mut_with(async |attempt| {
                    numbers.push(attempt.number());
                    script.call_async().await
                });
            let result = time.block_on(run);
            assert!(numbers.into_iter().eq(1..=script.started().len() as u32));
            result
        }),
    ]
}

proptest! {
    #![proptest_config(cases(1_000))]

    /// For any script and any policy without a timeout for attempts, all drivers and own loops do the same. They make
    /// the same calls at the same times, wait the same and end the same.
    #[test]
    fn every_driver_does_the_same(plan in plan(), calls in script(), jitter in jitter(), seed in any::<u64>()) {
        let policy = Plan { attempt_timeout: None, ..plan }.policy().jitter(jitter).seed(seed);
        let blocking = trace(&calls, |time, script, log| policy.on(time).observe(log).run_blocking(|| script.call()));
        let with = trace(&calls, |time, script, log| {
            policy.on(time).observe(log).run_blocking_with(|attempt| {
                assert_eq!(attempt.number() as usize, script.started().len() + 1);
                script.call()
            })
        });
        prop_assert_eq!(&blocking, &with);
        prop_assert_eq!(&blocking, &run(&policy, &calls));
        for other in other_async_runs(&policy, &calls) {
            prop_assert_eq!(&blocking, &other);
        }
        prop_assert_eq!(own_view(&blocking), own_blocking_loop(&policy, &calls));
        prop_assert_eq!(own_view(&blocking), own_async_loop(&policy, &calls, false));
    }

    /// With a timeout for attempts, the async drivers and an own loop that races its attempts do the same.
    #[test]
    fn every_async_driver_cuts_off_the_same(plan in plan(), calls in script(), jitter in jitter(), seed in any::<u64>()) {
        // An attempt never receives a timeout of zero, since sockets reject it; the drivers still time out at zero.
        let some = |limit: Option<Duration>| limit.map(|limit| limit.max(Duration::from_millis(1)));
        let (attempt_timeout, max_elapsed) = (some(plan.attempt_timeout), some(plan.max_elapsed));
        let plan = Plan { attempt_timeout, max_elapsed, ..plan };
        let policy = plan.policy().jitter(jitter).seed(seed);
        let one = run(&policy, &calls);
        for other in other_async_runs(&policy, &calls) {
            prop_assert_eq!(&one, &other);
        }
        let own = own_async_loop(&policy, &calls, plan.attempt_timeout.is_some());
        prop_assert_eq!(own_view(&one), own);
    }

    /// A shared policy, a borrowed policy and a policy of trait objects do the same.
    #[test]
    fn every_form_of_a_policy_does_the_same(seed in any::<u64>(), jitter in jitter(), calls in script()) {
        use persevere::classify::AnyError;
        let policy = Policy::exponential(Duration::from_millis(3)).max_attempts(5).jitter(jitter).seed(seed);
        let outcome = |run: &dyn Fn(&VirtualTime, &Script) -> Outcome| {
            trace(&calls, |time, script, _| run(time, script))
        };
        let plain = outcome(&|time, script| policy.on(time).run_blocking(|| script.call()));
        let shared = policy.shared::<Fault>();
        prop_assert_eq!(&plain, &outcome(&|time, script| shared.on(time).run_blocking(|| script.call())));
        let backoff: &dyn persevere::Backoff = &persevere::backoff::Exponential::new(Duration::from_millis(3));
        let classifier: std::sync::Arc<dyn persevere::Classifier<Fault>> = std::sync::Arc::new(AnyError);
        let dynamic = Policy::new(backoff).with_classifier(classifier).max_attempts(5).jitter(jitter).seed(seed);
        prop_assert_eq!(&plain, &outcome(&|time, script| dynamic.on(time).run_blocking(|| script.call())));
    }

    /// A run that the caller restarts is like a new run.
    #[test]
    fn restarted_run_is_as_new(seed in any::<u64>(), failures in 0u32..6) {
        let policy = Policy::exponential(Duration::from_millis(3)).max_attempts(5).jitter(Jitter::Full).seed(seed);
        let mut retry = policy.start(Duration::ZERO);
        for _ in 0..failures {
            let _ = retry.failed("no", Duration::ZERO);
        }
        retry.restart(Duration::from_secs(5));
        prop_assert_eq!(retry.attempt(), 1);
        for delay in policy.delays() {
            prop_assert_eq!(retry.failed("no", Duration::from_secs(5)), Step::Wait(delay));
        }
        prop_assert_eq!(retry.failed("no", Duration::from_secs(5)), Step::Stop(StopReason::Attempts));
    }
}

/// An inlined policy runs as one that is borrowed, on a thread and awaited.
#[test]
fn inlined_policy_runs_as_one_that_is_borrowed() {
    static POLICY: Policy = Policy::DEFAULT.max_attempts(9).seed(7);
    let times: [VirtualTime; 4] = std::array::from_fn(|_| VirtualTime::new());
    let fails = || Err::<(), _>("no");
    let results = [
        POLICY.on(&times[0]).run_blocking(fails),
        Policy::inlined(|| &POLICY).on(&times[1]).run_blocking(fails),
        times[2].block_on(POLICY.on(times[2].asynchronous()).run(async || fails())),
        times[3].block_on(
            Policy::inlined(|| &POLICY)
                .on(times[3].asynchronous())
                .run(async || fails()),
        ),
    ];
    assert_eq!(times[0].waits().len(), 8);
    for (result, time) in results.iter().zip(&times) {
        assert_eq!((result, time.waits()), (&results[0], times[0].waits()));
    }
}
