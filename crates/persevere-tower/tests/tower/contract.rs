//! The retries over tower's own layers.

use crate::probe::{Probe, Reply};
use persevere::backoff::Fixed;
use persevere::tower::{BoxError, RetryLayer};
use persevere::{Policy, StopReason, TokioSleeper};
use persevere_testkit::{Recorder, assert_attempts, assert_gave_up};
use std::time::Duration;
use tower::buffer::BufferLayer;
use tower::limit::{ConcurrencyLimitLayer, GlobalConcurrencyLimitLayer};
use tower::load_shed::error::Overloaded;
use tower::{Service, ServiceBuilder, ServiceExt};

const SECOND: Duration = Duration::from_secs(1);
static SLOWLY: Policy<Fixed> = Policy::fixed(SECOND).max_elapsed(Duration::from_secs(10));

fn retries() -> RetryLayer<&'static Policy<Fixed>, TokioSleeper> {
    RetryLayer::new(&SLOWLY, TokioSleeper)
}

#[tokio::test(start_paused = true)]
async fn concurrency_limit_is_asked_before_each_attempt() {
    let probe = Probe::replying([Err("1"), Err("2"), Ok(200)]);
    let mut service = ServiceBuilder::new()
        .layer(retries())
        .concurrency_limit(1)
        .service(probe);
    assert_eq!(service.ready().await.unwrap().call(()).await, Ok(200));
}

#[tokio::test(start_paused = true)]
async fn waiting_call_leaves_its_slot_to_others() {
    let probe = Probe::replying([Err("no"), Ok(1), Ok(2)]);
    let mut service = ServiceBuilder::new()
        .layer(retries())
        .concurrency_limit(1)
        .service(probe);
    let waiting = tokio::spawn(service.ready().await.unwrap().call("waits"));
    tokio::task::yield_now().await;
    let start = tokio::time::Instant::now();
    assert_eq!(service.ready().await.unwrap().call("passes").await, Ok(1));
    assert_eq!(start.elapsed(), Duration::ZERO);
    assert_eq!(waiting.await.unwrap(), Ok(2));
}

#[tokio::test(start_paused = true)]
async fn slot_that_others_hold_for_ever_ends_with_the_time_of_the_run() {
    let probe = Probe::new([Reply::Now(Err("no")), Reply::Never]);
    let mut service = ServiceBuilder::new()
        .layer(retries())
        .concurrency_limit(1)
        .service(probe);
    let start = tokio::time::Instant::now();
    let first = tokio::spawn(service.ready().await.unwrap().call("first"));
    tokio::task::yield_now().await;
    let holder = tokio::spawn(service.ready().await.unwrap().call("holder"));
    assert_eq!(first.await.unwrap(), Err::<(), _>("no"));
    assert_eq!(start.elapsed(), 10 * SECOND);
    assert!(!holder.is_finished());
}

#[tokio::test(start_paused = true)]
async fn clones_do_not_exceed_a_shared_limit() {
    let probe = Probe::new((0..60).map(|n| Reply::After(SECOND, if n % 3 == 2 { Ok(n) } else { Err("no") })));
    let limit = GlobalConcurrencyLimitLayer::new(2);
    let policy = Policy::fixed(SECOND).max_attempts(60);
    let layer = RetryLayer::new(policy, TokioSleeper);
    let service = ServiceBuilder::new().layer(layer).layer(limit).service(probe.clone());
    let calls: Vec<_> = (0..20).map(|_| tokio::spawn(service.clone().oneshot(()))).collect();
    while calls.iter().any(|call| !call.is_finished()) {
        assert!(probe.in_flight() <= 2);
        tokio::time::sleep(SECOND / 2).await;
    }
    assert_eq!(probe.calls(), 60);
}

#[tokio::test(start_paused = true)]
async fn rejected_attempt_that_is_waited_for_holds_no_slot() {
    use persevere::breaker::CircuitBreaker;
    static BREAKER: CircuitBreaker = CircuitBreaker::consecutive_failures(1)
        .open_for(Duration::from_secs(60))
        .build();
    static POLICY: Policy<Fixed> = Policy::fixed(SECOND).retry_rejected(true);
    let probe = Probe::replying([Err("no"), Ok(1), Ok(2)]);
    let shared = ConcurrencyLimitLayer::new(1);
    let limited = ServiceBuilder::new().layer(shared).service(probe);
    let layer = RetryLayer::new(&POLICY, TokioSleeper).explained().breaker(&BREAKER);
    let mut guarded = ServiceBuilder::new().layer(layer).service(limited.clone());
    let waiting = tokio::spawn(guarded.ready().await.unwrap().call("waits"));
    tokio::time::sleep(5 * SECOND).await;
    let start = tokio::time::Instant::now();
    assert_eq!(limited.oneshot("passes").await, Ok(1));
    assert_eq!(start.elapsed(), Duration::ZERO);
    assert_eq!(waiting.await.unwrap().unwrap(), 2);
}

#[tokio::test(start_paused = true)]
async fn buffer_works_below_and_above() {
    let probe = Probe::replying([Err("1"), Ok(200), Err("3"), Ok(200)]);
    let inside = ServiceBuilder::new()
        .layer(retries())
        .layer(BufferLayer::new(4))
        .service(probe.clone());
    assert_eq!(inside.oneshot(()).await.unwrap(), 200);
    let outside = ServiceBuilder::new()
        .layer(BufferLayer::new(4))
        .layer(retries())
        .service(probe);
    assert_eq!(outside.oneshot(()).await.unwrap(), 200);
}

#[tokio::test(start_paused = true)]
async fn rate_limit_counts_attempts() {
    let probe = Probe::replying([Err("1"), Err("2"), Ok(200)]);
    let policy = Policy::fixed(Duration::ZERO);
    let mut service = ServiceBuilder::new()
        .layer(RetryLayer::new(policy, TokioSleeper))
        .buffer(4)
        .rate_limit(1, 60 * SECOND)
        .service(probe);
    let start = tokio::time::Instant::now();
    assert_eq!(service.ready().await.unwrap().call(()).await.unwrap(), 200);
    assert!(start.elapsed() >= 120 * SECOND, "{:?}", start.elapsed());
}

#[tokio::test(start_paused = true)]
async fn load_shed_below_stops_if_it_is_recognized() {
    let recorder = Recorder::new();
    let probe = Probe::<_, ()>::new([Reply::Never]);
    let layer = retries()
        .stop_if(|error: &BoxError| error.is::<Overloaded>())
        .observe(recorder.clone());
    let mut service = ServiceBuilder::new()
        .layer(layer)
        .load_shed()
        .concurrency_limit(1)
        .service(probe);
    let _holds = tokio::spawn(service.ready().await.unwrap().call("holds"));
    let error = service.ready().await.unwrap().call("shed").await.unwrap_err();
    assert!(error.is::<Overloaded>());
    assert_attempts!(recorder, 1);
    assert_gave_up!(recorder, StopReason::Permanent);
}

#[tokio::test(start_paused = true)]
async fn load_shed_above_sheds_calls_alone() {
    let probe = Probe::replying([Err("1"), Err("2"), Ok(200)]);
    let service = ServiceBuilder::new()
        .load_shed()
        .layer(retries())
        .concurrency_limit(1)
        .service(probe);
    assert_eq!(service.oneshot(()).await.unwrap(), 200);
}
