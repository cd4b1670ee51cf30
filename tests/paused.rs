//! Under tokio's paused clock, waits and limits are exact.

use persevere::{Policy, Sleeper, StopReason, TokioSleeper, Verdict};
use persevere_testkit::Recorder;
use persevere_tests::script::{Fault, verdict};
use persevere_tests::strategy::{cases, plan, script};
use proptest::prelude::*;
use std::cell::RefCell;
use std::time::Duration;
use tokio::time::Instant;

fn paused() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap()
}

proptest! {
    #![proptest_config(cases(256))]

    /// L5: each call at its nanosecond, each limit at its own, as on virtual time: the model predicts a paused run.
    #[test]
    fn paused_run_is_what_the_model_says(plan in plan(), calls in script()) {
        let started = RefCell::new(Vec::new());
        let policy = plan.policy();
        let (result, ended) = paused().block_on(async {
            let origin = Instant::now();
            let result = policy.on(TokioSleeper).run(|| {
                started.borrow_mut().push(origin.elapsed());
                let number = started.borrow().len();
                let call = calls[number.min(calls.len()) - 1];
                async move {
                    if !call.takes.is_zero() {
                        tokio::time::sleep(call.takes).await;
                    }
                    call.outcome(number)
                }
            });
            (result.await, origin.elapsed())
        });
        let expected = plan.predict(&calls, true);
        prop_assert_eq!(started.into_inner(), expected.started);
        prop_assert_eq!(ended, expected.ended);
        prop_assert_eq!(result.as_ref().err().map(|error| plan.reason(error.reason(), ended)), expected.stopped);
        if let Err(error) = result {
            prop_assert_eq!(error.waited(), expected.waits.iter().sum::<Duration>());
            prop_assert_eq!(error.elapsed(), plan.max_elapsed.map(|_| ended));
        }
    }
}

/// L5: a day passes at once, and to the nanosecond.
#[tokio::test(start_paused = true)]
async fn simulated_day_is_exact() {
    let (wall, start, log) = (std::time::Instant::now(), Instant::now(), Recorder::new());
    let hour = Duration::from_secs(3600);
    let policy = Policy::fixed(hour).max_attempts(u32::MAX).max_elapsed(hour * 24);
    let error = policy
        .on(TokioSleeper)
        .observe(&log)
        .run(|| async { Err::<(), _>("no") })
        .await
        .unwrap_err();
    assert_eq!((error.reason(), error.attempts()), (StopReason::Elapsed, 24));
    assert_eq!(
        (error.waited(), error.elapsed(), start.elapsed()),
        (hour * 23, Some(hour * 23), hour * 23)
    );
    assert!(wall.elapsed() < Duration::from_secs(20), "paused time does not pass");
}

/// L5: the sleeper's clock is tokio's: it stands while paused, and moves as far as it is moved.
#[tokio::test(start_paused = true)]
async fn clock_stands_while_paused() {
    let before = TokioSleeper.now();
    std::thread::sleep(Duration::from_millis(5));
    assert_eq!(TokioSleeper.now(), before);
    tokio::time::advance(Duration::from_nanos(1_234_567)).await;
    assert_eq!(TokioSleeper.now() - before, Duration::from_nanos(1_234_567));
}

/// L3: an attempt that times out is dropped at its timeout, not later.
#[tokio::test(start_paused = true)]
async fn timed_out_attempt_is_dropped_at_its_timeout() {
    struct Dropped<'a>(&'a RefCell<Vec<Duration>>, Instant);
    impl Drop for Dropped<'_> {
        fn drop(&mut self) {
            self.0.borrow_mut().push(self.1.elapsed());
        }
    }
    let (drops, start) = (RefCell::new(Vec::new()), Instant::now());
    let policy = Policy::fixed(Duration::from_secs(1))
        .attempt_timeout(Duration::from_secs(3))
        .max_attempts(2);
    let run = policy.on(TokioSleeper).run(|| {
        let guard = Dropped(&drops, start);
        async move {
            std::future::pending::<()>().await;
            drop(guard);
            Err::<(), Fault>(Fault {
                number: 1,
                verdict: Verdict::Retry,
            })
        }
    });
    assert_eq!(run.await.unwrap_err().reason(), StopReason::AttemptTimedOut);
    assert_eq!(drops.into_inner(), [3, 7].map(Duration::from_secs));
}

/// L3: a deadline holds over attempts that never end.
#[tokio::test(start_paused = true)]
async fn deadline_holds_over_endless_attempts() {
    let start = Instant::now();
    let policy = Policy::fixed(Duration::from_secs(1)).classify_outcome_with(verdict);
    let run = policy
        .on(TokioSleeper)
        .timeout(Duration::from_secs(9))
        .run(std::future::pending);
    assert_eq!(run.await.unwrap_err().attempts(), 1);
    assert_eq!(start.elapsed(), Duration::from_secs(9));
}
