//! A run that is dropped, at any await point, leaves nothing behind: whatever drives it, and whatever it holds.

mod drivers;
mod guards;
mod held;

use drivers::{DRIVERS, Driver};
use held::Held;
use persevere::{Policy, Sleeper, TokioSleeper};
use persevere_testkit::{Entry, Polled, VirtualTime};
use persevere_tests::live::{Counted, Live};
use persevere_tests::model::ScriptedPolicy;
use persevere_tests::script::Call;
use persevere_tests::strategy::{cases, plan, script};
use proptest::prelude::*;
use std::sync::Arc;
use std::time::Duration;

/// Polls a run the given number of times, advances the clock whenever the run waits for it, and drops the run. Returns
/// whether it was over before, and its events until then.
fn drop_after(policy: &ScriptedPolicy, calls: &[Call], driver: Driver, polls: usize) -> (bool, Vec<Entry>) {
    let held = Held::new(calls);
    let mut run = Polled::new(driver(policy, &held));
    let wakes = run.wakes();
    let over = (0..polls).any(|_| {
        let over = run.poll().is_ready();
        if !over && !run.is_woken() {
            held.time.advance_to_next().expect("it waits for a sleep of its own");
        }
        over
    });
    let (told, woken) = (held.recorder.entries(), wakes.count());
    drop(run);
    assert_eq!(
        held.left(),
        [0; 5],
        "attempts, sleeps, timers, permits, withdrawals are left"
    );
    if held.stats.snapshot().started > 0 {
        held.agrees(over);
    }
    assert_eq!(
        (wakes.count(), Arc::strong_count(&wakes)),
        (woken, 1),
        "a dropped run keeps its waker"
    );
    assert_eq!(held.recorder.entries(), told, "a dropped run tells nothing");
    (over, told)
}

proptest! {
    #![proptest_config(cases(150))]

    /// For any policy, any script, every driver and every number of polls: a dropped run leaves no attempt, sleep,
    /// timer, permit, withdrawal or waker. Its events are the first events of a run that is not dropped.
    #[test]
    fn dropped_run_leaves_nothing_behind(plan in plan(), calls in script(), retry_rejected in any::<bool>()) {
        let policy = if retry_rejected { plan.policy().retry_rejected(true) } else { plan.policy() };
        for (name, driver) in DRIVERS {
            let (over, story) = drop_after(&policy, &calls, driver, 500);
            prop_assert!(over, "{}: the run does not end", name);
            let mut told_before = 0;
            for polls in 0..500 {
                let (over, told) = drop_after(&policy, &calls, driver, polls);
                prop_assert!(story.starts_with(&told), "{}, {} polls: {:?} of {:?}", name, polls, told, story);
                prop_assert!(told.len() >= told_before, "{}, {} polls", name, polls);
                told_before = told.len();
                if over {
                    break;
                }
            }
            prop_assert_eq!(told_before, story.len(), "{}", name);
        }
    }
}

/// An example of the property above, with an attempt, a timer, a wait and a yield in every driver.
#[test]
fn drops_meet_every_await_point() {
    let calls = [Call::fails(persevere::Verdict::Retry).after(Duration::from_millis(2))];
    let plan = persevere_tests::model::Plan {
        curve: persevere_tests::model::Curve::Schedule([3, 0, 3].map(Duration::from_millis).to_vec(), false),
        max_attempts: 9,
        max_delay: None,
        max_elapsed: None,
        attempt_timeout: Some(Duration::from_millis(9)),
        max_hint: None,
        clamp_hints: false,
    };
    let policy = plan.policy();
    for (name, driver) in DRIVERS {
        let held = Held::new(&calls);
        let mut run = Polled::new(driver(&policy, &held));
        let mut seen = Vec::new();
        while run.poll().is_pending() {
            seen.push((held.script.running(), held.sleeps.count(), held.time.pending()));
            if !run.is_woken() {
                held.time.advance_to_next();
            }
        }
        // Where an outcome has to be returned, the first attempt is not interrupted.
        let timed = if name.starts_with("#[retry] with the error alone") {
            3
        } else {
            4
        };
        assert!(
            seen.contains(&(1, 1, 2)),
            "{name}: an attempt beside its timer: {seen:?}"
        );
        assert!(seen.contains(&(0, 1, 1)), "{name}: a wait: {seen:?}");
        let is_yield = |(running, _, pending): &(usize, usize, usize)| running + pending == 0;
        assert!(
            seen.iter().any(is_yield),
            "{name}: a yield, in which no timer runs: {seen:?}"
        );
        assert_eq!(held.left(), [0; 5], "{name}");
        if held.breaker.asked() == 0 {
            assert_eq!(held.sleeps.ever(), timed + 3, "{name}");
        }
    }
}

/// On tokio: after a drop at any poll, an hour passes and nobody is woken.
#[tokio::test(start_paused = true)]
async fn dropped_run_leaves_no_timer_in_tokio() {
    let policy = Policy::fixed(Duration::from_secs(1)).attempt_timeout(Duration::from_secs(5));
    for polls in 1..6 {
        let sleeps = Live::new();
        let sleeper = Counted::new(TokioSleeper, &sleeps);
        let mut run = Polled::new(policy.on(&sleeper).run(|| async {
            tokio::time::sleep(Duration::from_secs(2)).await;
            Err::<(), _>("no")
        }));
        for _ in 0..polls {
            assert!(run.poll().is_pending());
            tokio::time::advance(Duration::from_millis(1_500)).await;
        }
        let wakes = run.wakes();
        drop(run);
        let before = wakes.count();
        tokio::time::sleep(Duration::from_secs(3600)).await;
        assert_eq!(
            (wakes.count(), Arc::strong_count(&wakes), sleeps.count()),
            (before, 1, 0)
        );
    }
}

/// On tokio: a spawned run that is aborted drops its attempt and its sleep.
#[tokio::test]
async fn aborted_task_leaves_nothing_behind() {
    let live = Live::new();
    let (attempts, sleeper) = (live.clone(), Counted::new(TokioSleeper, &live));
    let task = tokio::spawn(async move {
        let policy = Policy::fixed(Duration::from_secs(60)).attempt_timeout(Duration::from_secs(60));
        let call = || {
            let guard = attempts.guard();
            async move {
                let _guard = guard;
                std::future::pending::<Result<(), ()>>().await
            }
        };
        policy.on(sleeper).run(call).await
    });
    while live.count() < 2 {
        tokio::task::yield_now().await;
    }
    task.abort();
    assert!(task.await.unwrap_err().is_cancelled());
    assert_eq!(live.count(), 0);
}

/// A run that was made and never polled drops what it holds, and calls nothing.
#[test]
fn unpolled_run_does_nothing() {
    let (time, live) = (VirtualTime::new(), Live::new());
    let (guard, policy) = (live.guard(), Policy::default());
    let run = policy.on(time.asynchronous()).run(move || {
        let _held = &guard;
        async { Err::<(), _>("no") }
    });
    drop(run);
    assert_eq!((live.count(), time.now()), (0, Duration::ZERO));
}
