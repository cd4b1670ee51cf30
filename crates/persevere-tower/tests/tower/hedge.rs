//! `HedgeLayer`.

use crate::probe::{Probe, Reply, Unready};
use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt, Full};
use persevere::budget::WindowedRatio;
use persevere::hedge::{After, Hedge, HedgeError, Hedged, Leg};
use persevere::limit::Bulkhead;
use persevere::tower::replay::ReplayBody;
use persevere::tower::{Buffered, HedgeLayer, HttpClone, RetryLayer, replay};
use persevere::{Attempt, Policy, TokioSleeper};
use persevere_testkit::Polled;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tower::{Layer, Service, ServiceBuilder, ServiceExt};

const DELAY: Duration = Duration::from_millis(20);

/// A hedge after 20 ms, with a budget of its own for the given number of hedges.
fn hedged(hedges: u32) -> Hedged<After, TokioSleeper, Arc<WindowedRatio>, 1> {
    let budget = Arc::new(WindowedRatio::new().ratio(0.0).reserve(hedges));
    Hedge::after(DELAY).on(TokioSleeper).budget(budget)
}

#[tokio::test(start_paused = true)]
async fn slow_call_is_made_again_and_the_loser_is_dropped() {
    let probe = Probe::new([Reply::Never, Reply::Now(Ok(200))]);
    let mut service = HedgeLayer::new(hedged(9)).layer(probe.clone());
    let start = tokio::time::Instant::now();
    assert_eq!(service.ready().await.unwrap().call(7).await, Ok(200));
    assert_eq!((start.elapsed(), probe.requests()), (DELAY, vec![7, 7]));
    assert_eq!(probe.in_flight(), 0);
}

#[tokio::test(start_paused = true)]
async fn fast_call_is_made_once() {
    let probe = Probe::new([Reply::After(DELAY / 2, Ok(200))]);
    let service = HedgeLayer::new(hedged(9)).layer(probe.clone());
    assert_eq!((service.oneshot(7).await, probe.calls()), (Ok(200), 1));
}

/// The probe panics if it is called before it is ready, and its clones are not ready.
#[tokio::test(start_paused = true)]
async fn further_leg_waits_until_its_service_is_ready() {
    let probe = Probe::new([Reply::Never, Reply::Now(Ok(200))]).unready([Unready::No, Unready::Polls(3)]);
    let service = HedgeLayer::new(hedged(9)).layer(probe.clone());
    assert_eq!((service.oneshot(7).await, probe.calls()), (Ok(200), 2));
}

#[tokio::test(start_paused = true)]
async fn leg_that_is_never_ready_does_not_hold_up_the_first() {
    let probe = Probe::new([Reply::After(DELAY * 5, Ok(200))]).unready([Unready::No, Unready::ForEver]);
    let service = HedgeLayer::new(hedged(9)).layer(probe.clone());
    let start = tokio::time::Instant::now();
    assert_eq!((service.oneshot(7).await, probe.calls()), (Ok(200), 1));
    assert_eq!(start.elapsed(), DELAY * 5);
}

#[tokio::test(start_paused = true)]
async fn leg_whose_service_fails_to_get_ready_is_a_failed_leg() {
    let probe = Probe::new([Reply::After(DELAY * 5, Ok(200))]).unready([Unready::No, Unready::Failed("closed")]);
    assert_eq!(HedgeLayer::new(hedged(9)).layer(probe).oneshot(7).await, Ok(200));
    let probe = Probe::<i32, u16>::replying([]).unready([Unready::Failed("closed")]);
    let error = HedgeLayer::new(hedged(9)).layer(probe).ready().await.map(|_| ());
    assert_eq!(error, Err("closed"));
}

#[tokio::test(start_paused = true)]
async fn failed_leg_is_followed_at_once_by_the_next() {
    let probe = Probe::replying([Err("no"), Ok(200)]);
    let service = HedgeLayer::new(hedged(9)).layer(probe.clone());
    let start = tokio::time::Instant::now();
    assert_eq!((service.oneshot(7).await, probe.calls()), (Ok(200), 2));
    assert_eq!(start.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn exhausted_budget_leaves_the_first_leg_alone() {
    let probe = Probe::new([Reply::After(DELAY * 5, Ok(200))]);
    let service = HedgeLayer::new(hedged(0)).layer(probe.clone());
    assert_eq!((service.oneshot(7).await, probe.calls()), (Ok(200), 1));
}

#[tokio::test(start_paused = true)]
async fn request_that_must_not_be_sent_twice_is_sent_once() {
    let slow = || Probe::new([Reply::After(DELAY * 5, Ok(200))]);
    let (first, second) = (slow(), slow());
    let reads = HedgeLayer::new(hedged(9)).hedge_if(|request: &&str| request.starts_with("GET"));
    assert_eq!(reads.layer(first.clone()).oneshot("POST /").await, Ok(200));
    let unrepeatable = HedgeLayer::new(hedged(9)).replay(replay::by(|_: &&str| None));
    assert_eq!(unrepeatable.layer(second.clone()).oneshot("GET /").await, Ok(200));
    assert_eq!((first.calls(), second.calls()), (1, 1));
    let twice = Probe::new([Reply::Never, Reply::Now(Ok(200))]);
    assert_eq!(reads.layer(twice.clone()).oneshot("GET /").await, Ok(200));
    assert_eq!(twice.calls(), 2);
}

/// Places of a concurrency limit below, and permits of a gate of the hedge, are held by legs alone.
#[tokio::test(start_paused = true)]
async fn dropped_call_gives_its_places_back() {
    static CALLS: Bulkhead = Bulkhead::new(2);
    let probe = Probe::<i32, u16>::new([Reply::Never, Reply::Never, Reply::Now(Ok(200))]);
    let limited = ServiceBuilder::new().concurrency_limit(2).service(probe.clone());
    let service = HedgeLayer::new(hedged(9).gate(&CALLS)).layer(limited.clone());

    // Never polled.
    drop(service.clone().ready().await.unwrap().call(7));
    assert_eq!((probe.calls(), CALLS.in_flight()), (0, 0));

    let mut call = Polled::new(service.oneshot(7));
    assert!(call.poll().is_pending());
    tokio::time::advance(DELAY * 2).await;
    assert!(call.poll().is_pending());
    assert_eq!((probe.in_flight(), CALLS.in_flight()), (2, 2));
    drop(call);
    assert_eq!((probe.in_flight(), CALLS.in_flight()), (0, 0));
    assert_eq!(limited.oneshot(7).await, Ok(200));
}

#[tokio::test(start_paused = true)]
async fn rejected_call_is_not_made() {
    static CALLS: Bulkhead = Bulkhead::new(1);
    let place = CALLS.try_acquire().unwrap();
    let probe = Probe::<i32, u16>::replying([Ok(200)]);
    let service = HedgeLayer::new(hedged(9).gate(&CALLS)).layer(probe.clone());
    let error = service.clone().oneshot(7).await.unwrap_err();
    assert!(matches!(error, HedgeError::Rejected(_)), "{error:?}");
    assert_eq!(persevere::run::has_rejected(), cfg!(debug_assertions));
    assert_eq!(probe.calls(), 0);
    drop(place);
    assert_eq!(service.oneshot(7).await, Ok(200));
}

/// Two legs of each attempt, and retries around them. Each request has its attempt and its leg.
#[tokio::test(start_paused = true)]
async fn hedge_is_an_attempt_of_the_retries_above() {
    let probe = Probe::<Request<()>, u16>::replying([Err("no"), Err("no"), Err("no"), Ok(200)]);
    let service = ServiceBuilder::new()
        .layer(RetryLayer::new(Policy::fixed(DELAY), TokioSleeper).replay(HttpClone))
        .layer(HedgeLayer::new(hedged(9)).replay(HttpClone))
        .service(probe.clone());
    let call = tokio::spawn(service.oneshot(Request::new(())));
    assert_eq!(call.await.unwrap(), Ok(200));
    let sent: Vec<(u32, usize)> = probe
        .requests()
        .iter()
        .map(|request| {
            let extensions = request.extensions();
            (
                extensions.get::<Attempt>().unwrap().number(),
                extensions.get::<Leg>().unwrap().index(),
            )
        })
        .collect();
    assert_eq!(sent, [(1, 0), (1, 1), (2, 0), (2, 1)]);
}

/// The first leg has not read the body when the delay is over, so that there is no hedge by time. Once it has failed, the
/// next leg sends the whole body.
#[tokio::test(start_paused = true)]
async fn body_is_sent_again_once_it_is_buffered() {
    let bodies = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&bodies);
    let server = tower::service_fn(move |request: Request<ReplayBody<Full<Bytes>>>| {
        let seen = Arc::clone(&seen);
        async move {
            let leg = request.extensions().get::<Leg>().unwrap().index();
            tokio::time::sleep(DELAY * 4).await;
            let body = request.into_body().collect().await.unwrap().to_bytes();
            seen.lock().unwrap().push((leg, body));
            if leg == 0 { Err("no") } else { Ok(200) }
        }
    });
    let layer = HedgeLayer::new(hedged(9)).replay(Buffered::up_to(1024));
    let start = tokio::time::Instant::now();
    let request = Request::new(Full::from("GET it"));
    assert_eq!(layer.layer(server).oneshot(request).await, Ok(200));
    assert_eq!(start.elapsed(), DELAY * 8);
    let whole = Bytes::from_static(b"GET it");
    assert_eq!(*bodies.lock().unwrap(), [(0, whole.clone()), (1, whole)]);
}
