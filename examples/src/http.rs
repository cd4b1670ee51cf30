//! The part of HTTP/1.1 that the examples need: one request and one response per connection.

use persevere::{Retryable, Verdict};
use std::io;
use std::time::Duration;

/// The reason why a request did not return the page.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// The connection failed or broke, or the response is not HTTP.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The server replied with another status.
    #[error("status {code}{}", retry_after.map_or(String::new(), |hint| format!(", retry after {hint:?}")))]
    Status {
        /// The status code.
        code: u16,
        /// The delay of `Retry-After`; `None` if the header is missing.
        retry_after: Option<Duration>,
    },
}

impl From<io::ErrorKind> for HttpError {
    fn from(kind: io::ErrorKind) -> HttpError {
        HttpError::Io(kind.into())
    }
}

impl HttpError {
    /// Returns the verdict: whether the same request may succeed later.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, TimedOut, UnexpectedEof};
        match self {
            HttpError::Io(error) => matches!(
                error.kind(),
                ConnectionRefused | ConnectionReset | ConnectionAborted | UnexpectedEof | TimedOut
            ),
            HttpError::Status { code, .. } => matches!(code, 408 | 429 | 500 | 502..=504),
        }
    }
}

impl Retryable for HttpError {
    fn verdict(&self) -> Verdict {
        match self {
            HttpError::Status {
                retry_after: Some(hint),
                ..
            } if self.is_transient() => Verdict::RetryAfter(*hint),
            _ if self.is_transient() => Verdict::Retry,
            _ => Verdict::Stop,
        }
    }
}

/// Returns a request for the page at `path`.
#[must_use]
pub fn get(path: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").into_bytes()
}

/// Returns a request for the page at `path` without its first `skip` bytes.
#[must_use]
pub fn get_from(path: &str, skip: usize) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nRange: bytes={skip}-\r\nConnection: close\r\n\r\n").into_bytes()
}

/// The part of a page that arrived before the connection was closed.
#[derive(Debug)]
pub struct Page {
    /// The received bytes.
    pub bytes: Vec<u8>,
    /// The number of bytes that the server announced and did not send.
    pub missing: usize,
}

impl Page {
    /// Parses a response.
    ///
    /// # Errors
    ///
    /// If the response is not HTTP or its status is not a success.
    pub fn parse(response: &[u8]) -> Result<Page, HttpError> {
        let end = position(response, b"\r\n\r\n").ok_or(io::ErrorKind::UnexpectedEof)?;
        let head = std::str::from_utf8(&response[..end]).map_err(|_| io::ErrorKind::InvalidData)?;
        let code = head.split(' ').nth(1).and_then(|code| code.parse().ok());
        let code = code.ok_or(io::ErrorKind::InvalidData)?;
        if !matches!(code, 200..=299) {
            // A date in the header is ignored here.
            let retry_after = header(head, "Retry-After").and_then(|seconds| seconds.parse().ok());
            return Err(HttpError::Status {
                code,
                retry_after: retry_after.map(Duration::from_secs),
            });
        }
        let bytes = response[end + 4..].to_vec();
        let length = header(head, "Content-Length").and_then(|length| length.parse().ok());
        let length: usize = length.ok_or(io::ErrorKind::InvalidData)?;
        let missing = length.saturating_sub(bytes.len());
        Ok(Page { bytes, missing })
    }

    /// Returns the text of the page.
    ///
    /// # Errors
    ///
    /// If a part of the page is missing, or the page is not UTF-8.
    pub fn whole(self) -> Result<String, HttpError> {
        if self.missing > 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        String::from_utf8(self.bytes).map_err(|_| io::ErrorKind::InvalidData.into())
    }
}

/// Returns the value of a header in the head of a request or response.
#[must_use]
pub fn header<'h>(head: &'h str, name: &str) -> Option<&'h str> {
    let mut headers = head.lines().filter_map(|line| line.split_once(':'));
    let (_, value) = headers.find(|(key, _)| key.eq_ignore_ascii_case(name))?;
    Some(value.trim())
}

/// Returns the position of `needle` in `bytes`.
#[must_use]
pub fn position(bytes: &[u8], needle: &[u8]) -> Option<usize> {
    bytes.windows(needle.len()).position(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(response: &str) -> Verdict {
        let page = Page::parse(response.as_bytes()).and_then(Page::whole);
        page.map_or_else(|error| error.verdict(), |_| Verdict::Accept)
    }

    #[test]
    fn truncated_page_counts_missing_bytes() {
        assert_eq!(
            verdict("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"),
            Verdict::Accept
        );
        let page = Page::parse(b"HTTP/1.1 206 OK\r\nContent-Length: 5\r\n\r\nhi").unwrap();
        assert_eq!((&page.bytes[..], page.missing), (&b"hi"[..], 3));
        assert_eq!(
            verdict("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhi"),
            Verdict::Retry
        );
        assert_eq!(verdict("HTTP/1.1 200 OK\r\nConte"), Verdict::Retry);
    }

    #[test]
    fn response_without_http_stops() {
        assert_eq!(verdict("SSH-2.0-server\r\n\r\n"), Verdict::Stop);
        assert_eq!(verdict("HTTP/1.1 200 OK\r\n\r\nno length"), Verdict::Stop);
    }

    #[test]
    fn hint_in_seconds_of_transient_status_is_used() {
        let after = |code, value| verdict(&format!("HTTP/1.1 {code} X\r\nretry-after: {value}\r\n\r\n"));
        assert_eq!(after(503, "7"), Verdict::RetryAfter(Duration::from_secs(7)));
        assert_eq!(after(503, "soon"), Verdict::Retry);
        assert_eq!(after(503, "Sun, 06 Nov 1994 08:49:37 GMT"), Verdict::Retry);
        assert_eq!(after(404, "7"), Verdict::Stop);
    }
}
