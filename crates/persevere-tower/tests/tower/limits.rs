//! Layers with gates that calls wait for, and with bulkheads.

use crate::probe::{Probe, Reply};
use persevere::limit::{AdaptiveLimit, Aimd, Bulkhead, Pause};
use persevere::tower::{BreakerLayer, RetryLayer, rejected, replay};
use persevere::{Policy, Sleeper, StopReason, TokioSleeper, Verdict};
use persevere_testkit::Polled;
use std::time::Duration;
use tower::{Layer, ServiceExt};

const SECOND: Duration = Duration::from_secs(1);

/// A hint to one call holds back another call of the same layer, and no place below is held meanwhile.
#[tokio::test(start_paused = true)]
async fn pause_holds_back_other_calls_of_the_layer() {
    static PAUSE: Pause = Pause::new();
    let start = tokio::time::Instant::now();
    let policy = Policy::fixed(SECOND)
        .exact_hints()
        .classify_with(|_: &&str| Verdict::RetryAfter(60 * SECOND));
    let probe = Probe::replying([Err("throttled"), Ok(200), Ok(200)]);
    let layer = RetryLayer::new(policy, TokioSleeper).explained().pace(&PAUSE);
    let service = layer.layer(probe.clone());
    let first = tokio::spawn(service.clone().oneshot(()));
    tokio::time::sleep(SECOND).await;
    assert_eq!(
        PAUSE.paused_for(TokioSleeper.now()).map(|left| left.as_secs()),
        Some(59)
    );
    assert_eq!(service.oneshot(()).await.unwrap(), 200);
    assert!(start.elapsed() >= 60 * SECOND, "{:?}", start.elapsed());
    assert_eq!(first.await.unwrap().unwrap(), 200);
    assert_eq!(probe.in_flight(), 0);
}

/// A bulkhead rejects the second of two calls, in a layer that retries and in a layer that does not.
#[tokio::test(start_paused = true)]
async fn bulkhead_rejects_a_call_beside_another() {
    static CALLS: Bulkhead = Bulkhead::new(1);
    let probe = Probe::<_, u16>::new([Reply::Never, Reply::Now(Ok(200))]);
    let layer = RetryLayer::new(Policy::fixed(SECOND), TokioSleeper)
        .explained()
        .bulkhead(&CALLS);
    let service = layer.layer(probe.clone());
    let hangs = tokio::spawn(service.clone().oneshot(()));
    tokio::task::yield_now().await;
    let error = service.clone().oneshot(()).await.unwrap_err();
    assert_eq!((error.reason(), error.attempts()), (StopReason::Rejected, 0));
    let once = BreakerLayer::new(&CALLS, TokioSleeper).layer(probe);
    assert!(rejected(&once.oneshot(()).await.unwrap_err()).is_some());
    hangs.abort();
    assert!(hangs.await.unwrap_err().is_cancelled());
    assert_eq!(CALLS.in_flight(), 0);
    assert_eq!(service.oneshot(()).await.unwrap(), 200);
}

/// A layer of one attempt limits calls without repeating them, so that requests need no `Clone`.
#[tokio::test(start_paused = true)]
async fn single_attempt_waits_for_its_place() {
    static CALLS: Bulkhead = Bulkhead::new(1);
    struct Order;
    let service = tower::service_fn(|_: Order| async {
        tokio::time::sleep(SECOND).await;
        Ok::<_, &str>(CALLS.in_flight())
    });
    let once = RetryLayer::new(Policy::default().max_attempts(1), TokioSleeper)
        .explained()
        .replay(replay::by(|_: &Order| None))
        .pace(&CALLS);
    let service = once.layer(service);
    let start = tokio::time::Instant::now();
    let first = tokio::spawn(service.clone().oneshot(Order));
    tokio::task::yield_now().await;
    assert_eq!(service.clone().oneshot(Order).await.unwrap(), 1);
    assert!(start.elapsed() >= 2 * SECOND, "{:?}", start.elapsed());
    assert_eq!(first.await.unwrap().unwrap(), 1);

    // A call that is dropped while it waits, and one that is dropped while it is made, hold no place.
    let mut made = Polled::new(service.clone().oneshot(Order));
    assert!(made.poll().is_pending());
    let mut waiting = Polled::new(service.oneshot(Order));
    assert!(waiting.poll().is_pending());
    assert_eq!(CALLS.in_flight(), 1);
    drop((waiting, made));
    assert_eq!(CALLS.in_flight(), 0);
}

/// An adaptive limit in a layer samples the calls, and grows while it is in use. A call that is dropped gives its place
/// back.
#[tokio::test(start_paused = true)]
async fn adaptive_limit_follows_the_calls_of_a_layer() {
    static LIMIT: AdaptiveLimit<Aimd> = AdaptiveLimit::new(Aimd::new().bounds(2, 100)).window(SECOND);
    let probe = Probe::new(vec![Reply::After(SECOND / 10, Ok(200)); 200]);
    let service = BreakerLayer::new(&LIMIT, TokioSleeper).layer(probe.clone());
    for _ in 0..4 {
        let calls: Vec<_> = (0..20).map(|_| tokio::spawn(service.clone().oneshot(()))).collect();
        for call in calls {
            assert_eq!(call.await.unwrap().unwrap(), 200);
        }
        tokio::time::sleep(SECOND).await;
    }
    assert!(LIMIT.limit() > 20, "{}", LIMIT.limit());
    let mut call = Polled::new(service.oneshot(()));
    assert!(call.poll().is_pending());
    assert_eq!((LIMIT.in_flight(), probe.in_flight()), (1, 1));
    drop(call);
    assert_eq!((LIMIT.in_flight(), probe.in_flight()), (0, 0));
}
