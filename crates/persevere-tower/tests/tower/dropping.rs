//! Calls that are dropped before their end.

use crate::probe::{Probe, Reply};
use persevere::breaker::{CircuitBreaker, State};
use persevere::budget::{Exhausted, WindowedRatio};
use persevere::tower::RetryLayer;
use persevere::{Policy, Sleeper, TokioSleeper};
use persevere_testkit::Polled;
use std::time::Duration;
use tower::{Layer, Service, ServiceExt};

const SECOND: Duration = Duration::from_secs(1);

#[tokio::test(start_paused = true)]
async fn call_that_is_never_polled_releases_what_it_holds() {
    let probe = Probe::<_, ()>::new([Reply::Never]);
    let mut service = RetryLayer::new(Policy::default(), TokioSleeper).layer(probe.clone());
    drop(service.ready().await.unwrap().call(()));
    assert_eq!((probe.calls(), probe.in_flight()), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn call_that_is_dropped_during_an_attempt_leaves_nothing_in_flight() {
    let probe = Probe::<_, ()>::new([Reply::Never]);
    let mut service = RetryLayer::new(Policy::default(), TokioSleeper).layer(probe.clone());
    let mut call = Polled::new(service.ready().await.unwrap().call(()));
    assert!(call.poll().is_pending());
    assert_eq!(probe.in_flight(), 1);
    drop(call);
    assert_eq!(probe.in_flight(), 0);
}

#[tokio::test(start_paused = true)]
async fn call_that_is_dropped_in_a_wait_gives_its_budget_back() {
    static BUDGET: WindowedRatio = WindowedRatio::new().ratio(0.0).reserve(1);
    let probe = Probe::<_, ()>::replying([Err("no")]);
    let layer = RetryLayer::new(Policy::fixed(SECOND), TokioSleeper).budget(&BUDGET);
    let mut call = Polled::new(layer.layer(probe).oneshot(()));
    assert!(call.poll().is_pending());
    assert_eq!(BUDGET.withdraw(TokioSleeper.now()), Err(Exhausted));
    drop(call);
    assert!(BUDGET.withdraw(TokioSleeper.now()).is_ok());
}

#[tokio::test(start_paused = true)]
async fn dropped_probe_of_a_breaker_is_free_again() {
    static BREAKER: CircuitBreaker = CircuitBreaker::consecutive_failures(1)
        .open_for(Duration::from_secs(1))
        .build();
    let probe = Probe::<_, u8>::new([Reply::Now(Err("no")), Reply::Never, Reply::Now(Ok(7))]);
    let policy = Policy::fixed(SECOND).max_attempts(1);
    let mut service = RetryLayer::new(policy, TokioSleeper)
        .explained()
        .breaker(&BREAKER)
        .layer(probe);
    service.ready().await.unwrap().call(()).await.unwrap_err();
    tokio::time::sleep(60 * SECOND).await;
    let mut call = Polled::new(service.ready().await.unwrap().call(()));
    assert!(call.poll().is_pending());
    drop(call);
    assert_eq!(service.ready().await.unwrap().call(()).await.unwrap(), 7);
    assert_eq!(BREAKER.state(TokioSleeper.now()), State::Closed);
}

#[tokio::test(start_paused = true)]
async fn call_that_has_ended_holds_no_service() {
    let probe = Probe::<_, ()>::replying([Ok(())]);
    let witness = std::sync::Arc::new(());
    let held = witness.clone();
    let service = tower::service_fn(move |(): ()| {
        let (_held, mut probe) = (held.clone(), probe.clone());
        async move { probe.ready().await?.call(()).await }
    });
    let mut call = Polled::new(
        RetryLayer::new(Policy::default(), TokioSleeper)
            .layer(service)
            .oneshot(()),
    );
    assert!(call.poll().is_ready());
    drop(call);
    assert_eq!(std::sync::Arc::strong_count(&witness), 1);
}
