//! Calls that explain why they were given up.

use crate::probe::{Probe, Reply};
use persevere::breaker::CircuitBreaker;
use persevere::tower::RetryLayer;
use persevere::{Policy, StopReason, TokioSleeper, Verdict};
use persevere_testkit::Recorder;
use std::time::Duration;
use tower::{Layer, Service, ServiceExt};

const SECOND: Duration = Duration::from_secs(1);

#[tokio::test(start_paused = true)]
async fn error_prints_reason_and_attempts() {
    let probe = Probe::<_, ()>::replying([Err("refused"); 3]);
    let layer = RetryLayer::new(Policy::fixed(SECOND), TokioSleeper).explained();
    let error = layer.layer(probe).oneshot(()).await.unwrap_err();
    assert_eq!(error.to_string(), "gave up after 3 attempts: refused");
}

#[tokio::test(start_paused = true)]
async fn first_attempt_times_out() {
    let probe = Probe::new([Reply::Never, Reply::Now(Ok(200))]);
    let layer = RetryLayer::new(Policy::fixed(SECOND).attempt_timeout(SECOND), TokioSleeper).explained();
    assert_eq!(layer.layer(probe.clone()).oneshot(()).await.unwrap(), 200);
    assert_eq!(probe.in_flight(), 0);
}

#[tokio::test(start_paused = true)]
async fn attempt_that_timed_out_and_cannot_be_repeated_is_permanent() {
    let start = tokio::time::Instant::now();
    let probe = Probe::<_, ()>::new([Reply::Never]);
    let layer = RetryLayer::new(Policy::fixed(SECOND).attempt_timeout(SECOND), TokioSleeper).explained();
    let once = persevere::tower::replay::by(|_: &&str| None);
    let error = layer.replay(once).layer(probe).oneshot("request").await.unwrap_err();
    assert_eq!((error.reason(), error.attempts()), (StopReason::Permanent, 1));
    assert_eq!(start.elapsed(), SECOND, "without a wait");
}

fn not_503(outcome: &Result<u16, &'static str>) -> Verdict {
    if matches!(outcome, Ok(200)) {
        Verdict::Accept
    } else {
        Verdict::Retry
    }
}

#[tokio::test(start_paused = true)]
async fn last_response_is_returned() {
    let policy = Policy::fixed(SECOND).classify_outcome_with(not_503);
    let probe = Probe::replying([Ok(503), Ok(503), Ok(503)]);
    let layer = RetryLayer::new(policy, TokioSleeper).explained();
    assert_eq!(layer.layer(probe).oneshot(()).await.unwrap(), 503);
}

#[tokio::test(start_paused = true)]
async fn dropped_response_is_not_returned_after_a_timeout() {
    let policy = Policy::fixed(SECOND)
        .attempt_timeout(SECOND)
        .classify_outcome_with(not_503);
    let layer = RetryLayer::new(policy, TokioSleeper).explained();
    let script = || Probe::new([Reply::Now(Ok(503)), Reply::Never, Reply::Never]);
    assert_eq!(layer.layer(script()).oneshot(()).await.unwrap(), 503);
    let error = layer.drop_failed().layer(script()).oneshot(()).await.unwrap_err();
    assert_eq!(
        (error.reason(), error.last_error()),
        (StopReason::AttemptTimedOut, None)
    );
}

#[tokio::test(start_paused = true)]
async fn breaker_rejects_attempts_without_a_call() {
    static BREAKER: CircuitBreaker = CircuitBreaker::consecutive_failures(2).build();
    let probe = Probe::<_, ()>::replying([Err("no"), Err("no")]);
    let layer = RetryLayer::new(Policy::fixed(SECOND), TokioSleeper)
        .explained()
        .breaker(&BREAKER);
    let mut service = layer.layer(probe);
    let error = service.ready().await.unwrap().call(()).await.unwrap_err();
    assert_eq!(
        (error.reason(), error.attempts(), error.last_error()),
        (StopReason::Rejected, 2, Some(&"no"))
    );
    let error = service.ready().await.unwrap().call(()).await.unwrap_err();
    assert_eq!((error.reason(), error.attempts()), (StopReason::Rejected, 0));
}

#[tokio::test(start_paused = true)]
async fn panicking_attempt_is_a_failure_to_the_breaker() {
    static BREAKER: CircuitBreaker = CircuitBreaker::consecutive_failures(1).build();
    let panics = tower::service_fn(|(): ()| async { if true { panic!("a bug") } else { Ok::<(), &str>(()) } });
    let layer = RetryLayer::new(Policy::fixed(SECOND), TokioSleeper)
        .explained()
        .breaker(&BREAKER);
    let service = layer.layer(panics);
    assert!(tokio::spawn(service.clone().oneshot(())).await.unwrap_err().is_panic());
    assert_eq!(service.oneshot(()).await.unwrap_err().reason(), StopReason::Rejected);
}

#[tokio::test(start_paused = true)]
async fn cancelled_before_the_start_makes_no_attempt() {
    use persevere::{CancelToken, Sleeper};
    let token = CancelToken::new();
    token.cancel();
    let layer = RetryLayer::new(Policy::fixed(SECOND), TokioSleeper.cancelled_by(&token)).explained();
    let error = layer.layer(Probe::<_, ()>::replying([])).oneshot(()).await.unwrap_err();
    assert_eq!((error.reason(), error.attempts()), (StopReason::Cancelled, 0));
}

#[tokio::test(start_paused = true)]
async fn cancelling_interrupts_an_attempt() {
    use persevere::{CancelToken, Sleeper};
    let (token, recorder) = (CancelToken::new(), Recorder::new());
    let layer = RetryLayer::new(Policy::fixed(SECOND), TokioSleeper.cancelled_by(&token))
        .explained()
        .observe(recorder.clone());
    let probe = Probe::<(), ()>::new([Reply::Never]);
    let call = tokio::spawn(layer.layer(probe.clone()).oneshot(()));
    tokio::task::yield_now().await;
    token.cancel();
    let error = call.await.unwrap().unwrap_err();
    assert_eq!(
        (error.reason(), error.attempts(), probe.in_flight()),
        (StopReason::Cancelled, 1, 0)
    );
    assert_eq!(recorder.entries().len(), 2, "started and gave up, without a failure");
}
