//! Every way to run that can be dropped.

use super::held::Held;
use persevere::{Policy, RetryError, retry};
use persevere_tests::model::ScriptedPolicy;
use persevere_tests::script::{Fault, Reply};
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

/// A way to run.
pub(super) type Driver = for<'a> fn(&'a ScriptedPolicy, &'a Held) -> Pin<Box<dyn Future<Output = ()> + 'a>>;

/// Every way to run that can be dropped.
pub(super) const DRIVERS: [(&str, Driver); 14] = [
    ("run", |policy, held| {
        let run = policy.on(&held.sleeper).observe(&held.recorder);
        ended(run.run(|| held.script.call_async()))
    }),
    ("run_with", |policy, held| {
        let run = policy.on(&held.sleeper).observe(&held.recorder);
        ended(run.run_with(|_| held.script.call_async()))
    }),
    ("run_mut", |policy, held| {
        let run = policy.on(&held.sleeper).observe(&held.recorder);
        ended(run.run_mut(async || held.script.call_async().await))
    }),
    ("run_mut_with", |policy, held| {
        let run = policy.on(&held.sleeper).observe(&held.recorder);
        ended(run.run_mut_with(async |_| held.script.call_async().await))
    }),
    ("a policy in place", |policy, held| {
        let run = Policy::inlined(move || policy)
            .on(&held.sleeper)
            .observe(&held.recorder);
        ended(run.run(|| held.script.call_async()))
    }),
    ("a deadline", |policy, held| {
        let run = policy.on(&held.sleeper).observe(&held.recorder);
        let run = run.timeout(Duration::from_millis(20));
        ended(run.run(|| held.script.call_async()))
    }),
    ("#[retry]", |policy, held| ended(whole(policy, held))),
    ("#[retry] with the error alone", |policy, held| {
        ended(plain(policy, held))
    }),
    ("run, guarded", |policy, held| {
        let run = policy.on(&held.sleeper).observe((&held.recorder, &held.stats));
        let run = run.breaker(&held.breaker).budget(&held.budget);
        ended(run.run(|| held.script.call_async()))
    }),
    ("run_with, guarded", |policy, held| {
        let run = policy.on(&held.sleeper).observe((&held.recorder, &held.stats));
        let run = run.breaker(&held.breaker).budget(&held.budget);
        ended(run.run_with(|_| held.script.call_async()))
    }),
    ("run_mut, guarded", |policy, held| {
        let run = policy.on(&held.sleeper).observe((&held.recorder, &held.stats));
        let run = run.breaker(&held.breaker).budget(&held.budget);
        ended(run.run_mut(async || held.script.call_async().await))
    }),
    ("run_mut_with, guarded", |policy, held| {
        let run = policy.on(&held.sleeper).observe((&held.recorder, &held.stats));
        let run = run.budget(&held.budget).breaker(&held.breaker);
        ended(run.run_mut_with(async |_| held.script.call_async().await))
    }),
    ("#[retry], guarded", |policy, held| ended(guarded(policy, held))),
    ("#[retry] with the error alone, guarded", |policy, held| {
        ended(plain_guarded(policy, held))
    }),
];

fn ended<'a, T>(run: impl Future<Output = T> + 'a) -> Pin<Box<dyn Future<Output = ()> + 'a>> {
    Box::pin(async {
        run.await;
    })
}

#[retry(policy = policy, sleeper = &held.sleeper, observe = &held.recorder)]
async fn whole(policy: &ScriptedPolicy, held: &Held) -> Result<Reply, RetryError<Fault>> {
    held.script.call_async().await
}

#[retry(policy = policy, sleeper = &held.sleeper, observe = &held.recorder)]
async fn plain(policy: &ScriptedPolicy, held: &Held) -> Result<Reply, Fault> {
    held.script.call_async().await
}

#[retry(policy = policy, sleeper = &held.sleeper, observe = (&held.recorder, &held.stats), breaker = &held.breaker, budget = &held.budget)]
async fn guarded(policy: &ScriptedPolicy, held: &Held) -> Result<Reply, RetryError<Fault>> {
    held.script.call_async().await
}

#[retry(policy = policy, sleeper = &held.sleeper, observe = (&held.recorder, &held.stats), budget = &held.budget)]
async fn plain_guarded(policy: &ScriptedPolicy, held: &Held) -> Result<Reply, Fault> {
    held.script.call_async().await
}
