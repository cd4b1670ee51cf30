//! Runs with a breaker.

use persevere::breaker::{CircuitBreaker, State};
use persevere::budget::WindowedRatio;
use persevere::{Policy, RetryError, Sleeper, StopReason, Verdict, retry};
use persevere_testkit::{Entry, How, Recorder, VirtualTime};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);

fn fixed(attempts: u32) -> Policy<persevere::backoff::Fixed> {
    Policy::fixed(SECOND).max_attempts(attempts).exact_hints()
}

/// Opened at `time`, for ten seconds.
fn opened(time: &VirtualTime) -> CircuitBreaker {
    let breaker = CircuitBreaker::consecutive_failures(1).open_for(10 * SECOND).build();
    breaker.try_acquire(time.now()).unwrap().failed(time.now());
    breaker
}

/// An open breaker stops a run before its first attempt, at once and without a wait.
#[test]
fn open_breaker_stops_a_run_before_its_first_attempt() {
    let time = VirtualTime::new();
    let breaker = opened(&time);
    let recorder = Recorder::new();
    let policy = fixed(3);
    let run = policy.on(&time).breaker(&breaker).observe(&recorder);
    let error = run.run_blocking(|| Ok::<(), &str>(())).unwrap_err();
    assert_eq!((error.reason(), error.attempts()), (StopReason::Rejected, 0));
    assert_eq!((error.last_error(), time.waits()), (None, vec![]));
    assert_eq!(error.to_string(), "rejected by a breaker or limit");
    assert_eq!(
        recorder.entries(),
        [
            Entry::Started,
            Entry::Rejected {
                attempt: 1,
                retry_after: Some(10 * SECOND)
            },
            Entry::GaveUp {
                reason: StopReason::Rejected,
                attempts: 0,
                waited: Duration::ZERO,
                failure: Some(How::Rejected)
            }
        ]
    );
}

/// With `retry_rejected`, a run waits for exactly as long as the breaker is open, and its attempt is then the probe.
#[test]
fn rejection_is_waited_for_if_the_policy_retries_rejections() {
    let time = VirtualTime::new();
    let breaker = opened(&time);
    time.advance(3 * SECOND);
    let policy = fixed(3).retry_rejected(true);
    let run = policy.on(&time).breaker(&breaker);
    assert_eq!(run.run_blocking(|| Ok::<_, &str>(7)), Ok(7));
    assert_eq!(time.waits(), [7 * SECOND]);
    assert_eq!(breaker.state(time.now()), State::Closed);
}

/// The breaker's time is a hint: above the bound of hints the run stops, and a deadline holds.
#[test]
fn time_left_is_a_hint_within_the_limits() {
    let reason = |policy: Policy<_>| {
        let time = VirtualTime::new();
        let breaker = opened(&time);
        let policy = policy.retry_rejected(true);
        let run = policy.on(&time).breaker(&breaker);
        let error = run.run_blocking(|| Ok::<(), &str>(())).unwrap_err();
        assert_eq!((error.attempts(), time.waits()), (0, vec![]));
        error.reason()
    };
    assert_eq!(reason(fixed(3).max_hint(9 * SECOND)), StopReason::Rejected);
    assert_eq!(reason(fixed(1)), StopReason::Rejected);
    assert_eq!(reason(fixed(3).max_elapsed(10 * SECOND)), StopReason::Elapsed);
}

/// With shortened hints, a run is rejected as often as it may make attempts, and not once more.
#[test]
fn run_is_rejected_no_more_often_than_it_may_make_attempts() {
    let time = VirtualTime::new();
    let breaker = opened(&time);
    let policy = fixed(4).max_hint(2 * SECOND).clamp_hints(true).retry_rejected(true);
    let error = policy
        .on(&time)
        .breaker(&breaker)
        .run_blocking(|| Ok::<(), &str>(()))
        .unwrap_err();
    assert_eq!((error.reason(), error.attempts()), (StopReason::Rejected, 0));
    assert_eq!(time.waits(), [2 * SECOND; 3]);
    assert_eq!(breaker.stats().rejected, 4);
}

/// No run waits for a breaker that its caller holds open.
#[test]
fn breaker_held_open_is_not_waited_for() {
    let (time, breaker) = (VirtualTime::new(), CircuitBreaker::default());
    breaker.force_open();
    let policy = fixed(3).retry_rejected(true);
    let run = policy.on(&time).breaker(&breaker);
    let error = run.run_blocking(|| Ok::<(), &str>(())).unwrap_err();
    assert_eq!((error.reason(), time.waits()), (StopReason::Rejected, vec![]));
}

/// The breaker counts by its own classifier: an error that the policy does not retry may still be a failure, and the
/// other way round.
#[test]
fn breaker_has_a_classifier_of_its_own() {
    let time = VirtualTime::new();
    let breaker = CircuitBreaker::consecutive_failures(2)
        .failure_if(|status: &u16| *status >= 500)
        .build();
    let policy = fixed(9).retry_if(|status: &u16| *status == 429);
    let call = |status: u16| {
        let run = policy.on(&time).breaker(&breaker);
        run.run_blocking(|| Err::<(), _>(status)).unwrap_err().reason()
    };
    assert_eq!(call(429), StopReason::Attempts);
    assert_eq!((call(500), call(500)), (StopReason::Permanent, StopReason::Permanent));
    assert_eq!(call(500), StopReason::Rejected);
}

/// An attempt that times out is a failure at the time of its timeout.
#[test]
fn timeout_is_a_failure() {
    let time = VirtualTime::new();
    let breaker = CircuitBreaker::consecutive_failures(1).open_for(10 * SECOND).build();
    let policy = fixed(3).attempt_timeout(4 * SECOND);
    let run = policy.on(time.asynchronous()).breaker(&breaker);
    let never = || std::future::pending::<Result<(), &str>>();
    let error = time.block_on(run.run(never)).unwrap_err();
    assert_eq!((error.reason(), error.attempts()), (StopReason::Rejected, 1));
    let left = breaker.try_acquire(time.now()).unwrap_err().retry_after();
    assert_eq!(
        left,
        Some(9 * SECOND),
        "open from the fourth second, and it is the fifth"
    );
}

/// A second breaker that rejects costs the first nothing: the place of a probe is free again.
#[test]
fn rejection_by_one_breaker_gives_the_place_in_another_back() {
    let time = VirtualTime::new();
    let (half_open, shut) = (opened(&time), CircuitBreaker::default());
    time.advance(10 * SECOND);
    shut.force_open();
    let policy = fixed(1);
    let run = policy.on(&time).breaker(&half_open).breaker(&shut);
    assert!(run.run_blocking(|| Ok::<(), &str>(())).is_err());
    assert_eq!(half_open.state(time.now()), State::HalfOpen);
    assert_eq!(half_open.stats().abandoned, 1);
    assert!(half_open.try_acquire(time.now()).is_ok(), "the place is free");
}

/// For a closed breaker that ignores durations, no clock is read.
#[test]
fn closed_breaker_reads_no_clock() {
    let (time, breaker) = (VirtualTime::new(), CircuitBreaker::default());
    for _ in 0..3 {
        let policy = fixed(3);
        let run = policy.on(&time).breaker(&breaker);
        assert_eq!(run.run_blocking(|| Ok::<_, &str>(1)), Ok(1));
        let policy = fixed(3);
        let run = policy.on(time.asynchronous()).breaker(&breaker);
        assert_eq!(time.block_on(run.run(async || Ok::<_, &str>(1))), Ok(1));
    }
    assert_eq!(time.reads(), 0);
}

/// A function that returns `RetryError` is admitted by its breaker, or rejected.
#[test]
fn attribute_asks_a_breaker() {
    static BREAKER: CircuitBreaker = CircuitBreaker::consecutive_failures(2).build();

    #[retry(max_attempts = 5, backoff = fixed("0s"), breaker = &BREAKER)]
    fn call() -> Result<(), RetryError<&'static str>> {
        Err("down")
    }
    let ends = [call(), call()]
        .map(|result| result.unwrap_err())
        .map(|error| (error.reason(), error.attempts()));
    assert_eq!(ends, [(StopReason::Rejected, 2), (StopReason::Rejected, 0)]);
}

/// Behind an `Arc`, in a spawned task: the run is `Send`.
#[tokio::test(start_paused = true)]
async fn guarded_run_can_be_spawned() {
    let (breaker, budget) = (Arc::new(CircuitBreaker::default()), Arc::new(WindowedRatio::new()));
    let task = tokio::spawn(async move {
        let (policy, calls) = (fixed(3), AtomicU32::new(0));
        let call = || {
            let number = calls.fetch_add(1, Relaxed);
            async move { if number < 2 { Err("down") } else { Ok(7) } }
        };
        let run = policy.on(persevere::TokioSleeper).breaker(&*breaker).budget(budget);
        run.run(call).await
    });
    assert_eq!(task.await.unwrap(), Ok(7));
}

/// A rejection has no verdict: the classifier is not called.
#[test]
fn rejection_is_not_classified() {
    let time = VirtualTime::new();
    let breaker = opened(&time);
    let policy = fixed(3).classify_outcome_with(|_: &Result<(), &str>| -> Verdict { panic!("there is no outcome") });
    assert!(policy.on(&time).breaker(&breaker).run_blocking(|| Ok(())).is_err());
}
