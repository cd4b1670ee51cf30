//! Ctrl-C ends a run at once, whether it waits or makes an attempt.
//!
//! The example sends the signal to itself, so that it ends without a keyboard.

use persevere::{Policy, StopReason, TokioSleeper};
use std::io;
use std::net::SocketAddr;
use std::process::Command;
use std::time::{Duration, Instant};
use tokio::net::TcpStream;

/// Without a signal this run goes on for more than an hour.
static PATIENT: Policy = Policy::exponential(Duration::from_secs(3600)).unlimited_attempts();

async fn connect(server: SocketAddr) -> io::Result<TcpStream> {
    TcpStream::connect(server).await
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    // A port on which nothing listens any more.
    let closed = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    let start = Instant::now();

    let run = PATIENT
        .on(TokioSleeper)
        .cancelled_by(tokio::signal::ctrl_c())
        .on_retry(|_, error: Option<&io::Error>, delay| println!("{error:?}, again in {delay:?}"))
        .run(|| connect(closed));
    let interrupt = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        Command::new("kill")
            .args(["-INT", &std::process::id().to_string()])
            .status()
    };
    let (result, killed) = tokio::join!(run, interrupt);
    assert!(killed?.success());

    let error = result.unwrap_err();
    println!("{error}, {:?} after the start", start.elapsed());
    assert_eq!((error.reason(), error.attempts()), (StopReason::Cancelled, 1));
    assert_eq!(error.last_error().unwrap().kind(), io::ErrorKind::ConnectionRefused);
    assert!(start.elapsed() < Duration::from_secs(60));
    Ok(())
}
