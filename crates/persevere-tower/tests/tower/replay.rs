//! Http requests: the attempt and the policy in their extensions.

use crate::probe::{Probe, Reply};
use http::Request;
use persevere::backoff::Fixed;
use persevere::tower::{Buffered, HttpClone, Retries, RetryLayer};
use persevere::{Attempt, Policy, TokioSleeper};
use std::time::Duration;
use tower::{Layer, Service, ServiceExt};

static AT_ONCE: Policy<Fixed> = Policy::fixed(Duration::ZERO);

#[tokio::test(start_paused = true)]
async fn attempt_is_in_the_extensions() {
    let second = Duration::from_secs(1);
    let policy = AT_ONCE.attempt_timeout(second);
    let probe = Probe::<_, ()>::replying([Err("no"); 3]);
    let layer = RetryLayer::new(policy, TokioSleeper).replay(HttpClone);
    layer
        .layer(probe.clone())
        .oneshot(Request::new("body"))
        .await
        .unwrap_err();
    let attempts = probe.requests().into_iter().map(|request| {
        let attempt = request.extensions().get::<Attempt>().unwrap();
        (attempt.number(), attempt.timeout(), *request.body())
    });
    let expected = [1, 2, 3].map(|number| (number, Some(second), "body"));
    assert_eq!(attempts.collect::<Vec<_>>(), expected);
}

#[derive(Debug, Clone, PartialEq)]
struct Seen;

#[tokio::test(start_paused = true)]
async fn extensions_of_an_earlier_attempt_are_not_in_a_later_one() {
    let client = tower::service_fn(|mut request: Request<()>| {
        let seen = request.extensions_mut().insert(Seen);
        std::future::ready(if seen.is_none() { Err("no") } else { Ok("seen before") })
    });
    let layer = RetryLayer::new(&AT_ONCE, TokioSleeper).replay(HttpClone);
    assert_eq!(layer.layer(client).oneshot(Request::new(())).await, Err("no"));
}

#[tokio::test(start_paused = true)]
async fn policy_of_a_request_wins() {
    static TWICE: Policy<Fixed> = Policy::fixed(Duration::ZERO).max_attempts(2);
    static ONCE: Policy<Fixed> = Policy::fixed(Duration::ZERO).max_attempts(1);
    let probe = Probe::<_, ()>::replying([Err("no"); 6]);
    let mut service = RetryLayer::new(&TWICE, TokioSleeper)
        .replay(HttpClone)
        .layer(probe.clone());
    let mut calls = Vec::new();
    for policy in [Some(&ONCE), None, Some(&AT_ONCE)] {
        let mut request = Request::new(());
        if let Some(policy) = policy {
            request.extensions_mut().insert(Retries(policy));
        }
        let before = probe.calls();
        service.ready().await.unwrap().call(request).await.unwrap_err();
        calls.push(probe.calls() - before);
    }
    assert_eq!(calls, [1, 2, 3]);
}

#[tokio::test(start_paused = true)]
async fn policy_of_another_type_is_not_read() {
    let probe = Probe::<_, ()>::replying([Err("no"); 3]);
    let layer = RetryLayer::new(&AT_ONCE, TokioSleeper).replay(HttpClone);
    let mut request = Request::new(());
    request.extensions_mut().insert(Retries(AT_ONCE.max_attempts(1)));
    layer.layer(probe.clone()).oneshot(request).await.unwrap_err();
    assert_eq!(probe.calls(), 3);
}

#[tokio::test(start_paused = true)]
async fn shared_policy_takes_any() {
    type Shared = persevere::SharedPolicy<&'static str>;
    let layer_policy: Shared = AT_ONCE.shared();
    let request_policy: Shared = Policy::linear(Duration::ZERO).max_attempts(5).shared();
    let probe = Probe::<_, ()>::replying([Err("no"); 5]);
    let layer = RetryLayer::new(layer_policy, TokioSleeper).replay(HttpClone);
    let mut request = Request::new(());
    request.extensions_mut().insert(Retries(request_policy));
    layer.layer(probe.clone()).oneshot(request).await.unwrap_err();
    assert_eq!(probe.calls(), 5);
}

#[tokio::test(start_paused = true)]
async fn buffered_requests_have_attempt_and_policy_too() {
    static TWICE: Policy<Fixed> = Policy::fixed(Duration::ZERO).max_attempts(2);
    let client = tower::service_fn(|request: Request<_>| {
        let _: &persevere::tower::replay::ReplayBody<http_body_util::Empty<bytes::Bytes>> = request.body();
        let attempt = request.extensions().get::<Attempt>().unwrap().number();
        std::future::ready(Err::<(), _>(attempt))
    });
    let layer = RetryLayer::new(&AT_ONCE, TokioSleeper).replay(Buffered::up_to(0));
    let mut request = Request::new(http_body_util::Empty::new());
    request.extensions_mut().insert(Retries(&TWICE));
    assert_eq!(layer.layer(client).oneshot(request).await, Err(2));
}

#[tokio::test(start_paused = true)]
async fn method_uri_and_headers_are_those_of_the_request() {
    let probe = Probe::<_, ()>::new([Reply::Now(Err("no")), Reply::Now(Ok(()))]);
    let layer = RetryLayer::new(&AT_ONCE, TokioSleeper).replay(HttpClone);
    let request = Request::put("/a?b=c").header("x", "y").body(7).unwrap();
    layer.layer(probe.clone()).oneshot(request).await.unwrap();
    for sent in probe.requests() {
        assert_eq!(
            (sent.method().as_str(), sent.uri().to_string()),
            ("PUT", "/a?b=c".into())
        );
        assert_eq!((sent.headers()["x"].as_bytes(), *sent.body()), (&b"y"[..], 7));
    }
}

#[tokio::test(start_paused = true)]
async fn policy_depends_on_the_request() {
    let by_method = |request: &Request<()>| {
        if request.method().is_idempotent() {
            AT_ONCE
        } else {
            AT_ONCE.max_attempts(1)
        }
    };
    let probe = Probe::<_, ()>::replying([Err("no"); 6]);
    let mut service = RetryLayer::by(by_method, TokioSleeper)
        .replay(HttpClone)
        .layer(probe.clone());
    let mut patient = Request::post("/").body(()).unwrap();
    patient.extensions_mut().insert(Retries(AT_ONCE.max_attempts(2)));
    let mut calls = Vec::new();
    for request in [
        Request::put("/").body(()).unwrap(),
        Request::post("/").body(()).unwrap(),
        patient,
    ] {
        let before = probe.calls();
        service.ready().await.unwrap().call(request).await.unwrap_err();
        calls.push(probe.calls() - before);
    }
    assert_eq!(calls, [3, 1, 2], "a policy in the extensions wins");
}
