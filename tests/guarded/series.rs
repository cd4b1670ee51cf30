//! Several runs after one another that share a breaker and a budget, whatever drives them.

use persevere::breaker::{BreakerStats, CircuitBreaker, Transition};
use persevere::budget::{Account, Class, LastFailure, TokenBucket};
use persevere::{RetryError, Sleeper, Step, StopReason, Verdict, retry};
use persevere_testkit::{Entry, Recorder, VirtualTime};
use persevere_tests::model::{Plan, ScriptedPolicy};
use persevere_tests::script::{Call, Fault, Reply, Script, scripted};
use persevere_tests::strategy::{plan, script};
use proptest::prelude::*;
use std::time::Duration;

pub(crate) type Outcome = Result<Reply, RetryError<Fault>>;

/// The settings of the runs, and of the guards that they share.
#[derive(Debug, Clone)]
pub(crate) struct Series {
    pub(crate) plan: Plan,
    retry_rejected: bool,
    trip: u32,
    open: Duration,
    tokens: u32,
    calls: Vec<Call>,
    gaps: Vec<Duration>,
}

/// Any series.
pub(crate) fn series() -> impl Strategy<Value = Series> {
    let millis = |range: std::ops::Range<u64>| range.prop_map(Duration::from_millis);
    let shared = (1u32..4, millis(1..30), 1u32..40);
    let gaps = prop::collection::vec(millis(0..40), 1..6);
    (plan(), any::<bool>(), shared, script(), gaps).prop_map(
        |(plan, retry_rejected, (trip, open, tokens), calls, gaps)| Series {
            plan,
            retry_rejected,
            trip,
            open,
            tokens,
            calls,
            gaps,
        },
    )
}

/// The parts of a run.
pub(crate) struct World {
    pub(crate) time: VirtualTime,
    pub(crate) script: Script,
    pub(crate) recorder: Recorder,
    pub(crate) breaker: CircuitBreaker,
    pub(crate) budget: TokenBucket,
}

/// The result of a run: the reply, or why it ended, after how many attempts and how long a wait; and its last error.
pub(crate) type View = (Result<Reply, (StopReason, u32, Duration)>, Option<Fault>);

/// Everything observable of a series.
#[derive(Debug, PartialEq)]
pub(crate) struct Trace {
    pub(crate) results: Vec<View>,
    started: Vec<Duration>,
    waits: Vec<Duration>,
    ended: Duration,
    transitions: Vec<Transition>,
    stats: BreakerStats,
    tokens: u32,
    /// Empty for the caller's own loop, which emits no events.
    pub(crate) events: Vec<Entry>,
}

impl Series {
    pub(crate) fn calls(&self) -> &[Call] {
        &self.calls
    }

    pub(crate) fn policy(&self) -> ScriptedPolicy {
        let policy = self.plan.policy();
        if self.retry_rejected {
            policy.retry_rejected(true)
        } else {
            policy
        }
    }

    /// Makes the runs of the series, each by `run`.
    pub(crate) fn trace(&self, run: impl Fn(&ScriptedPolicy, &World) -> Outcome) -> Trace {
        let time = VirtualTime::starting_at(Duration::from_secs(77));
        let world = World {
            script: scripted(&time, self.calls.clone()),
            recorder: Recorder::new(),
            breaker: CircuitBreaker::consecutive_failures(self.trip)
                .open_for(self.open)
                .build(),
            budget: TokenBucket::new(self.tokens).reward(3),
            time,
        };
        let (policy, watch) = (self.policy(), world.breaker.transitions());
        let view = |outcome: Outcome| match outcome {
            Ok(reply) => (Ok(reply), None),
            Err(error) => (
                Err((error.reason(), error.attempts(), error.waited())),
                error.into_last_error(),
            ),
        };
        let results = self.gaps.iter().map(|gap| {
            world.time.advance(*gap);
            view(run(&policy, &world))
        });
        Trace {
            results: results.collect(),
            started: world.script.started(),
            waits: world.time.waits(),
            ended: world.time.elapsed(),
            transitions: watch.collect(),
            stats: world.breaker.stats(),
            tokens: world.budget.available(),
            events: world.recorder.entries(),
        }
    }
}

/// A way to run.
pub(crate) type Driver = fn(&ScriptedPolicy, &World) -> Outcome;

/// The same on a thread.
pub(crate) const BLOCKING: [(&str, Driver); 3] = [
    ("run_blocking", |policy, world| {
        let run = policy.on(&world.time).observe(&world.recorder);
        run.breaker(&world.breaker)
            .budget(&world.budget)
            .run_blocking(|| world.script.call())
    }),
    ("in another order", |policy, world| {
        let run = policy.on(&world.time).budget(&world.budget).breaker(&world.breaker);
        run.observe(&world.recorder).run_blocking_with(|_| world.script.call())
    }),
    ("#[retry]", |policy, world| attribute(policy, world)),
];

/// The same as a future.
pub(crate) const ASYNC: [(&str, Driver); 5] = [
    ("run", |policy, world| {
        let run = policy.on(world.time.asynchronous()).observe(&world.recorder);
        let run = run.breaker(&world.breaker).budget(&world.budget);
        world.time.block_on(run.run(|| world.script.call_async()))
    }),
    ("run_with", |policy, world| {
        let run = policy.on(world.time.asynchronous()).observe(&world.recorder);
        let run = run.budget(&world.budget).breaker(&world.breaker);
        world.time.block_on(run.run_with(|_| world.script.call_async()))
    }),
    ("run_mut", |policy, world| {
        let run = policy.on(world.time.asynchronous()).observe(&world.recorder);
        let run = run.breaker(&world.breaker).budget(&world.budget);
        world
            .time
            .block_on(run.run_mut(async || world.script.call_async().await))
    }),
    ("run_mut_with", |policy, world| {
        let run = policy.on(world.time.asynchronous()).observe(&world.recorder);
        let run = run.breaker(&world.breaker).budget(&world.budget);
        world
            .time
            .block_on(run.run_mut_with(async |_| world.script.call_async().await))
    }),
    ("async #[retry]", |policy, world| {
        world.time.block_on(async_attribute(policy, world))
    }),
];

#[retry(policy = policy, sleeper = &world.time, observe = &world.recorder, breaker = &world.breaker, budget = &world.budget)]
fn attribute(policy: &ScriptedPolicy, world: &World) -> Result<Reply, RetryError<Fault>> {
    world.script.call()
}

#[retry(
    policy = policy,
    sleeper = world.time.asynchronous(),
    observe = &world.recorder,
    breaker = &world.breaker,
    budget = &world.budget
)]
async fn async_attribute(policy: &ScriptedPolicy, world: &World) -> Result<Reply, RetryError<Fault>> {
    world.script.call_async().await
}

/// A caller's own loop over the machine, a permit and an account.
pub(crate) fn own_loop(policy: &ScriptedPolicy, world: &World) -> Outcome {
    let World { time, breaker, .. } = world;
    let (mut retry, mut account) = (policy.start(time.now()), Account::open(&world.budget));
    let mut last = None;
    loop {
        let step = match breaker.try_acquire(time.now()) {
            Err(rejected) => retry.rejected(rejected.retry_after(), time.now()),
            Ok(permit) => {
                account.attempt(time.now());
                let outcome = world.script.call();
                permit.report(&outcome, time.now());
                let verdict = retry.judge(&outcome);
                if let (Ok(reply), Verdict::Accept) = (&outcome, verdict) {
                    account.succeeded(time.now());
                    return Ok(*reply);
                }
                let mut step = retry.step(verdict, time.now());
                match step {
                    Step::Wait(_) => {
                        if account.withdraw(Class::Transient, time.now()).is_err() {
                            step = retry.give_up(StopReason::Budget);
                        }
                    }
                    Step::Stop(reason) => account.failed(
                        match reason {
                            StopReason::Permanent => LastFailure::Permanent,
                            StopReason::Hint => LastFailure::Pushback,
                            _ => LastFailure::Retryable(Class::Transient),
                        },
                        time.now(),
                    ),
                }
                last = outcome.err();
                step
            }
        };
        match step {
            Step::Wait(delay) => drop(time.sleep(delay)),
            Step::Stop(_) => return Err(retry.into_error(last, time.now())),
        }
    }
}
