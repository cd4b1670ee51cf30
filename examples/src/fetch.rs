//! One GET request on each runtime, without retries, which are the policy's part.

use crate::http::{self, HttpError, Page};
use std::io::{self, Read, Write};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// Fetches a page on this thread. Nothing can interrupt it, so it obeys `timeout` itself.
///
/// # Errors
///
/// The error that prevented the page from arriving.
pub fn on_thread(server: SocketAddr, path: &str, timeout: Option<Duration>) -> Result<String, HttpError> {
    let end = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
    let mut stream = match time_left(end)? {
        Some(left) => std::net::TcpStream::connect_timeout(&server, left)?,
        None => std::net::TcpStream::connect(server)?,
    };
    stream.write_all(&http::get(path))?;
    let mut response = Vec::new();
    let mut part = [0; 1024];
    loop {
        // A socket's timeout applies to one read; the attempt's timeout applies to all reads.
        stream.set_read_timeout(time_left(end)?)?;
        match stream.read(&mut part) {
            Ok(0) => return Page::parse(&response)?.whole(),
            Ok(length) => response.extend_from_slice(&part[..length]),
            // Some platforms report a timeout as `WouldBlock`. The remaining time decides.
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// Returns the time until `end`, or an error if none is left, since a socket rejects a timeout of zero.
fn time_left(end: Option<Instant>) -> io::Result<Option<Duration>> {
    match end.map(|end| end.saturating_duration_since(Instant::now())) {
        Some(Duration::ZERO) => Err(io::ErrorKind::TimedOut.into()),
        left => Ok(left),
    }
}

/// Fetches a page on tokio.
///
/// # Errors
///
/// The error that prevented the page from arriving.
pub async fn on_tokio(server: SocketAddr, path: &str) -> Result<String, HttpError> {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let mut stream = tokio::net::TcpStream::connect(server).await?;
    stream.write_all(&http::get(path)).await?;
    let mut response = Vec::new();
    stream.read_to_end(&mut response).await?;
    Page::parse(&response)?.whole()
}
