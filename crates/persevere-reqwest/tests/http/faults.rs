//! Faults of the connection, injected by a proxy.

use crate::server::{Reply, Server};
use persevere::reqwest::{RetryRequest, Unrepeatable};
use persevere::{Policy, StopReason, TokioSleeper};
use persevere_testkit::{Fault, FaultProxy};
use proptest::prelude::*;
use reqwest::{Client, RequestBuilder};
use std::future::ready;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::runtime::Builder;

static API: Policy = Policy::exponential(Duration::from_millis(1)).max_attempts(4);
static HASTY: Policy = Policy::exponential(Duration::from_millis(1))
    .max_attempts(3)
    .attempt_timeout(Duration::from_millis(250));

/// A client that makes a connection for each request, so that each has the next fault of the script.
fn client() -> Client {
    Client::builder().pool_max_idle_per_host(0).build().unwrap()
}

/// A server that replies 200, behind a proxy with these faults.
fn faulty(faults: impl IntoIterator<Item = Fault>) -> (Server, FaultProxy) {
    let server = Server::start([Reply::status(200).body("0123456789")]);
    let proxy = FaultProxy::start(server.address, faults).unwrap();
    (server, proxy)
}

fn url(proxy: &FaultProxy) -> String {
    format!("http://{}/path", proxy.address())
}

/// POST, and the reasons why it was not sent again.
async fn post(request: RequestBuilder, policy: &Policy) -> (Result<u16, StopReason>, Vec<Unrepeatable>) {
    let reasons = Arc::new(Mutex::new(Vec::new()));
    let keep = Arc::clone(&reasons);
    let request = request
        .retrying(policy, TokioSleeper)
        .on_unrepeatable(move |why| keep.lock().unwrap().push(why));
    let outcome = request.send().await;
    let reasons = reasons.lock().unwrap().clone();
    (
        outcome
            .map(|response| response.status().as_u16())
            .map_err(|error| error.reason()),
        reasons,
    )
}

#[tokio::test]
async fn reset_before_request_is_written_retries_get() {
    let (server, proxy) = faulty([Fault::Reset, Fault::Reset]);
    let response = client()
        .get(url(&proxy))
        .retrying(&API, TokioSleeper)
        .send()
        .await
        .unwrap();
    assert_eq!(
        (response.status().as_u16(), server.requests(), proxy.connections()),
        (200, 1, 3)
    );
}

#[tokio::test]
async fn refused_connection_retries_every_method() {
    let (server, proxy) = faulty([Fault::Refuse]);
    let post = client()
        .post(url(&proxy))
        .body("order")
        .retrying(&API, TokioSleeper)
        .on_retry(|attempt, error, _| {
            assert!(error.unwrap().is_connect());
            if attempt == 2 {
                proxy.open().unwrap();
            }
        });
    assert_eq!(post.send().await.unwrap().status().as_u16(), 200);
    assert_eq!(server.requests(), 1);
}

#[tokio::test]
async fn connection_lost_after_request_was_written_retries_what_is_repeatable() {
    // One byte of the reply, and half of its head.
    for length in [1, 20] {
        let (server, proxy) = faulty([Fault::Truncate(length)]);
        let response = client()
            .get(url(&proxy))
            .retrying(&API, TokioSleeper)
            .send()
            .await
            .unwrap();
        assert_eq!((response.status().as_u16(), server.requests()), (200, 2));

        let (server, proxy) = faulty([Fault::Truncate(length)]);
        let ended = post(client().post(url(&proxy)).body("order"), &API).await;
        assert_eq!(ended, (Err(StopReason::Permanent), vec![Unrepeatable::Method]));
        assert_eq!(server.requests(), 1);

        let (server, proxy) = faulty([Fault::Truncate(length)]);
        let ended = post(
            client().post(url(&proxy)).header("idempotency-key", "1").body("order"),
            &API,
        )
        .await;
        assert_eq!((ended, server.requests()), ((Ok(200), vec![]), 2));
    }
}

/// The length of a reply's head.
async fn head(server: &Server) -> usize {
    let response = Client::new().get(server.url()).send().await.unwrap();
    let lines = response
        .headers()
        .iter()
        .map(|(name, value)| name.as_str().len() + value.len() + 4);
    "HTTP/1.1 200 OK\r\n\r\n".len() + lines.sum::<usize>()
}

#[tokio::test]
async fn body_that_breaks_off_is_retried_if_buffered() {
    let half = head(&faulty([]).0).await + 5;
    let (server, proxy) = faulty([Fault::Truncate(half)]);
    let response = client()
        .get(url(&proxy))
        .retrying(&API, TokioSleeper)
        .send()
        .await
        .unwrap();
    assert!(response.text().await.is_err(), "the body is read after the run");
    assert_eq!(server.requests(), 1);

    let (server, proxy) = faulty([Fault::Truncate(half)]);
    let response = client()
        .get(url(&proxy))
        .retrying(&API, TokioSleeper)
        .buffered()
        .send()
        .await
        .unwrap();
    assert_eq!(
        (response.url().as_str(), response.status().as_u16()),
        (&*url(&proxy), 200)
    );
    assert_eq!(
        (response.text().await.unwrap().as_str(), server.requests()),
        ("0123456789", 2)
    );

    let (server, proxy) = faulty([Fault::Truncate(half)]);
    let error = client()
        .post(url(&proxy))
        .retrying(&API, TokioSleeper)
        .buffered()
        .send()
        .await
        .unwrap_err();
    assert_eq!((error.reason(), server.requests()), (StopReason::Permanent, 1));
}

#[tokio::test]
async fn attempt_timeout_retries_what_is_repeatable() {
    let (server, proxy) = faulty([Fault::Delay(Duration::from_secs(5)), Fault::Stall]);
    let response = client()
        .get(url(&proxy))
        .retrying(&HASTY, TokioSleeper)
        .send()
        .await
        .unwrap();
    assert_eq!((response.status().as_u16(), proxy.connections()), (200, 3));
    assert_eq!(server.requests(), 2, "one stalled before the server");

    let (_server, proxy) = faulty([Fault::Delay(Duration::from_secs(5))]);
    let ended = post(client().post(url(&proxy)).body("order"), &HASTY).await;
    assert_eq!(ended, (Err(StopReason::AttemptTimedOut), vec![Unrepeatable::Method]));
    assert_eq!(proxy.connections(), 1);
}

#[tokio::test]
async fn timeout_of_client_retries_what_is_repeatable() {
    let client = Client::builder()
        .pool_max_idle_per_host(0)
        .timeout(Duration::from_millis(250))
        .build()
        .unwrap();
    let (_server, proxy) = faulty([Fault::Stall]);
    let response = client
        .get(url(&proxy))
        .retrying(&API, TokioSleeper)
        .send()
        .await
        .unwrap();
    assert_eq!((response.status().as_u16(), proxy.connections()), (200, 2));

    let (_server, proxy) = faulty([Fault::Stall]);
    let ended = post(client.post(url(&proxy)).body("order"), &API).await;
    assert_eq!(ended, (Err(StopReason::Permanent), vec![Unrepeatable::Method]));
    assert_eq!(proxy.connections(), 1);
}

#[tokio::test]
async fn timeout_of_run_ends_attempt() {
    let (_server, proxy) = faulty([Fault::Stall]);
    let get = client()
        .get(url(&proxy))
        .retrying(&API, TokioSleeper)
        .timeout(Duration::from_millis(50));
    assert_eq!(get.send().await.unwrap_err().reason(), StopReason::Elapsed);
}

#[tokio::test]
async fn signal_cancels_attempt() {
    let (_server, proxy) = faulty([Fault::Stall]);
    let get = client().get(url(&proxy)).retrying(&API, TokioSleeper);
    let signal = tokio::time::sleep(Duration::from_millis(50));
    assert_eq!(
        get.cancelled_by(signal).send().await.unwrap_err().reason(),
        StopReason::Cancelled
    );
    let get = client()
        .get(url(&proxy))
        .retrying(&API, TokioSleeper)
        .cancelled_by(ready(()));
    let error = get.send().await.unwrap_err();
    assert_eq!((error.reason(), error.attempts()), (StopReason::Cancelled, 0));
}

fn fault() -> impl Strategy<Value = Fault> {
    prop_oneof![
        3 => Just(Fault::Pass),
        2 => Just(Fault::Reset),
        2 => (0usize..120).prop_map(Fault::Truncate),
        1 => Just(Fault::Stall),
        1 => Just(Fault::Delay(Duration::from_millis(1))),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// No request is sent more often than policy and idempotence allow.
    #[test]
    fn requests_are_bounded_by_policy_and_idempotence(
        faults in prop::collection::vec(fault(), 0..5),
        statuses in prop::collection::vec(prop::sample::select(&[200, 404, 408, 421, 425, 429, 500, 501, 503][..]), 1..5),
        method in prop::sample::select(&["GET", "PUT", "POST", "PATCH"][..]),
        is_keyed in any::<bool>(),
        is_buffered in any::<bool>(),
        attempts in 1u32..5,
    ) {
        let server = Server::statuses(statuses.clone());
        let proxy = FaultProxy::start(server.address, faults.clone()).unwrap();
        let stalls = faults.contains(&Fault::Stall);
        let timeout = Duration::from_millis(if stalls { 40 } else { 10_000 });
        let policy = Policy::fixed(Duration::ZERO).max_attempts(attempts).attempt_timeout(timeout);
        let mut request = client().request(method.parse().unwrap(), url(&proxy)).body("order");
        if is_keyed {
            request = request.header("idempotency-key", "8e03978e");
        }
        let mut request = request.retrying(&policy, TokioSleeper);
        if is_buffered {
            request = request.buffered();
        }
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let response = runtime.block_on(request.send());
        let seen = server.seen();
        prop_assert!(proxy.connections() <= attempts as usize);
        prop_assert!(seen.iter().all(|request| request.headers.contains_key("idempotency-key") == is_keyed));
        if !is_keyed && matches!(method, "POST" | "PATCH") {
            let replies = statuses.iter().chain(std::iter::repeat(statuses.last().unwrap())).take(seen.len());
            let processed = replies.filter(|status| !matches!(status, 421 | 425 | 429)).count();
            prop_assert!(processed <= 1, "{} requests were processed", processed);
        }
        if faults.is_empty() && !matches!(statuses[0], 408 | 421 | 425 | 429 | 500 | 503) {
            prop_assert_eq!((response.unwrap().status().as_u16(), seen.len()), (statuses[0], 1));
        }
    }
}
