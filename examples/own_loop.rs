//! The caller's own loop, for work between attempts: resumes an interrupted download.
//!
//! Each attempt mutably borrows the received bytes. The future is still `Send`, so it can be spawned.

use persevere::{Policy, Sleeper, Step, StopReason, TokioSleeper, backoff::Exponential};
use persevere_examples::http::{self, Page};
use persevere_examples::{HttpError, Reply, Script, Server};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

static PATIENT: Policy<Exponential> = Policy::exponential(Duration::from_millis(10)).max_attempts(3);

const TEXT: &str = "Well begun is half done.";

const SCRIPT: [Script; 2] = [
    (
        "text",
        &[
            Reply::Cut(TEXT, 5),
            Reply::Reset,
            Reply::Cut(TEXT, 8),
            Reply::Cut(TEXT, 6),
            Reply::Page(TEXT),
        ],
    ),
    ("dead", &[Reply::Cut(TEXT, 5), Reply::Reset]),
];

/// Fetches the missing part of the page and keeps what arrives, even if the connection breaks.
async fn resume(server: SocketAddr, path: &str, text: &mut Vec<u8>) -> Result<(), HttpError> {
    let mut stream = TcpStream::connect(server).await?;
    stream.write_all(&http::get_from(path, text.len())).await?;
    let mut response = Vec::new();
    stream.read_to_end(&mut response).await?;
    let page = Page::parse(&response)?;
    text.extend(&page.bytes);
    page.whole().map(drop)
}

async fn download(server: SocketAddr, path: &str) -> Result<Vec<u8>, (StopReason, HttpError)> {
    let mut text = Vec::new();
    let mut retry = PATIENT.start(TokioSleeper.now());
    loop {
        let before = text.len();
        let Err(error) = resume(server, path, &mut text).await else {
            return Ok(text);
        };
        if text.len() > before {
            // The attempt made progress: attempts, delays and time start again.
            retry.restart(TokioSleeper.now());
        }
        match retry.failed(&error, TokioSleeper.now()) {
            Step::Wait(delay) => {
                println!("{path}: {error} at byte {}, again in {delay:?}", text.len());
                TokioSleeper.sleep(delay).await;
            }
            Step::Stop(reason) => return Err((reason, error)),
        }
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let server = Server::start(SCRIPT)?;

    // Five attempts, but never three consecutive failures without progress.
    let text = tokio::spawn(download(server.address(), "/text")).await?;
    let text = String::from_utf8(text.map_err(|(_, error)| error)?)?;
    println!("/text: {text}");
    assert_eq!((text.as_str(), server.requests("/text")), (TEXT, 5));

    let (reason, error) = download(server.address(), "/dead").await.unwrap_err();
    println!("/dead: {reason}: {error}");
    assert_eq!((reason, server.requests("/dead")), (StopReason::Attempts, 3));
    Ok(())
}
