//! A session that is kept alive: reconnects with growing delays, and starts over once a session was well.

use persevere::{Policy, StopReason, TokioSleeper};
use std::io;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

static RECONNECT: Policy = Policy::exponential(Duration::from_millis(2)).max_attempts(4);

/// Reads until the peer closes the connection.
async fn session(server: SocketAddr, received: &mut Vec<u8>) -> io::Result<()> {
    let mut stream = TcpStream::connect(server).await?;
    stream.read_to_end(received).await?;
    Err(io::ErrorKind::UnexpectedEof.into())
}

/// Sends one byte on each of five connections, and listens no more.
async fn serve(listener: TcpListener) -> io::Result<()> {
    for byte in 0..5 {
        let (mut stream, _) = listener.accept().await?;
        stream.write_all(&[byte]).await?;
        // The session is well for this long.
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let server = listener.local_addr()?;
    tokio::spawn(serve(listener));

    let mut received = Vec::new();
    let mut steps = RECONNECT.on(TokioSleeper).steps();
    let error = loop {
        let Err(error) = session(server, &mut received).await else {
            unreachable!("a session ends with an error")
        };
        if steps.reset_after(Duration::from_millis(20)) {
            println!("a session of 20 ms or more was well");
        }
        println!("{error}");
        if let Err(error) = steps.backoff(error).await {
            break error;
        }
    };
    println!("{error}");
    assert_eq!(received, [0, 1, 2, 3, 4], "four attempts would not have been enough");
    assert_eq!((error.reason(), error.attempts()), (StopReason::Attempts, 4));
    Ok(())
}
