//! A run that is dropped, at any await point, leaves nothing behind.

use persevere::{CancelToken, Policy, Sleeper, TokioSleeper};
use persevere_tests::executor::{Polled, Wakes};
use persevere_tests::live::{Counted, Live};
use persevere_tests::model::ScriptedPolicy;
use persevere_tests::script::{Call, Script};
use persevere_tests::strategy::{cases, plan, script};
use persevere_tests::time::VirtualTime;
use proptest::prelude::*;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

/// Which driver.
#[derive(Debug, Clone, Copy)]
enum Driver {
    Run,
    RunWith,
    RunMut,
    RunMutWith,
}

/// Polls a run so often, then drops it. Says whether it was over before.
fn poll_and_drop(run: impl Future, polls: usize) -> bool {
    let mut run = Polled::new(run);
    let wakes = run.wakes();
    for _ in 0..polls {
        if run.poll().is_ready() {
            return true;
        }
    }
    let before = wakes.count();
    drop(run);
    assert_eq!(
        (wakes.count(), Arc::strong_count(&wakes)),
        (before, 1),
        "a dropped run keeps its waker"
    );
    false
}

/// Drops one run after so many polls and checks that nothing is left. Says whether it was over before.
fn drop_after(policy: &ScriptedPolicy, calls: &[Call], driver: Driver, polls: usize) -> bool {
    let (time, sleeps, token) = (VirtualTime::new(), Live::new(), CancelToken::new());
    let script = Script::new(&time, calls);
    let sleeper = Counted::new(token.guard(time.asynchronous()), &sleeps);
    let run = policy.on(&sleeper);
    let over = match driver {
        Driver::Run => poll_and_drop(run.run(|| script.call_async()), polls),
        Driver::RunWith => poll_and_drop(run.run_with(|_| script.call_async()), polls),
        Driver::RunMut => poll_and_drop(run.run_mut(async || script.call_async().await), polls),
        Driver::RunMutWith => poll_and_drop(run.run_mut_with(async |_| script.call_async().await), polls),
    };
    assert_eq!(
        (script.live().count(), sleeps.count(), time.pending()),
        (0, 0, 0),
        "{driver:?}, {polls} polls"
    );
    over
}

proptest! {
    #![proptest_config(cases(150))]

    /// For any policy, any script and each driver: after every number of polls, a dropped run leaves no attempt, no
    /// sleep, no timer and no waker.
    #[test]
    fn a_dropped_run_leaves_nothing_behind(plan in plan(), calls in script()) {
        let policy = plan.policy();
        for driver in [Driver::Run, Driver::RunWith, Driver::RunMut, Driver::RunMutWith] {
            let last = (0..500).find(|polls| drop_after(&policy, &calls, driver, *polls));
            prop_assert!(last.is_some(), "the run does not end");
        }
    }
}

/// An example of the above that is known to go through an attempt, a timer, a wait and a yield.
#[test]
fn the_drops_meet_every_await_point() {
    let (time, sleeps) = (VirtualTime::new(), Live::new());
    let script = Script::new(
        &time,
        [Call::fails(persevere::Verdict::Retry).after(Duration::from_millis(2))],
    );
    let policy = Policy::schedule([3, 0, 3].map(Duration::from_millis)).attempt_timeout(Duration::from_millis(9));
    let sleeper = Counted::new(time.asynchronous(), &sleeps);
    let mut run = Polled::new(policy.on(&sleeper).run(|| script.call_async()));
    let mut seen = Vec::new();
    while run.poll().is_pending() {
        seen.push((script.live().count(), sleeps.count(), time.pending()));
    }
    assert!(seen.contains(&(1, 1, 2)), "an attempt beside its timer: {seen:?}");
    assert!(seen.contains(&(0, 1, 1)), "a wait: {seen:?}");
    assert!(
        seen.contains(&(0, 1, 0)),
        "a yield, with a sleep that nobody has polled: {seen:?}"
    );
    assert_eq!((sleeps.count(), sleeps.ever()), (0, 4 + 3));
}

/// On tokio: after a drop at any poll, an hour passes and nobody is woken.
#[tokio::test(start_paused = true)]
async fn a_dropped_run_leaves_no_timer_in_tokio() {
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
        let wakes: Arc<Wakes> = run.wakes();
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
async fn an_aborted_task_leaves_nothing_behind() {
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
fn an_unpolled_run_does_nothing() {
    let (time, live) = (VirtualTime::new(), Live::new());
    let (guard, policy) = (live.guard(), Policy::default());
    let run = policy.on(time.asynchronous()).run(move || {
        let _held = &guard;
        async { Err::<(), _>("no") }
    });
    drop(run);
    assert_eq!((live.count(), time.now()), (0, Duration::ZERO));
}
