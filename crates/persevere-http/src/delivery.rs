//! How far a request came that got no response.

use std::error::Error;
use std::io::{self, ErrorKind};

/// How far a request came that failed without a response, as far as its error shows.
///
/// | variant | such as | repeatable request | other request |
/// |---|---|---|---|
/// | `NeverSent` | connection refused, DNS failure, a pooled connection that closed before the write | retry | retry |
/// | `Rejected` | `REFUSED_STREAM` or `GOAWAY` of HTTP/2 | retry | retry |
/// | `TimedOut`, `Unknown` | timeout, reset connection, incomplete response head | retry | stop |
/// | `Answered` | the response's body broke off or cannot be decoded | stop, or retry on demand | stop |
/// | `Impossible` | invalid URL, redirect loop, certificate | stop | stop |
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Delivery {
    /// No byte of the request reached the server.
    NeverSent,
    /// The server reported that it did not process the request.
    Rejected,
    /// No response came in time. Whether the server processed the request is unknown.
    TimedOut,
    /// The connection was lost. Whether the server processed the request is unknown.
    Unknown,
    /// The head of a response came, and its body did not.
    Answered,
    /// The same request fails in the same way.
    Impossible,
}

/// An error of an HTTP client that returns how far the request came.
///
/// ```
/// use persevere::http::{Delivery, HttpError, transient};
/// use persevere::{Classifier, Verdict};
///
/// enum ClientError { Connect, Lost }
///
/// impl HttpError for ClientError {
///     fn delivery(&self) -> Delivery {
///         match self {
///             ClientError::Connect => Delivery::NeverSent,
///             ClientError::Lost => Delivery::Unknown,
///         }
///     }
/// }
/// assert_eq!(transient().classify(&ClientError::Connect), Verdict::Retry);
/// assert_eq!(transient().classify(&ClientError::Lost), Verdict::Stop);
/// assert_eq!(transient().repeatable(true).classify(&ClientError::Lost), Verdict::Retry);
/// ```
pub trait HttpError {
    /// How far the request came.
    fn delivery(&self) -> Delivery;
}

/// By [`kind`](io::Error::kind): `ConnectionRefused` is `NeverSent`, `TimedOut` and `WouldBlock` are `TimedOut`, and
/// any other end of a connection is `Unknown`. All others are `Impossible`.
impl HttpError for io::Error {
    fn delivery(&self) -> Delivery {
        match self.kind() {
            ErrorKind::ConnectionRefused => Delivery::NeverSent,
            ErrorKind::TimedOut | ErrorKind::WouldBlock => Delivery::TimedOut,
            ErrorKind::HostUnreachable
            | ErrorKind::NetworkUnreachable
            | ErrorKind::NetworkDown
            | ErrorKind::ConnectionReset
            | ErrorKind::ConnectionAborted
            | ErrorKind::BrokenPipe
            | ErrorKind::NotConnected
            | ErrorKind::UnexpectedEof
            | ErrorKind::Interrupted => Delivery::Unknown,
            _ => Delivery::Impossible,
        }
    }
}

/// By the first [`io::Error`] in the chain whose delivery is possible; otherwise `Impossible`. With the feature `hyper`, an
/// error of hyper in the chain comes first.
impl HttpError for Box<dyn Error + Send + Sync> {
    fn delivery(&self) -> Delivery {
        #[cfg(feature = "hyper")]
        if let Some(delivery) = crate::hyper::delivery(Some(&**self)) {
            return delivery;
        }
        let mut next: Option<&(dyn Error + 'static)> = Some(&**self);
        while let Some(error) = next {
            match error.downcast_ref::<io::Error>() {
                Some(io) if io.delivery() != Delivery::Impossible => return io.delivery(),
                Some(io) => next = io.get_ref().map(|inner| inner as _),
                None => next = error.source(),
            }
        }
        Delivery::Impossible
    }
}
