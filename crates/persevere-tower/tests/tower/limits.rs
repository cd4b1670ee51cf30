//! Layers with gates that calls wait for, and with bulkheads.

use crate::probe::{Probe, Reply};
use persevere::limit::{Bulkhead, Pause};
use persevere::tower::{BreakerLayer, RetryLayer, rejected};
use persevere::{Policy, Sleeper, StopReason, TokioSleeper, Verdict};
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

/// A bulkhead rejects the second of two calls, in a layer that retries and in one that does not.
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
