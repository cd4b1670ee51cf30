//! On tokio: fetches several pages concurrently, each in a spawned task, with a closure that classifies errors.

use persevere::{Policy, StopReason, TokioSleeper, Verdict};
use persevere_examples::http::{self, Page};
use persevere_examples::{HttpError, Reply, Script, Server};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const SCRIPT: [Script; 4] = [
    ("flaky", &[Reply::Reset, Reply::Status(503), Reply::Page("here")]),
    ("throttled", &[Reply::StatusAfter(429, 1), Reply::Page("at last")]),
    (
        "slow",
        &[Reply::Late(Duration::from_secs(5), "too late"), Reply::Page("in time")],
    ),
    ("missing", &[Reply::Status(404)]),
];

async fn fetch(server: SocketAddr, path: &str) -> Result<String, HttpError> {
    let mut stream = TcpStream::connect(server).await?;
    stream.write_all(&http::get(path)).await?;
    let mut response = Vec::new();
    stream.read_to_end(&mut response).await?;
    Page::parse(&response)?.whole()
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let server = Server::start(SCRIPT)?;
    let address = server.address();

    let policy = Policy::exponential(Duration::from_millis(50))
        .max_delay(Duration::from_secs(5))
        .max_attempts(4)
        .attempt_timeout(Duration::from_millis(500))
        .classify_with(|error: &HttpError| match error {
            HttpError::Status {
                retry_after: Some(hint),
                ..
            } => Verdict::RetryAfter(*hint),
            HttpError::Status {
                code: 429 | 500..=599, ..
            }
            | HttpError::Io(_) => Verdict::Retry,
            HttpError::Status { .. } => Verdict::Stop,
        });

    let tasks = ["/flaky", "/throttled", "/slow", "/missing"].map(|path| {
        tokio::spawn(async move {
            policy
                .on(TokioSleeper)
                .on_retry(|attempt, error, delay| match error {
                    Some(error) => println!("{path} {attempt}: {error}, again in {delay:?}"),
                    None => println!("{path} {attempt}: timed out, again in {delay:?}"),
                })
                .run(|| fetch(address, path))
                .await
        })
    });
    let [flaky, throttled, slow, missing] = tasks;

    assert_eq!((flaky.await??.as_str(), server.requests("/flaky")), ("here", 3));
    assert_eq!(
        (throttled.await??.as_str(), server.requests("/throttled")),
        ("at last", 2)
    );
    assert_eq!((slow.await??.as_str(), server.requests("/slow")), ("in time", 2));
    let error = missing.await?.unwrap_err();
    assert_eq!(
        (error.reason(), server.requests("/missing")),
        (StopReason::Permanent, 1)
    );
    println!("/missing: {error:#}");
    Ok(())
}
