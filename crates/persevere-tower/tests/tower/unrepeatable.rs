//! Requests that are not sent again although their failures are worth a retry, and the reasons.

use crate::probe::{Probe, Reply};
use bytes::Bytes;
use http::Request;
use http_body_util::Full;
use persevere::backoff::Fixed;
use persevere::budget::WindowedRatio;
use persevere::hedge::{Hedge, HedgeStats};
use persevere::tower::replay::ReplayBody;
use persevere::tower::{Buffered, HedgeLayer, RetryLayer, Unrepeatable, replay};
use persevere::{Policy, StopReason, TokioSleeper, Verdict};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tower::{Layer, ServiceExt};

const SECOND: Duration = Duration::from_secs(1);

static AT_ONCE: Policy<Fixed> = Policy::fixed(Duration::ZERO);

/// The reasons that a layer has given.
#[derive(Clone, Default)]
struct Reasons(Arc<Mutex<Vec<Unrepeatable>>>);

impl Reasons {
    fn hook(&self) -> impl Fn(Unrepeatable) + Send + Sync + 'static {
        let reasons = self.clone();
        move |why| reasons.0.lock().unwrap().push(why)
    }

    fn take(&self) -> Vec<Unrepeatable> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

fn never(_: &&str) -> Option<&'static str> {
    None
}

#[tokio::test(start_paused = true)]
async fn request_that_is_not_kept_has_its_reason_whatever_the_order_of_setters() {
    let reasons = Reasons::default();
    let layer = RetryLayer::new(&AT_ONCE, TokioSleeper)
        .on_unrepeatable(reasons.hook())
        .replay(replay::by(never))
        .stop_if(|_: &&str| false)
        .explained();
    let error = layer
        .layer(Probe::<_, ()>::replying([Err("no")]))
        .oneshot("GET /")
        .await
        .unwrap_err();
    assert_eq!(error.to_string(), "not retryable: no");
    assert_eq!(reasons.take(), [Unrepeatable::NotKept]);
    let text = Unrepeatable::NotKept.to_string();
    assert!(text.starts_with("not sent again, since the replay"), "{text}");
}

/// The call ends for another reason, and so do calls whose requests are kept.
#[tokio::test(start_paused = true)]
async fn calls_that_end_otherwise_have_no_reason() {
    let reasons = Reasons::default();
    let ends = async |policy: Policy<Fixed>, outcome: Result<(), &'static str>| {
        let layer = RetryLayer::new(policy, TokioSleeper).on_unrepeatable(reasons.hook());
        let layer = layer.replay(replay::by(never)).stop_if(|error: &&str| *error == "shed");
        layer
            .layer(Probe::replying([outcome]))
            .oneshot("GET /")
            .await
            .unwrap_or_default();
        reasons.take()
    };
    assert_eq!(ends(AT_ONCE, Err("no")).await, [Unrepeatable::NotKept]);
    assert_eq!(ends(AT_ONCE, Ok(())).await, []);
    assert_eq!(ends(AT_ONCE, Err("shed")).await, []);
    assert_eq!(ends(AT_ONCE.max_attempts(1), Err("no")).await, []);

    let layer = RetryLayer::new(&AT_ONCE, TokioSleeper).on_unrepeatable(reasons.hook());
    let kept = layer.layer(Probe::<_, ()>::replying([Err("no"); 3]));
    assert_eq!(kept.oneshot("GET /").await, Err("no"));
    for (verdict, reason) in [
        (Verdict::Stop, StopReason::Permanent),
        (Verdict::Pushback, StopReason::Hint),
    ] {
        let policy = AT_ONCE.classify_with(move |_: &&str| verdict);
        let layer = RetryLayer::new(policy, TokioSleeper).on_unrepeatable(reasons.hook());
        let layer = layer.replay(replay::by(never)).explained();
        let probe = Probe::<_, ()>::replying([Err("no")]);
        let error = layer.layer(probe).oneshot("GET /").await.unwrap_err();
        assert_eq!(error.reason(), reason);
    }
    assert_eq!(reasons.take(), []);
}

/// A policy that retries no timeouts stops by itself, for a reason of its own.
#[tokio::test(start_paused = true)]
async fn timeout_has_a_reason_if_it_would_be_retried() {
    let reasons = Reasons::default();
    let ends = async |policy: Policy<Fixed>| {
        let layer = RetryLayer::new(policy.attempt_timeout(SECOND), TokioSleeper).on_unrepeatable(reasons.hook());
        let layer = layer.replay(replay::by(never)).explained();
        let probe = Probe::<_, ()>::new([Reply::Never]);
        let error = layer.layer(probe).oneshot("GET /").await.unwrap_err();
        (error.reason(), reasons.take())
    };
    assert_eq!(
        ends(AT_ONCE).await,
        (StopReason::Permanent, vec![Unrepeatable::NotKept])
    );
    assert_eq!(
        ends(AT_ONCE.retry_timeouts(false)).await,
        (StopReason::AttemptTimedOut, vec![])
    );
}

/// The service still holds the body: of an attempt that failed, and of one that timed out.
#[tokio::test(start_paused = true)]
async fn body_that_is_still_held_is_a_reason() {
    let reasons = Reasons::default();
    for hangs in [false, true] {
        let held = Arc::new(Mutex::new(Vec::new()));
        let client = tower::service_fn(move |request: Request<ReplayBody<Full<Bytes>>>| {
            held.lock().unwrap().push(request.into_body());
            async move {
                if hangs {
                    std::future::pending::<()>().await;
                }
                Err::<(), _>("no")
            }
        });
        let layer = RetryLayer::new(AT_ONCE.attempt_timeout(SECOND), TokioSleeper)
            .replay(Buffered::up_to(9))
            .on_unrepeatable(reasons.hook())
            .explained();
        let request = Request::new(Full::from("body"));
        let error = layer.layer(client).oneshot(request).await.unwrap_err();
        assert_eq!((error.reason(), error.attempts()), (StopReason::Permanent, 1));
        assert_eq!(reasons.take(), [Unrepeatable::Body], "hangs: {hangs}");
    }
}

/// A hedge that is not made, since its request is not kept, is counted; a request that is not to be hedged is not.
#[tokio::test(start_paused = true)]
async fn hedge_of_a_request_that_is_not_kept_is_suppressed() {
    static HEDGES: WindowedRatio = WindowedRatio::new().ratio(0.0).reserve(9);
    let stats = Arc::new(HedgeStats::new());
    let hedged = Hedge::after(SECOND)
        .on(TokioSleeper)
        .budget(&HEDGES)
        .observe(Arc::clone(&stats));
    let layer = HedgeLayer::new(hedged).replay(replay::by(never));
    let slow = || Probe::new([Reply::After(3 * SECOND, Ok(200))]);
    let reads = layer.clone().hedge_if(|request: &&str| request.starts_with("GET"));
    assert_eq!(reads.layer(slow()).oneshot("POST /").await, Ok(200));
    assert_eq!(stats.snapshot().hedges_suppressed(), 0);
    assert_eq!(reads.layer(slow()).oneshot("GET /").await, Ok(200));
    assert_eq!(layer.layer(slow()).oneshot("POST /").await, Ok(200));
    let stats = stats.snapshot();
    assert_eq!((stats.calls, stats.hedges), (3, 0));
    assert_eq!((stats.unrepeatable, stats.hedges_suppressed()), (2, 2));
}
