//! Behaviours of async runs alone.

use persevere::{Policy, Sleeper, StopReason};
use persevere_testkit::{Call, Polled, Recorder, assert_gave_up, assert_waits};
use persevere_tests::live::{Counted, Live};
use persevere_tests::world::{Executor, World};
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

const HOUR: Duration = Duration::from_secs(3600);

/// Milliseconds.
const fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

/// An attempt that outlasts its timeout times out, and counts as a failure that is worth a retry.
fn attempt_timeout<X: Executor>(executor: &X) {
    let (recorder, start) = (Recorder::new(), Instant::now());
    let run = const { &Policy::fixed(ms(1)).attempt_timeout(ms(2)).max_attempts(2) }
        .on(Executor::sleeper(executor))
        .observe(recorder.clone());
    let error = executor.drive(run, |_| Call::ok(7).taking(HOUR)).unwrap_err();
    assert_eq!((error.attempts(), error.last_error()), (2, None));
    assert_waits!(recorder, [ms(1)]);
    assert_gave_up!(recorder, StopReason::AttemptTimedOut);
    assert!(start.elapsed() < HOUR / 60);
}

/// A deadline interrupts the attempt that is running then.
fn deadline_cuts_off<X: Executor>(executor: &X) {
    let (recorder, start) = (Recorder::new(), Instant::now());
    let run = const { &Policy::fixed(ms(1)) }
        .on(Executor::sleeper(executor))
        .timeout(ms(3))
        .observe(recorder.clone());
    let error = executor.drive(run, |_| Call::ok(7).taking(HOUR)).unwrap_err();
    assert_eq!((error.attempts(), error.last_error()), (1, None));
    assert_gave_up!(recorder, StopReason::Elapsed);
    assert!(start.elapsed() < HOUR / 60);
}

/// Each delay of zero lets the executor run something else.
fn zero_delay_yields<X: Executor>(executor: &X) {
    let run = const { &Policy::fixed(Duration::ZERO).max_attempts(5) }.on(Executor::sleeper(executor));
    let run = run.run(|| async { Err::<(), _>("no") });
    let polls = executor.block_on(async {
        let (mut run, mut polls) = (pin!(run), 0);
        let result = poll_fn(|context| {
            polls += 1;
            run.as_mut().poll(context)
        });
        assert_eq!(result.await.unwrap_err().attempts(), 5);
        polls
    });
    assert!(polls >= 5, "{polls} polls for 5 attempts");
}

/// A run that is dropped, wherever it is, leaves no attempt, no sleep and no waker behind, and wakes nobody.
fn dropped_run_leaves_nothing<X: Executor>(executor: &X) {
    let (sleeper, live) = (Executor::sleeper(executor), Live::new());
    executor.block_on(async move {
        for polls in 0..6 {
            let attempts = live.clone();
            let policy = Policy::fixed(ms(1)).attempt_timeout(HOUR).max_attempts(9);
            let takes = sleeper.clone();
            let run = policy.on(Counted::new(sleeper.clone(), &live)).run(|| {
                let (guard, sleep) = (attempts.guard(), takes.sleep(ms(1)));
                async move {
                    sleep.await;
                    drop(guard);
                    Err::<(), _>("no")
                }
            });
            let mut run = Polled::new(run);
            for _ in 0..polls {
                assert!(run.poll().is_pending());
                sleeper.sleep(ms(2)).await;
            }
            assert_eq!(
                live.count() > 0,
                polls > 0,
                "a run that goes on has an attempt or a wait"
            );
            let wakes = run.wakes();
            let woken = wakes.count();
            drop(run);
            sleeper.sleep(ms(3)).await;
            assert_eq!((live.count(), wakes.count(), Arc::strong_count(&wakes)), (0, woken, 1));
        }
    });
}

/// Many runs go on side by side, as tasks of one.
fn many_at_once<X: Executor>(executor: &X) {
    let (sleeper, start) = (Executor::sleeper(executor), Instant::now());
    executor.block_on(async move {
        let policy = Policy::fixed(ms(5)).max_attempts(3);
        let runs = (0..500).map(|_| async {
            let error = policy
                .on(&sleeper)
                .run(|| async { Err::<(), _>("no") })
                .await
                .unwrap_err();
            assert_eq!((error.attempts(), error.waited()), (3, ms(10)));
        });
        persevere_contract::executor::join_all(runs).await;
    });
    assert!(
        start.elapsed() < ms(500 * 10),
        "one after the other: {:?}",
        start.elapsed()
    );
}

not_on_a_thread! {
    "a blocking attempt cannot be cut off":
    attempt_timeout,
    deadline_cuts_off,
}

not_on_a_thread! {
    "a thread has nothing else to run":
    zero_delay_yields,
    many_at_once,
}

not_on_a_thread! {
    "a blocking run cannot be dropped":
    dropped_run_leaves_nothing,
}
