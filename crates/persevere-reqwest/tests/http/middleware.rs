//! Requests through a middleware.

use crate::server::{Reply, Server};
use http::Extensions;
use persevere::budget::WindowedRatio;
use persevere::reqwest::Unrepeatable;
use persevere::reqwest::middleware::{Retries, RetryMiddleware};
use persevere::{Policy, RetryError, Stats, StopReason, TokioSleeper};
use persevere_testkit::{Fault, FaultProxy};
use reqwest::{Body, Client, Request, Response};
use reqwest_middleware::{ClientBuilder, ClientWithMiddleware, Error, Middleware, Next};
use std::sync::{Arc, Mutex};
use std::time::Duration;

static API: Policy = Policy::exponential(Duration::from_millis(1)).max_attempts(4);

fn client() -> ClientWithMiddleware {
    ClientBuilder::new(Client::new())
        .with(RetryMiddleware::new(API, TokioSleeper))
        .build()
}

#[tokio::test]
async fn requests_are_retried_by_rules() {
    let server = Server::statuses([503, 500, 200]);
    let response = client().get(server.url()).send().await.unwrap();
    assert_eq!((response.status().as_u16(), server.requests()), (200, 3));

    let server = Server::start([Reply::status(503).body("try later")]);
    let response = client().get(server.url()).send().await.unwrap();
    assert_eq!(
        (response.text().await.unwrap().as_str(), server.requests()),
        ("try later", 4)
    );

    let server = Server::statuses([503]);
    let response = client().post(server.url()).body("order").send().await.unwrap();
    assert_eq!((response.status().as_u16(), server.requests()), (503, 1));
}

#[tokio::test]
async fn streamed_body_is_sent_once_and_reason_is_reported() {
    let server = Server::statuses([503]);
    let reasons = Arc::new(Mutex::new(Vec::new()));
    let keep = Arc::clone(&reasons);
    let middleware = RetryMiddleware::new(API, TokioSleeper).on_unrepeatable(move |why| keep.lock().unwrap().push(why));
    let client = ClientBuilder::new(Client::new()).with(middleware).build();
    let response = client
        .put(server.url())
        .body(Body::wrap(String::from("stream")))
        .send()
        .await
        .unwrap();
    assert_eq!((response.status().as_u16(), server.requests()), (503, 1));
    assert_eq!(server.seen()[0].body, "stream");
    assert_eq!(*reasons.lock().unwrap(), [Unrepeatable::Body]);
}

#[tokio::test]
async fn policy_of_request_replaces_that_of_client() {
    for (retries, requests) in [(Retries::never(), 1), (Retries::new(API.max_attempts(2)), 2)] {
        let server = Server::statuses([503]);
        let _ = client().get(server.url()).with_extension(retries).send().await.unwrap();
        assert_eq!(server.requests(), requests);
    }
}

#[tokio::test]
async fn error_of_last_attempt_is_returned() {
    let error = client()
        .get("http://user:secret@127.0.0.1:9/?token=secret")
        .send()
        .await
        .unwrap_err();
    assert!(error.is_connect() && !error.is_middleware());
    assert!(!format!("{error:?}").contains("secret"));
}

#[tokio::test]
async fn run_without_error_ends_in_retry_error() {
    let server = Server::statuses([200]);
    let proxy = FaultProxy::always(server.address, Fault::Stall).unwrap();
    let hasty = API.attempt_timeout(Duration::from_millis(50)).max_attempts(2);
    let get = client()
        .get(format!("http://{}", proxy.address()))
        .with_extension(Retries::new(hasty));
    let Error::Middleware(error) = get.send().await.unwrap_err() else {
        panic!("reqwest has not failed");
    };
    let error: RetryError<Error> = error.downcast().unwrap();
    assert_eq!((error.reason(), error.attempts()), (StopReason::AttemptTimedOut, 2));
}

#[tokio::test]
async fn run_has_observers_and_guards() {
    static STATS: Stats = Stats::new();
    static BUDGET: WindowedRatio = WindowedRatio::new().ratio(0.1).reserve(2);
    let server = Server::statuses([503]);
    let middleware = RetryMiddleware::new(API, TokioSleeper).with_run(|run| run.budget(&BUDGET).observe(&STATS));
    let client = ClientBuilder::new(Client::new()).with(middleware).build();
    let _ = client.get(server.url()).send().await.unwrap();
    assert_eq!((server.requests(), STATS.snapshot().retries), (3, 2));
}

/// Counts in the extensions how often it was called for a request.
struct Counter;

#[derive(Debug, Clone, Copy, PartialEq)]
struct Count(u32);

#[async_trait::async_trait]
impl Middleware for Counter {
    async fn handle(
        &self,
        request: Request,
        extensions: &mut Extensions,
        next: Next<'_>,
    ) -> reqwest_middleware::Result<Response> {
        let Count(before) = extensions.get().copied().unwrap_or(Count(0));
        extensions.insert(Count(before + 1));
        next.run(request, extensions).await
    }
}

/// Checks the extensions of a request that is done.
struct Check(Count);

#[async_trait::async_trait]
impl Middleware for Check {
    async fn handle(
        &self,
        request: Request,
        extensions: &mut Extensions,
        next: Next<'_>,
    ) -> reqwest_middleware::Result<Response> {
        let response = next.run(request, extensions).await;
        assert_eq!(extensions.get(), Some(&self.0));
        response
    }
}

#[tokio::test]
async fn each_attempt_begins_with_extensions_of_request() {
    let server = Server::statuses([503, 503, 200]);
    let client = ClientBuilder::new(Client::new())
        .with(Check(Count(1)))
        .with(RetryMiddleware::new(API, TokioSleeper))
        .with(Counter)
        .build();
    assert_eq!(client.get(server.url()).send().await.unwrap().status().as_u16(), 200);
    assert_eq!(server.requests(), 3);
}
