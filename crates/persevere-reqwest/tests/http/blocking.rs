//! Blocking requests.

use crate::server::{Reply, Server};
use persevere::reqwest::blocking::RemakeBody;
use persevere::reqwest::{RetryRequest, Unrepeatable};
use persevere::{Policy, StopReason, ThreadSleeper};
use persevere_testkit::{Fault, FaultProxy};
use reqwest::blocking::{Body, Client};
use std::io::{self, Cursor};
use std::sync::{Arc, Mutex};
use std::time::Duration;

static API: Policy = Policy::exponential(Duration::from_millis(1)).max_attempts(4);

#[test]
fn get_is_retried_until_accepted() {
    let server = Server::statuses([503, 500, 200]);
    let mut retries = 0;
    let get = Client::new()
        .get(server.url())
        .retrying(&API, ThreadSleeper)
        .on_retry(|_, error, _| {
            retries += u32::from(error.unwrap().is_status());
        });
    assert_eq!(get.send().unwrap().status().as_u16(), 200);
    assert_eq!((retries, server.requests()), (2, 3));
}

#[test]
fn last_response_is_returned_or_explained() {
    let server = Server::start([Reply::status(503).body("try later")]);
    let get = || Client::new().get(server.url()).retrying(&API, ThreadSleeper);
    assert_eq!(get().send().unwrap().text().unwrap(), "try later");
    let error = get().explained().send().unwrap_err();
    assert_eq!((error.reason(), error.attempts()), (StopReason::Attempts, 4));
}

#[test]
fn post_is_retried_only_if_rejected_or_keyed() {
    for (status, requests) in [(503, 1), (429, 4)] {
        let server = Server::statuses([status]);
        let _ = Client::new()
            .post(server.url())
            .body("order")
            .retrying(&API, ThreadSleeper)
            .send()
            .unwrap();
        assert_eq!(server.requests(), requests);
    }
    let server = Server::statuses([503, 200]);
    let post = Client::new()
        .post(server.url())
        .header("idempotency-key", "1")
        .body("order");
    assert_eq!(
        post.retrying(&API, ThreadSleeper).send().unwrap().status().as_u16(),
        200
    );
    assert!(server.seen().iter().all(|request| request.body == "order"));
}

#[test]
fn reader_is_sent_once_or_made_anew() {
    let server = Server::statuses([503]);
    let reasons = Arc::new(Mutex::new(Vec::new()));
    let keep = Arc::clone(&reasons);
    let put = Client::new().put(server.url()).body(Body::new(Cursor::new("reader")));
    let put = put
        .retrying(&API, ThreadSleeper)
        .on_unrepeatable(move |why| keep.lock().unwrap().push(why));
    assert_eq!(put.send().unwrap().status().as_u16(), 503);
    assert_eq!(
        (server.requests(), &**reasons.lock().unwrap()),
        (1, &[Unrepeatable::Body][..])
    );

    let server = Server::statuses([503, 200]);
    let mut made = 0;
    let put = Client::new().put(server.url()).body_from(move || {
        made += 1;
        Ok(Body::new(Cursor::new(format!("attempt {made}"))))
    });
    assert_eq!(put.retrying(&API, ThreadSleeper).send().unwrap().status().as_u16(), 200);
    let bodies: Vec<_> = server.seen().into_iter().map(|request| request.body).collect();
    assert_eq!(bodies, ["attempt 1", "attempt 2"]);
}

#[test]
fn body_that_cannot_be_made_fails_without_retry() {
    let server = Server::statuses([200]);
    let put = Client::new()
        .put(server.url())
        .body_from(|| Err::<Body, _>(io::ErrorKind::NotFound.into()));
    let error = put.retrying(&API, ThreadSleeper).send().unwrap_err();
    assert_eq!((error.reason(), error.attempts()), (StopReason::Permanent, 1));
}

#[test]
fn attempt_timeout_is_timeout_of_request() {
    let policy = API.attempt_timeout(Duration::from_millis(250));
    let server = Server::statuses([200]);
    let proxy = FaultProxy::start(server.address, [Fault::Stall, Fault::Stall]).unwrap();
    let client = Client::builder().pool_max_idle_per_host(0).build().unwrap();
    let url = format!("http://{}", proxy.address());
    assert_eq!(
        client
            .get(&url)
            .retrying(&policy, ThreadSleeper)
            .send()
            .unwrap()
            .status()
            .as_u16(),
        200
    );
    assert_eq!(proxy.connections(), 3);

    let proxy = FaultProxy::always(server.address, Fault::Stall).unwrap();
    let error = client
        .post(format!("http://{}", proxy.address()))
        .retrying(&policy, ThreadSleeper)
        .send()
        .unwrap_err();
    assert!(error.last_error().unwrap().is_timeout());
    assert_eq!((error.reason(), proxy.connections()), (StopReason::Permanent, 1));
}

#[test]
fn unread_bodies_are_drained_so_that_connection_is_reused() {
    let server = Server::start([Reply::status(503).body("x".repeat(10_000)), Reply::status(200)]);
    let _ = Client::new()
        .get(server.url())
        .retrying(&API, ThreadSleeper)
        .send()
        .unwrap();
    assert_eq!((server.requests(), server.connections()), (2, 1));
}

#[test]
fn body_that_breaks_off_is_retried_if_buffered() {
    let server = Server::start([Reply::status(200).header("x-name", "value").body("x".repeat(5_000))]);
    let proxy = FaultProxy::start(server.address, [Fault::Truncate(3_000)]).unwrap();
    let client = Client::builder().pool_max_idle_per_host(0).build().unwrap();
    let url = format!("http://{}/path", proxy.address());
    let response = client
        .get(&url)
        .retrying(&API, ThreadSleeper)
        .buffered()
        .send()
        .unwrap();
    assert_eq!(response.url().as_str(), url);
    assert_eq!(response.headers()["x-name"], "value");
    assert_eq!((response.text().unwrap().len(), server.requests()), (5_000, 2));
}
