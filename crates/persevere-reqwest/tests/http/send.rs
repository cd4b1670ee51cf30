//! The requests that are sent, and the responses that come back.

use crate::server::{Reply, Server};
use persevere::breaker::CircuitBreaker;
use persevere::budget::WindowedRatio;
use persevere::http::{Hints, Statuses, Transient, transient};
use persevere::reqwest::{RemakeBody, RetryRequest, Unrepeatable};
use persevere::{Policy, Stats, StopReason, TokioSleeper, backoff::Exponential};
use reqwest::{Body, Client, Method};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

static API: Policy = Policy::exponential(Duration::from_millis(1)).max_attempts(4);

#[tokio::test]
async fn get_is_retried_until_accepted() {
    let server = Server::statuses([503, 500, 200]);
    let response = Client::new()
        .get(server.url())
        .retrying(&API, TokioSleeper)
        .send()
        .await
        .unwrap();
    assert_eq!((response.status().as_u16(), server.requests()), (200, 3));
}

#[tokio::test]
async fn last_response_is_returned_with_body() {
    let server = Server::start([Reply::status(503).body("try later")]);
    let response = Client::new()
        .get(server.url())
        .retrying(&API, TokioSleeper)
        .send()
        .await
        .unwrap();
    assert_eq!((response.status().as_u16(), server.requests()), (503, 4));
    assert_eq!(response.text().await.unwrap(), "try later");
}

#[tokio::test]
async fn explained_returns_last_response_as_error() {
    let server = Server::statuses([503]);
    let error = Client::new()
        .get(server.url())
        .retrying(&API, TokioSleeper)
        .explained()
        .send()
        .await
        .unwrap_err();
    assert_eq!((error.reason(), error.attempts()), (StopReason::Attempts, 4));
    assert_eq!(error.last_error().unwrap().status().unwrap(), 503);
    let message = format!(
        "gave up after 4 attempts: HTTP status server error (503 Service Unavailable) for url ({})",
        server.url()
    );
    assert_eq!(error.to_string(), message);
}

#[tokio::test]
async fn status_outside_rules_is_accepted() {
    for status in [200, 404, 501, 505] {
        let server = Server::statuses([status]);
        let response = Client::new()
            .get(server.url())
            .retrying(&API, TokioSleeper)
            .explained()
            .send()
            .await
            .unwrap();
        assert_eq!((response.status().as_u16(), server.requests()), (status, 1));
    }
}

#[tokio::test]
async fn post_is_retried_only_if_rejected_or_keyed() {
    for (status, requests) in [(503, 1), (500, 1), (408, 1), (429, 4), (421, 4), (425, 4), (501, 1)] {
        let server = Server::statuses([status]);
        let response = Client::new()
            .post(server.url())
            .body("order")
            .retrying(&API, TokioSleeper)
            .send()
            .await
            .unwrap();
        assert_eq!((response.status().as_u16(), server.requests()), (status, requests));
    }
    let server = Server::statuses([503, 201]);
    let post = Client::new()
        .post(server.url())
        .header("idempotency-key", "8e03978e")
        .body("order");
    let response = post.retrying(&API, TokioSleeper).send().await.unwrap();
    assert_eq!(response.status().as_u16(), 201);
    let seen = server.seen();
    assert_eq!(seen.len(), 2);
    assert!(
        seen.iter()
            .all(|request| request.headers["idempotency-key"] == "8e03978e" && request.body == "order")
    );
}

#[tokio::test]
async fn retry_after_is_waited_for() {
    let server = Server::start([Reply::status(429).header("retry-after-ms", 120), Reply::status(200)]);
    let start = Instant::now();
    let response = Client::new()
        .get(server.url())
        .retrying(&API, TokioSleeper)
        .send()
        .await
        .unwrap();
    assert_eq!((response.status().as_u16(), server.requests()), (200, 2));
    assert!(start.elapsed() >= Duration::from_millis(120));
}

#[tokio::test]
async fn hint_above_bound_stops_with_last_response() {
    let server = Server::start([Reply::status(503).header("retry-after", 3600)]);
    let get = || Client::new().get(server.url()).retrying(&API, TokioSleeper);
    assert_eq!(get().send().await.unwrap().status().as_u16(), 503);
    let error = get().explained().send().await.unwrap_err();
    assert_eq!(
        (error.reason(), error.hint()),
        (StopReason::Hint, Some(Duration::from_secs(3600)))
    );
    assert_eq!(server.requests(), 2);
}

#[tokio::test]
async fn rules_of_policy_are_used() {
    static CONFLICTS: Policy<Exponential, Transient> = Policy::exponential(Duration::from_millis(1)).classify(
        transient()
            .statuses(Statuses::STANDARD.with(409).without(503))
            .hints(Hints::STANDARD.and_retry_flags()),
    );
    for (reply, requests) in [
        (Reply::status(409), 3),
        (Reply::status(503), 1),
        (Reply::status(404).header("x-should-retry", "true"), 3),
        (Reply::status(500).header("x-should-retry", "false"), 1),
    ] {
        let server = Server::start([reply]);
        let _ = Client::new()
            .get(server.url())
            .retrying(&CONFLICTS, TokioSleeper)
            .send()
            .await
            .unwrap();
        assert_eq!(server.requests(), requests);
    }
}

#[tokio::test]
async fn streamed_body_is_sent_once_and_reason_is_reported() {
    let server = Server::statuses([429]);
    let reasons = Arc::new(Mutex::new(Vec::new()));
    let response = Client::new()
        .put(server.url())
        .body(Body::wrap(String::from("stream")))
        .retrying(&API, TokioSleeper)
        .on_unrepeatable({
            let reasons = Arc::clone(&reasons);
            move |why| reasons.lock().unwrap().push(why)
        })
        .send()
        .await
        .unwrap();
    assert_eq!((response.status().as_u16(), server.requests()), (429, 1));
    assert_eq!(*reasons.lock().unwrap(), [Unrepeatable::Body]);
}

#[tokio::test]
async fn method_that_is_not_repeated_is_reported() {
    let server = Server::statuses([503]);
    let reasons = Arc::new(Mutex::new(Vec::new()));
    let keep = {
        let reasons = Arc::clone(&reasons);
        move |why| reasons.lock().unwrap().push(why)
    };
    let _ = Client::new()
        .post(server.url())
        .retrying(&API, TokioSleeper)
        .on_unrepeatable(keep)
        .send()
        .await
        .unwrap();
    assert_eq!(*reasons.lock().unwrap(), [Unrepeatable::Method]);
}

#[tokio::test]
async fn body_is_made_anew_for_each_attempt() {
    let server = Server::statuses([503, 503, 200]);
    let mut made = 0;
    let put = Client::new().put(server.url()).body_from(move || {
        made += 1;
        Body::wrap(format!("attempt {made}"))
    });
    assert_eq!(
        put.retrying(&API, TokioSleeper).send().await.unwrap().status().as_u16(),
        200
    );
    let bodies: Vec<_> = server.seen().into_iter().map(|request| request.body).collect();
    assert_eq!(bodies, ["attempt 1", "attempt 2", "attempt 3"]);
}

#[tokio::test]
async fn body_that_cannot_be_made_fails_without_retry() {
    let server = Server::statuses([200]);
    let missing = || async { std::fs::read_to_string("/does/not/exist") };
    let put = Client::new().put(server.url()).body_from_async(missing);
    let error = put.retrying(&API, TokioSleeper).send().await.unwrap_err();
    assert_eq!((error.reason(), error.attempts()), (StopReason::Permanent, 1));
    assert!(format!("{:?}", error.last_error().unwrap()).contains("NotFound"));
}

#[tokio::test]
async fn unread_bodies_are_drained_so_that_connection_is_reused() {
    let page = "x".repeat(10_000);
    let replies = [
        Reply::status(503).body(page.clone()),
        Reply::status(500).body(page.clone()),
        Reply::status(200),
    ];
    let server = Server::start(replies.clone());
    let _ = Client::new()
        .get(server.url())
        .retrying(&API, TokioSleeper)
        .send()
        .await
        .unwrap();
    assert_eq!((server.requests(), server.connections()), (3, 1));
    let server = Server::start([Reply::status(503).body("x".repeat(8 << 20)), Reply::status(200)]);
    let _ = Client::new()
        .get(server.url())
        .retrying(&API, TokioSleeper)
        .send()
        .await
        .unwrap();
    assert_eq!(
        (server.requests(), server.connections()),
        (2, 2),
        "too long to be drained"
    );
}

#[tokio::test]
async fn observers_receive_status_and_redacted_url() {
    static STATS: Stats = Stats::new();
    let server = Server::statuses([503, 200]);
    let url = format!("http://user:secret@{}/path?token=secret#secret", server.address);
    let lines = Arc::new(Mutex::new(Vec::new()));
    let get = Client::new()
        .get(url)
        .retrying(&API, TokioSleeper)
        .observe(&STATS)
        .on_retry(|attempt, error, _| {
            lines.lock().unwrap().push(format!("{attempt}: {}", error.unwrap()));
        });
    get.send().await.unwrap();
    let line = format!(
        "1: HTTP status server error (503 Service Unavailable) for url ({})",
        server.url()
    );
    assert_eq!(*lines.lock().unwrap(), [line]);
    assert_eq!(STATS.snapshot().retries, 1);
}

#[tokio::test]
async fn url_of_connection_error_is_redacted() {
    let error = Client::new()
        .get("http://user:secret@127.0.0.1:9/path?token=secret")
        .retrying(&API, TokioSleeper);
    let error = error.send().await.unwrap_err();
    assert_eq!((error.reason(), error.attempts()), (StopReason::Attempts, 4));
    assert!(!format!("{error} {error:?}").contains("secret"), "{error:?}");
    assert!(error.to_string().contains("127.0.0.1:9/path"));
}

#[tokio::test]
async fn invalid_request_is_not_sent() {
    let error = Client::new()
        .get("http://user:secret@[not a url")
        .retrying(&API, TokioSleeper)
        .send()
        .await
        .unwrap_err();
    assert_eq!(error.reason(), StopReason::Permanent);
    assert!(error.last_error().unwrap().is_builder());
}

#[tokio::test]
async fn breaker_counts_unaccepted_responses() {
    static BREAKER: CircuitBreaker = CircuitBreaker::consecutive_failures(3).build();
    let server = Server::statuses([503]);
    let get = || {
        Client::new()
            .get(server.url())
            .retrying(&API, TokioSleeper)
            .breaker(&BREAKER)
            .send()
    };
    assert_eq!(
        get().await.unwrap().status().as_u16(),
        503,
        "the last response, though the fourth attempt was rejected"
    );
    assert_eq!(server.requests(), 3);
    let error = get().await.unwrap_err();
    assert_eq!(
        (error.reason(), error.attempts(), server.requests()),
        (StopReason::Rejected, 0, 3)
    );
}

#[tokio::test]
async fn budget_bounds_retries() {
    static BUDGET: WindowedRatio = WindowedRatio::new().ratio(0.1).reserve(2);
    let server = Server::statuses([503]);
    for requests in [3, 4] {
        let get = Client::new()
            .get(server.url())
            .retrying(&API, TokioSleeper)
            .budget(&BUDGET);
        assert_eq!(get.send().await.unwrap().status().as_u16(), 503);
        assert_eq!(server.requests(), requests);
    }
}

#[tokio::test]
async fn request_future_can_be_spawned() {
    let server = Server::statuses([503, 200]);
    let get = Client::new().get(server.url()).retrying(&API, TokioSleeper);
    let response = tokio::spawn(get.send()).await.unwrap().unwrap();
    assert_eq!(response.status().as_u16(), 200);
}

#[tokio::test]
async fn query_method_is_repeatable() {
    let server = Server::statuses([503, 200]);
    let query = Client::new().request(Method::from_bytes(b"QUERY").unwrap(), server.url());
    assert_eq!(
        query
            .retrying(&API, TokioSleeper)
            .send()
            .await
            .unwrap()
            .status()
            .as_u16(),
        200
    );
    assert_eq!(server.seen()[1].method.as_str(), "QUERY");
}

#[tokio::test]
async fn accepted_status_in_rules_is_polled_for() {
    static UNTIL_DONE: Policy<Exponential, Transient> = Policy::exponential(Duration::from_millis(1))
        .max_attempts(4)
        .classify(transient().statuses(Statuses::STANDARD.with(202)));
    for (statuses, last, requests) in [(&[202, 202, 200][..], 200, 3), (&[202], 202, 4)] {
        let server = Server::statuses(statuses.iter().copied());
        let response = Client::new()
            .get(server.url())
            .retrying(&UNTIL_DONE, TokioSleeper)
            .send()
            .await
            .unwrap();
        assert_eq!((response.status().as_u16(), server.requests()), (last, requests));
    }
}

#[tokio::test]
async fn unreadable_response_stops() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        // The request is small, and arrives at once.
        assert!(std::io::Read::read(&mut stream, &mut [0; 1024]).unwrap() > 0);
        std::io::Write::write_all(&mut stream, b"SSH-2.0-server\r\n\r\n").unwrap();
        // Until the client disconnects.
        let _ = std::io::copy(&mut stream, &mut std::io::sink());
    });
    let error = Client::new()
        .get(url)
        .retrying(&API, TokioSleeper)
        .send()
        .await
        .unwrap_err();
    assert_eq!((error.reason(), error.attempts()), (StopReason::Permanent, 1));
    server.join().unwrap();
}

#[tokio::test]
async fn redirect_loop_stops() {
    let server = Server::start([Reply::status(302).header("location", "/path")]);
    let error = Client::new()
        .get(server.url())
        .retrying(&API, TokioSleeper)
        .send()
        .await
        .unwrap_err();
    assert!(error.last_error().unwrap().is_redirect());
    assert_eq!((error.reason(), error.attempts()), (StopReason::Permanent, 1));
}

#[tokio::test]
async fn unknown_host_is_never_sent() {
    let post = Client::new().post("http://host.invalid/").retrying(&API, TokioSleeper);
    let error = post.send().await.unwrap_err();
    assert!(error.last_error().unwrap().is_dns(), "{error:?}");
    assert_eq!((error.reason(), error.attempts()), (StopReason::Attempts, 4));
}

#[tokio::test]
async fn scheme_without_tls_stops() {
    let error = Client::new()
        .get("https://127.0.0.1:9/")
        .retrying(&API, TokioSleeper)
        .send()
        .await
        .unwrap_err();
    assert_eq!(
        (error.reason(), error.attempts()),
        (StopReason::Permanent, 1),
        "{error:?}"
    );
}
