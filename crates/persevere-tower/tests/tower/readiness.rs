//! Readiness before each further attempt.

use crate::probe::{Probe, Reply, Unready};
use persevere::backoff::Fixed;
use persevere::tower::{NotReady, RetryLayer};
use persevere::{Policy, StopReason, TokioSleeper};
use persevere_testkit::{Recorder, assert_gave_up};
use std::time::Duration;
use tower::{Layer, Service, ServiceExt};

const SECOND: Duration = Duration::from_secs(1);
static AT_ONCE: Policy<Fixed> = Policy::fixed(Duration::ZERO);

#[tokio::test(start_paused = true)]
async fn service_is_polled_until_it_is_ready_again() {
    let probe = Probe::replying([Err("no"), Ok(7)]).unready([Unready::Polls(3), Unready::Polls(5)]);
    let mut service = RetryLayer::new(&AT_ONCE, TokioSleeper).layer(probe);
    assert_eq!(service.ready().await.unwrap().call(()).await, Ok(7));
}

#[tokio::test(start_paused = true)]
async fn service_that_is_never_ready_again_ends_with_the_time_of_the_run() {
    let recorder = Recorder::new();
    let policy = Policy::fixed(SECOND).max_elapsed(10 * SECOND);
    let probe = Probe::<_, ()>::replying([Err("no")]).unready([Unready::No, Unready::ForEver]);
    let layer = RetryLayer::new(policy, TokioSleeper).observe(recorder.clone());
    let start = tokio::time::Instant::now();
    assert_eq!(layer.layer(probe).oneshot(()).await, Err("no"));
    assert_eq!(start.elapsed(), 10 * SECOND);
    assert_gave_up!(recorder, StopReason::Elapsed);
}

#[tokio::test(start_paused = true)]
async fn give_up_does_not_wait_for_the_service() {
    let recorder = Recorder::new();
    let probe = Probe::<_, ()>::replying([Err("no")]).unready([Unready::No, Unready::ForEver]);
    let layer = RetryLayer::new(Policy::fixed(SECOND), TokioSleeper).not_ready(NotReady::GiveUp);
    assert_eq!(
        layer.observe(recorder.clone()).layer(probe).oneshot(()).await,
        Err("no")
    );
    assert_gave_up!(recorder, StopReason::Rejected);
}

#[tokio::test(start_paused = true)]
async fn error_of_readiness_is_final() {
    let probe = Probe::<_, ()>::replying([Err("no")]).unready([Unready::No, Unready::Failed("closed")]);
    let layer = RetryLayer::new(&AT_ONCE, TokioSleeper);
    assert_eq!(layer.layer(probe).oneshot(()).await, Err("closed"));

    let probe = Probe::<_, ()>::replying([Err("no")]).unready([Unready::No, Unready::Failed("closed")]);
    let error = layer.explained().layer(probe).oneshot(()).await.unwrap_err();
    assert_eq!(error.to_string(), "not retryable: closed");
}

#[tokio::test(start_paused = true)]
async fn error_of_readiness_before_the_call_is_passed_on() {
    let probe = Probe::<(), ()>::replying([]).unready([Unready::Failed("closed")]);
    let layer = RetryLayer::new(&AT_ONCE, TokioSleeper);
    assert_eq!(layer.layer(probe.clone()).ready().await.map(|_| ()), Err("closed"));
    let error = layer.explained().layer(probe).ready().await.map(|_| ()).unwrap_err();
    assert_eq!(error.to_string(), "not retryable: closed");
}

#[tokio::test(start_paused = true)]
async fn cancelled_sleeper_ends_waiting_for_readiness() {
    use persevere::{CancelToken, Sleeper};
    let (token, recorder) = (CancelToken::new(), Recorder::new());
    let probe = Probe::<_, ()>::replying([Err("no")]).unready([Unready::No, Unready::ForEver]);
    let layer = RetryLayer::new(Policy::fixed(SECOND), TokioSleeper.cancelled_by(&token)).observe(recorder.clone());
    let call = tokio::spawn(layer.layer(probe).oneshot(()));
    tokio::time::sleep(60 * SECOND).await;
    assert!(!call.is_finished());
    token.cancel();
    assert_eq!(call.await.unwrap(), Err("no"));
    assert_gave_up!(recorder, StopReason::Cancelled);
}

#[tokio::test(start_paused = true)]
async fn instance_that_is_ready_makes_the_call_and_its_clone_does_not() {
    let probe = Probe::replying([Ok(1), Ok(2)]);
    let mut service = RetryLayer::new(&AT_ONCE, TokioSleeper).layer(probe);
    let first = service.ready().await.unwrap().call(());
    // The service that is left is a clone, and has to be ready anew.
    let second = service.ready().await.unwrap().call(());
    assert_eq!((first.await, second.await), (Ok(1), Ok(2)));
}

#[tokio::test(start_paused = true)]
#[should_panic = "called before it was ready"]
async fn caller_that_does_not_poll_readiness_reaches_the_probe() {
    let probe = Probe::replying([Ok(1)]);
    let _ = RetryLayer::new(&AT_ONCE, TokioSleeper).layer(probe).call(()).await;
}

#[tokio::test(start_paused = true)]
async fn nothing_is_in_flight_while_a_call_waits() {
    let probe = Probe::<(), ()>::new([Reply::Now(Err("no")), Reply::Now(Ok(()))]);
    let layer = RetryLayer::new(Policy::fixed(60 * SECOND), TokioSleeper);
    let call = tokio::spawn(layer.layer(probe.clone()).oneshot(()));
    tokio::time::sleep(SECOND).await;
    assert_eq!((probe.calls(), probe.in_flight()), (1, 0));
    assert_eq!(call.await.unwrap(), Ok(()));
}
