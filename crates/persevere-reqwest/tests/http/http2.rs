//! Requests that an HTTP/2 server reports as not processed.

use crate::server::Server;
use h2::Reason;
use persevere::http::Delivery;
use persevere::reqwest::{RetryRequest, delivery};
use persevere::{Policy, StopReason, TokioSleeper};
use persevere_testkit::{Fault, FaultProxy};
use reqwest::Client;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

static API: Policy = Policy::exponential(Duration::from_millis(1)).max_attempts(4);

/// A client that leaves all retries to the policy.
fn client() -> Client {
    Client::builder()
        .http2_prior_knowledge()
        .retry(reqwest::retry::never())
        .build()
        .unwrap()
}

/// A server that resets the first streams with these reasons, and replies 200 to all others.
async fn resetting(reasons: &'static [Reason]) -> (SocketAddr, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (address, requests) = (listener.local_addr().unwrap(), Arc::new(AtomicUsize::new(0)));
    let counter = Arc::clone(&requests);
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let counter = Arc::clone(&counter);
            tokio::spawn(async move {
                let mut connection = h2::server::handshake(stream).await.unwrap();
                while let Some(Ok((_, mut respond))) = connection.accept().await {
                    match reasons.get(counter.fetch_add(1, Ordering::SeqCst)) {
                        Some(reason) => respond.send_reset(*reason),
                        None => drop(respond.send_response(http::Response::new(()), true)),
                    }
                }
            });
        }
    });
    (address, requests)
}

#[tokio::test]
async fn statuses_are_retried_over_http2() {
    let server = Server::statuses([503, 503, 200]);
    let response = client()
        .get(server.url())
        .retrying(&API, TokioSleeper)
        .send()
        .await
        .unwrap();
    assert_eq!(
        (response.version(), response.status().as_u16()),
        (http::Version::HTTP_2, 200)
    );
    assert_eq!((server.requests(), server.connections()), (3, 1));
}

#[tokio::test]
async fn refused_stream_retries_every_method() {
    let (address, requests) = resetting(&[Reason::REFUSED_STREAM, Reason::REFUSED_STREAM]).await;
    let post = client()
        .post(format!("http://{address}"))
        .body("order")
        .retrying(&API, TokioSleeper);
    let post = post.on_retry(|_, error, _| assert_eq!(delivery(error.unwrap()), Delivery::Rejected));
    assert_eq!(post.send().await.unwrap().status().as_u16(), 200);
    assert_eq!(requests.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn other_reset_retries_what_is_repeatable() {
    let (address, requests) = resetting(&[Reason::INTERNAL_ERROR]).await;
    let get = client().get(format!("http://{address}")).retrying(&API, TokioSleeper);
    assert_eq!(get.send().await.unwrap().status().as_u16(), 200);
    assert_eq!(requests.load(Ordering::SeqCst), 2);

    let (address, requests) = resetting(&[Reason::INTERNAL_ERROR]).await;
    let post = client()
        .post(format!("http://{address}"))
        .body("order")
        .retrying(&API, TokioSleeper);
    let error = post.send().await.unwrap_err();
    assert_eq!(
        (error.reason(), requests.load(Ordering::SeqCst)),
        (StopReason::Permanent, 1)
    );
}

/// Reads what the client sends up to its first HEADERS frame.
async fn read_headers(stream: &mut TcpStream) {
    const PREFACE: usize = 24;
    stream.read_exact(&mut [0; PREFACE]).await.unwrap();
    loop {
        let mut head = [0; 9];
        stream.read_exact(&mut head).await.unwrap();
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
        stream.read_exact(&mut vec![0; length as usize]).await.unwrap();
        if head[3] == 1 {
            return;
        }
    }
}

/// A server that does not process the first stream of its first connection, and reports this by GOAWAY without an
/// error. It replies 200 to all others.
async fn going_away() -> SocketAddr {
    const SETTINGS: [u8; 9] = [0, 0, 0, 4, 0, 0, 0, 0, 0];
    const GOAWAY: [u8; 17] = [0, 0, 8, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (mut first, _) = listener.accept().await.unwrap();
        first.write_all(&SETTINGS).await.unwrap();
        read_headers(&mut first).await;
        first.write_all(&GOAWAY).await.unwrap();
        let (second, _) = listener.accept().await.unwrap();
        let mut connection = h2::server::handshake(second).await.unwrap();
        while let Some(Ok((_, mut respond))) = connection.accept().await {
            let _ = respond.send_response(http::Response::new(()), true);
        }
    });
    address
}

#[tokio::test]
async fn goaway_without_error_retries_every_method() {
    let address = going_away().await;
    let post = client()
        .post(format!("http://{address}"))
        .body("order")
        .retrying(&API, TokioSleeper);
    let post = post.on_retry(|_, error, _| assert_eq!(delivery(error.unwrap()), Delivery::Rejected));
    assert_eq!(post.send().await.unwrap().status().as_u16(), 200);
}

/// A request that the proxy rejected is processed once, although it may not be repeated.
#[tokio::test]
async fn requests_that_the_proxy_refuses_are_sent_again() {
    for fault in [Fault::GoAway, Fault::RefuseStream] {
        let (address, processed) = resetting(&[]).await;
        let proxy = FaultProxy::start(address, [fault, fault]).unwrap();
        let request = client().post(format!("http://{}/", proxy.address())).body("order");
        let response = request.retrying(&API, TokioSleeper).send().await.unwrap();
        assert_eq!(response.status(), 200, "{fault:?}");
        assert_eq!(
            (proxy.connections(), processed.load(Ordering::SeqCst)),
            (3, 1),
            "{fault:?}"
        );
    }
}
