//! A client on reqwest: GET and a keyed POST, `Retry-After` in both forms, a deadline, and a log line for each retry.

use persevere::reqwest::RetryRequest;
use persevere::{Policy, StopReason, TokioSleeper};
use persevere_examples::{Reply, Script, Server};
use std::error::Error;
use std::time::Duration;

const SCRIPT: [Script; 4] = [
    (
        "page",
        &[Reply::Status(503), Reply::StatusAfter(429, 1), Reply::Page("here")],
    ),
    (
        "dated",
        &[Reply::StatusAt(429, Duration::from_secs(1)), Reply::Page("at last")],
    ),
    ("orders", &[Reply::Reset, Reply::Status(503), Reply::Page("ordered")]),
    ("down", &[Reply::Status(503)]),
];

static API: Policy = Policy::exponential(Duration::from_millis(50)).max_attempts(4);

/// Sends a request until it succeeds, for at most ten seconds, and logs each retry.
async fn text(request: reqwest::RequestBuilder) -> Result<String, Box<dyn Error>> {
    let log = |attempt, error: Option<&reqwest::Error>, delay| match error {
        Some(error) => println!("attempt {attempt}: {error}, again in {delay:?}"),
        None => println!("attempt {attempt}: timed out, again in {delay:?}"),
    };
    let request = request
        .retrying(&API, TokioSleeper)
        .timeout(Duration::from_secs(10))
        .on_retry(log);
    Ok(request.send().await?.error_for_status()?.text().await?)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let server = Server::start(SCRIPT)?;
    let url = |path: &str| format!("http://{}{path}", server.address());
    let client = reqwest::Client::new();

    assert_eq!(text(client.get(url("/page"))).await?, "here");
    assert_eq!(text(client.get(url("/dated"))).await?, "at last");

    // The server recognizes the order by its key, so that it may be sent again after a reset.
    let order = client
        .post(url("/orders"))
        .header("idempotency-key", "8e03978e")
        .body("one");
    assert_eq!(text(order).await?, "ordered");

    // Without a key the server may have processed it: the first response is the last.
    assert!(text(client.post(url("/down")).body("one")).await.is_err());
    assert_eq!(server.requests("/down"), 1);

    // A response that is still a 503 in the end is returned, or explained on demand.
    let down = || client.get(url("/down")).retrying(&API, TokioSleeper);
    assert_eq!(down().send().await?.status(), 503);
    let error = down().explained().send().await.unwrap_err();
    assert_eq!((error.reason(), error.attempts()), (StopReason::Attempts, 4));
    println!("{error}");
    Ok(())
}
