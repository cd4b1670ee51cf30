//! `BreakerLayer`.

use crate::probe::{Probe, Reply};
use persevere::breaker::{CircuitBreaker, State};
use persevere::run::has_rejected;
use persevere::tower::{BoxError, BreakerLayer, RetryLayer, rejected};
use persevere::{Policy, Sleeper, TokioSleeper, Verdict};
use persevere_testkit::Polled;
use std::time::Duration;
use tower::{Layer, Service, ServiceBuilder, ServiceExt};

const SECOND: Duration = Duration::from_secs(1);

#[tokio::test(start_paused = true)]
async fn open_breaker_rejects_without_a_call() {
    let breaker = CircuitBreaker::consecutive_failures(1)
        .open_for(SECOND)
        .build()
        .shared();
    let probe = Probe::<_, ()>::replying([Err("no")]);
    let mut service = BreakerLayer::new(breaker, TokioSleeper).layer(probe);
    assert_eq!(
        service.ready().await.unwrap().call(()).await.unwrap_err().to_string(),
        "no"
    );
    let error = service.ready().await.unwrap().call(()).await.unwrap_err();
    assert_eq!(rejected(&error).unwrap().retry_after(), Some(SECOND));
}

#[tokio::test(start_paused = true)]
async fn breaker_counts_unaccepted_responses() {
    let is_503 = |outcome: &Result<u16, &'static str>| match outcome {
        Ok(503) | Err(_) => Verdict::Retry,
        Ok(_) => Verdict::Accept,
    };
    let breaker = CircuitBreaker::consecutive_failures(1)
        .classify_outcome_with(is_503)
        .build()
        .shared();
    let mut service = BreakerLayer::new(breaker, TokioSleeper).layer(Probe::replying([Ok(503)]));
    assert_eq!(service.ready().await.unwrap().call(()).await.unwrap(), 503);
    assert!(rejected(&service.ready().await.unwrap().call(()).await.unwrap_err()).is_some());
}

#[tokio::test(start_paused = true)]
async fn rejected_call_leaves_its_slot() {
    let breaker = CircuitBreaker::consecutive_failures(1).build().shared();
    let limited = ServiceBuilder::new()
        .concurrency_limit(1)
        .service(Probe::replying([Err("no"), Ok(7)]));
    let mut service = BreakerLayer::new(breaker, TokioSleeper).layer(limited.clone());
    service.ready().await.unwrap().call(()).await.unwrap_err();
    service.ready().await.unwrap().call(()).await.unwrap_err();
    assert_eq!(limited.oneshot(()).await, Ok(7));
}

/// In debug builds a run or breaker around the layer detects that the error is a rejection, and no other error.
#[tokio::test(start_paused = true)]
async fn rejection_is_noted_and_failure_is_not() {
    let breaker = CircuitBreaker::consecutive_failures(1).build().shared();
    let probe = Probe::<_, ()>::replying([Err("no")]);
    let mut service = BreakerLayer::new(breaker, TokioSleeper).layer(probe);
    service.ready().await.unwrap().call(()).await.unwrap_err();
    assert!(!has_rejected());
    service.ready().await.unwrap().call(()).await.unwrap_err();
    assert_eq!(has_rejected(), cfg!(debug_assertions));
    persevere::gate::within_call(|| ());
    assert!(!has_rejected());
}

#[tokio::test(start_paused = true)]
async fn dropped_call_is_abandoned_and_panic_is_a_failure() {
    static BREAKER: CircuitBreaker = CircuitBreaker::consecutive_failures(1).build();
    let layer = BreakerLayer::new(&BREAKER, TokioSleeper);
    let mut call = Polled::new(layer.layer(Probe::<_, ()>::new([Reply::Never])).oneshot(()));
    assert!(call.poll().is_pending());
    drop(call);
    assert_eq!(BREAKER.state(TokioSleeper.now()), State::Closed);
    let panics = tower::service_fn(|(): ()| async { if true { panic!("a bug") } else { Ok::<(), &str>(()) } });
    assert!(
        tokio::spawn(layer.layer(panics).oneshot(()))
            .await
            .unwrap_err()
            .is_panic()
    );
    assert_eq!(BREAKER.state(TokioSleeper.now()), State::Open);
}

#[tokio::test(start_paused = true)]
async fn retries_wait_for_as_long_as_the_breaker_asks() {
    let breaker = CircuitBreaker::consecutive_failures(1)
        .open_for(60 * SECOND)
        .build()
        .shared();
    let policy = Policy::fixed(SECOND)
        .exact_hints()
        .classify_with(|error: &BoxError| match rejected(error) {
            Some(rejected) => rejected.retry_after().map_or(Verdict::Stop, Verdict::RetryAfter),
            None => Verdict::Retry,
        });
    let service = ServiceBuilder::new()
        .layer(RetryLayer::new(policy, TokioSleeper))
        .layer(BreakerLayer::new(breaker, TokioSleeper))
        .service(Probe::replying([Err("no"), Ok(7)]));
    let start = tokio::time::Instant::now();
    assert_eq!(service.oneshot(()).await.unwrap(), 7);
    assert_eq!(start.elapsed(), 60 * SECOND);
}
