//! A call through the layer is a run: the same attempts, waits, events and end, for any script and any policy.

use crate::probe::{Probe, Reply};
use persevere::backoff::Exponential;
use persevere::breaker::CircuitBreaker;
use persevere::budget::WindowedRatio;
use persevere::tower::RetryLayer;
use persevere::{Jitter, Policy, RetryError, TokioSleeper, Verdict};
use persevere_testkit::{Entry, Recorder};
use proptest::prelude::*;
use std::time::Duration;
use tower::{Layer, Service, ServiceExt};

const SECOND: Duration = Duration::from_secs(1);

fn verdict(outcome: &Result<u16, &'static str>) -> Verdict {
    match outcome {
        Ok(503) | Err("reset") => Verdict::Retry,
        Ok(429) => Verdict::RetryAfter(7 * SECOND),
        Err("quota") => Verdict::RetryAfter(3600 * SECOND),
        Err(_) => Verdict::Stop,
        Ok(_) => Verdict::Accept,
    }
}

fn reply() -> impl Strategy<Value = Reply<u16>> {
    let outcome = prop_oneof![
        Just(Ok(200)),
        Just(Ok(429)),
        Just(Ok(503)),
        Just(Err("reset")),
        Just(Err("reset")),
        Just(Err("quota")),
        Just(Err("denied")),
    ];
    (outcome, 0..5_u32).prop_map(|(outcome, seconds)| match seconds {
        0 | 1 => Reply::Now(outcome),
        seconds => Reply::After(seconds * SECOND, outcome),
    })
}

#[derive(Debug, Clone)]
struct Case {
    script: Vec<Reply<u16>>,
    policy: Policy<Exponential>,
    has_breaker: bool,
    has_budget: bool,
}

fn case() -> impl Strategy<Value = Case> {
    let limits = (
        1..7_u32,
        0..4_u32,
        prop::option::of(1..4_u32),
        prop::option::of(0..20_u32),
    );
    let guards = (any::<bool>(), any::<bool>(), any::<bool>());
    (prop::collection::vec(reply(), 60), limits, guards).prop_map(|(script, limits, guards)| {
        let (attempts, base, timeout, elapsed) = limits;
        let (has_breaker, has_budget, retry_rejected) = guards;
        let mut policy = Policy::exponential(base * SECOND)
            .jitter(Jitter::Full)
            .seed(7)
            .max_attempts(attempts)
            .retry_rejected(retry_rejected);
        if let Some(timeout) = timeout {
            policy = policy.attempt_timeout(timeout * SECOND);
        }
        if let Some(elapsed) = elapsed {
            policy = policy.max_elapsed(elapsed * SECOND);
        }
        Case {
            script,
            policy,
            has_breaker,
            has_budget,
        }
    })
}

/// How two calls in a row ended, what was recorded of them, and how often the service was called.
type Seen = (Vec<Result<u16, RetryError<&'static str>>>, Vec<Entry>, usize);

async fn by_run(case: &Case) -> Seen {
    let (recorder, probe) = (Recorder::new(), Probe::new(case.script.clone()));
    let breaker = case.has_breaker.then(|| breaker().shared());
    let budget = case.has_budget.then(budget);
    let policy = case.policy.classify_outcome_with(verdict);
    let mut ends = Vec::new();
    for _ in 0..2 {
        let run = policy
            .on(TokioSleeper)
            .budget(budget.as_ref())
            .breaker(breaker.clone())
            .observe(&recorder);
        ends.push(run.accept_last().run(|| probe.clone().oneshot(())).await);
    }
    (ends, recorder.entries(), probe.calls())
}

async fn by_layer(case: &Case) -> Seen {
    let (recorder, probe) = (Recorder::new(), Probe::new(case.script.clone()));
    let breaker = case.has_breaker.then(|| breaker().shared());
    let budget = case.has_budget.then(|| std::sync::Arc::new(budget()));
    let layer = RetryLayer::new(case.policy.classify_outcome_with(verdict), TokioSleeper);
    let layer = layer
        .budget(budget)
        .explained()
        .breaker(breaker)
        .observe(recorder.clone());
    let mut service = layer.layer(probe.clone());
    let mut ends = Vec::new();
    for _ in 0..2 {
        ends.push(service.ready().await.unwrap().call(()).await);
    }
    (ends, recorder.entries(), probe.calls())
}

fn breaker() -> CircuitBreaker {
    CircuitBreaker::consecutive_failures(3)
        .open_for(5 * SECOND)
        .jitter(Jitter::None)
        .build()
}

fn budget() -> WindowedRatio {
    WindowedRatio::new().ratio(0.0).reserve(3)
}

/// Runs on a clock of its own, which is paused.
fn on_paused_clock<T>(future: impl Future<Output = T>) -> T {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap()
        .block_on(future)
}

proptest! {
    #[test]
    fn layer_does_what_a_run_does(case in case()) {
        prop_assert_eq!(on_paused_clock(by_layer(&case)), on_paused_clock(by_run(&case)));
    }

    #[test]
    fn no_call_is_made_more_often_than_the_policy_allows(case in case()) {
        let probe = Probe::new(case.script.clone());
        let attempts = case.policy.limits().max_attempts().unwrap() as usize;
        let layer = RetryLayer::new(case.policy.classify_outcome_with(verdict), TokioSleeper);
        let outcome = on_paused_clock(layer.layer(probe.clone()).oneshot(()));
        prop_assert!((1..=attempts).contains(&probe.calls()));
        let is_final = case.script[..probe.calls()].iter().any(|reply| match reply {
            Reply::Now(last) | Reply::After(_, last) => *last == outcome,
            Reply::Never => false,
        });
        prop_assert!(is_final, "{:?} is the outcome of an attempt", outcome);
    }
}
