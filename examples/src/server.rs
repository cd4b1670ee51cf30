//! A real HTTP server on loopback that misbehaves by a fixed script.

use crate::http::{header, position};
use std::collections::HashMap;
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, SystemTime};

/// The server's reply to one request.
#[derive(Debug, Clone, Copy)]
pub enum Reply {
    /// The page, from the start of the request's `Range`.
    Page(&'static str),
    /// The page, truncated after the given number of bytes.
    Cut(&'static str, usize),
    /// The status without a page.
    Status(u16),
    /// The status with `Retry-After` in seconds.
    StatusAfter(u16, u64),
    /// The status with `Retry-After` as a date, the given time from now.
    StatusAt(u16, Duration),
    /// A TCP reset.
    Reset,
    /// The page after the given time, or no reply if the client disconnects before.
    Late(Duration, &'static str),
}

/// The last segment of a path, and the replies to its requests in order, of which the last repeats.
pub type Script = (&'static str, &'static [Reply]);

/// A running server, until the program ends.
///
/// Each path has its own position in the script: `/a/flaky` and `/b/flaky` both begin at the first reply of `flaky`.
#[derive(Debug, Clone)]
pub struct Server {
    address: SocketAddr,
    requests: Arc<Mutex<HashMap<String, usize>>>,
}

impl Server {
    /// Listens on a free port of loopback.
    ///
    /// # Errors
    ///
    /// If no port can be bound.
    pub fn start(script: impl IntoIterator<Item = Script>) -> io::Result<Server> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let server = Server {
            address: listener.local_addr()?,
            requests: Arc::default(),
        };
        let script: Arc<HashMap<_, _>> = Arc::new(script.into_iter().collect());
        let this = server.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (this, script) = (this.clone(), Arc::clone(&script));
                // The server ignores clients that disconnect early.
                thread::spawn(move || this.serve(stream, &script).ok());
            }
        });
        Ok(server)
    }

    /// Returns the server's address.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the number of requests for `path`.
    #[must_use]
    pub fn requests(&self, path: &str) -> usize {
        let requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        requests.get(path).copied().unwrap_or(0)
    }

    /// Counts a request for `path` and returns the number of earlier ones.
    fn count(&self, path: &str) -> usize {
        let mut requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        let count = requests.entry(path.to_owned()).or_default();
        *count += 1;
        *count - 1
    }

    fn serve(&self, mut stream: TcpStream, script: &HashMap<&str, &[Reply]>) -> io::Result<()> {
        let head = read_head(&mut stream)?;
        let path = head.split(' ').nth(1).unwrap_or_default();
        let before = self.count(path);
        let replies = path.rsplit('/').next().and_then(|name| script.get(name));
        let reply = replies.and_then(|replies| replies.get(before).or(replies.last()));
        match *reply.unwrap_or(&Reply::Status(404)) {
            Reply::Page(page) => send_page(&mut stream, &head, page, page.len()),
            Reply::Cut(page, length) => send_page(&mut stream, &head, page, length),
            Reply::Status(code) => write!(
                stream,
                "HTTP/1.1 {code} Scripted\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
            ),
            Reply::StatusAfter(code, seconds) => write!(
                stream,
                "HTTP/1.1 {code} Scripted\r\nConnection: close\r\nRetry-After: {seconds}\r\nContent-Length: 0\r\n\r\n"
            ),
            Reply::StatusAt(code, wait) => {
                let now = SystemTime::now();
                write!(
                    stream,
                    "HTTP/1.1 {code} Scripted\r\nConnection: close\r\nDate: {}\r\nRetry-After: {}\r\nContent-Length: 0\r\n\r\n",
                    httpdate::fmt_http_date(now),
                    httpdate::fmt_http_date(now + wait)
                )
            }
            // A linger time of zero makes closing send a TCP reset.
            Reply::Reset => socket2::SockRef::from(&stream).set_linger(Some(Duration::ZERO)),
            Reply::Late(silence, page) => {
                stream.set_read_timeout(Some(silence))?;
                // A waiting client sends nothing more, so the read ends when it disconnects or the time is over.
                match stream.peek(&mut [0]) {
                    Ok(_) => Ok(()),
                    Err(_) => send_page(&mut stream, &head, page, page.len()),
                }
            }
        }
    }
}

/// Reads a request and returns its head.
fn read_head(stream: &mut TcpStream) -> io::Result<String> {
    let mut head = Vec::new();
    let mut part = [0; 1024];
    while position(&head, b"\r\n\r\n").is_none() {
        match stream.read(&mut part)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            length => head.extend_from_slice(&part[..length]),
        }
    }
    let end = position(&head, b"\r\n\r\n").map_or(head.len(), |end| end + 4);
    let body = head.split_off(end);
    let head = String::from_utf8_lossy(&head).into_owned();
    let length: usize = header(&head, "Content-Length")
        .and_then(|length| length.parse().ok())
        .unwrap_or(0);
    // Closing with unread bytes would send a reset.
    stream.read_exact(&mut vec![0; length.saturating_sub(body.len())])?;
    Ok(head)
}

/// Announces `page` from the start of the request's range, and sends at most `sent` bytes of it.
fn send_page(stream: &mut TcpStream, head: &str, page: &str, sent: usize) -> io::Result<()> {
    let range = header(head, "Range").and_then(|range| range.strip_prefix("bytes=")?.strip_suffix('-'));
    let skip = range.and_then(|skip| skip.parse().ok()).unwrap_or(0);
    let rest = page.as_bytes().get(skip..).unwrap_or_default();
    let status = if range.is_some() {
        "206 Partial Content"
    } else {
        "200 OK"
    };
    let length = rest.len();
    write!(
        stream,
        "HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n"
    )?;
    stream.write_all(&rest[..sent.min(length)])
}

#[cfg(test)]
mod tests {
    use super::{Reply, Server};
    use crate::{HttpError, fetch};
    use std::io::ErrorKind;

    #[test]
    fn each_path_follows_script_and_repeats_last_reply() {
        let server = Server::start([("page", &[Reply::Status(500), Reply::Page("here")][..])]).unwrap();
        for path in ["/a/page", "/b/page"] {
            let get = || fetch::on_thread(server.address(), path, None);
            assert!(matches!(get(), Err(HttpError::Status { code: 500, .. })));
            assert_eq!((get().unwrap(), get().unwrap()), ("here".to_owned(), "here".to_owned()));
            assert_eq!(server.requests(path), 3);
        }
    }

    #[test]
    fn reset_and_truncated_replies_fail_by_kind() {
        let server = Server::start([("reset", &[Reply::Reset][..]), ("cut", &[Reply::Cut("page", 2)])]).unwrap();
        let kind = |path| match fetch::on_thread(server.address(), path, None) {
            Err(HttpError::Io(error)) => error.kind(),
            other => panic!("{path}: {other:?}"),
        };
        assert_eq!(kind("/reset"), ErrorKind::ConnectionReset);
        assert_eq!(kind("/cut"), ErrorKind::UnexpectedEof);
    }
}
