//! One GET request on async-std and smol, for the examples of this package. It is a package of its own, so that the
//! other examples build with tokio alone.

#![forbid(unsafe_code)]

use persevere_examples::HttpError;
use persevere_examples::http::{self, Page};
use std::net::SocketAddr;

/// Fetches a page on async-std.
///
/// # Errors
///
/// The error that prevented the page from arriving.
pub async fn on_async_std(server: SocketAddr, path: &str) -> Result<String, HttpError> {
    use async_std::io::{ReadExt, WriteExt};
    let mut stream = async_std::net::TcpStream::connect(server).await?;
    stream.write_all(&http::get(path)).await?;
    let mut response = Vec::new();
    stream.read_to_end(&mut response).await?;
    Page::parse(&response)?.whole()
}

/// Fetches a page on smol or any other executor, since smol's sockets are woken by their own thread.
///
/// # Errors
///
/// The error that prevented the page from arriving.
pub async fn on_smol(server: SocketAddr, path: &str) -> Result<String, HttpError> {
    use smol::io::{AsyncReadExt, AsyncWriteExt};
    let mut stream = smol::net::TcpStream::connect(server).await?;
    stream.write_all(&http::get(path)).await?;
    let mut response = Vec::new();
    stream.read_to_end(&mut response).await?;
    Page::parse(&response)?.whole()
}
