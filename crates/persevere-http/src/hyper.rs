//! Errors of hyper, and of clients that are built upon it: how far the request came.

use crate::{Delivery, HttpError};
use hyper_util::client::legacy;
use std::error::Error;
use std::io::{self, ErrorKind};

/// | error | delivery |
/// |---|---|
/// | `is_canceled` | `NeverSent` |
/// | `REFUSED_STREAM` or a clean `GOAWAY` below it (feature `http2`) | `Rejected` |
/// | `is_user` | `Impossible` |
/// | `is_parse` | `Answered` |
/// | `is_timeout`, or a timeout of the connection below it | `TimedOut` |
/// | any other, such as `is_incomplete_message` | `Unknown` |
impl HttpError for hyper::Error {
    fn delivery(&self) -> Delivery {
        let io = || chain(self).find_map(|error| Some(error.downcast_ref::<io::Error>()?.delivery()));
        match sending(self) {
            Some(delivery) => delivery,
            None if self.is_timeout() || io() == Some(Delivery::TimedOut) => Delivery::TimedOut,
            None => Delivery::Unknown,
        }
    }
}

/// By [`connecting`] if the connection was not made, otherwise by the `hyper::Error` below it.
impl HttpError for legacy::Error {
    fn delivery(&self) -> Delivery {
        if self.is_connect() {
            connecting(self)
        } else {
            delivery(self.source()).unwrap_or(Delivery::Unknown)
        }
    }
}

/// How far a request came, by the first error of hyper in a chain; `None` if there is none.
pub(crate) fn delivery(error: Option<&(dyn Error + 'static)>) -> Option<Delivery> {
    chain(error?).find_map(|error| match error.downcast_ref::<legacy::Error>() {
        Some(legacy) => Some(legacy.delivery()),
        None => Some(error.downcast_ref::<hyper::Error>()?.delivery()),
    })
}

/// The messages of the errors if a proxy cannot reach the server at the moment. These errors have no public type.
const TUNNEL_ERRORS: [&str; 2] = ["tunnel error: unsuccessful", "tunnel error: unexpected end of file"];

/// Returns how far a request came whose connection was not made, by the chain of its error.
///
/// An error of the network, of DNS or of a proxy may go away: `NeverSent`. An error of TLS, which rustls reports as invalid
/// data, does not, nor does a scheme that is not supported: `Impossible`.
///
/// ```
/// use persevere::http::{Delivery, hyper::connecting};
/// use std::io::{Error, ErrorKind};
///
/// assert_eq!(connecting(&Error::from(ErrorKind::ConnectionRefused)), Delivery::NeverSent);
/// assert_eq!(connecting(&Error::new(ErrorKind::InvalidData, "invalid peer certificate")), Delivery::Impossible);
/// ```
#[must_use]
pub fn connecting(error: &(dyn Error + 'static)) -> Delivery {
    let mut delivery = Delivery::Impossible;
    for error in chain(error) {
        match error.downcast_ref::<io::Error>().map(io::Error::kind) {
            Some(ErrorKind::InvalidData | ErrorKind::InvalidInput) => return Delivery::Impossible,
            Some(_) => delivery = Delivery::NeverSent,
            None if TUNNEL_ERRORS.contains(&error.to_string().as_str()) => delivery = Delivery::NeverSent,
            None => {}
        }
    }
    delivery
}

/// Returns how far a request came whose connection was made, by the errors of hyper and h2 in the chain. `None` if they
/// do not show it.
///
/// ```
/// use persevere::http::hyper::sending;
///
/// assert_eq!(sending(&std::io::Error::other("no error of hyper")), None);
/// ```
#[must_use]
pub fn sending(error: &(dyn Error + 'static)) -> Option<Delivery> {
    chain(error).find_map(|error| {
        #[cfg(feature = "http2")]
        if let Some(delivery) = error.downcast_ref::<h2::Error>().and_then(unprocessed) {
            return Some(delivery);
        }
        let hyper = error.downcast_ref::<hyper::Error>()?;
        if hyper.is_canceled() {
            Some(Delivery::NeverSent)
        } else if hyper.is_user() {
            Some(Delivery::Impossible)
        } else if hyper.is_parse() {
            Some(Delivery::Answered)
        } else {
            None
        }
    })
}

/// Returns `Rejected` if the server reported that it did not process the stream.
#[cfg(feature = "http2")]
fn unprocessed(error: &h2::Error) -> Option<Delivery> {
    let is_unprocessed = match error.reason()? {
        h2::Reason::REFUSED_STREAM => error.is_reset(),
        h2::Reason::NO_ERROR => error.is_go_away(),
        _ => false,
    };
    (is_unprocessed && error.is_remote()).then_some(Delivery::Rejected)
}

/// An error and those below it, also those within an [`io::Error`].
fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error| below(*error))
}

fn below<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    match error.downcast_ref::<io::Error>() {
        Some(io) => io.get_ref().map(|inner| inner as _),
        None => error.source(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connection_error_of_tls_is_impossible() {
        let tls = io::Error::new(ErrorKind::InvalidData, "invalid peer certificate");
        assert_eq!(connecting(&io::Error::other(tls)), Delivery::Impossible);
    }

    #[test]
    fn connection_error_without_cause_is_impossible() {
        assert_eq!(
            connecting(&Text("invalid URL, scheme is not http")),
            Delivery::Impossible
        );
    }

    #[test]
    fn proxy_without_server_is_never_sent() {
        assert_eq!(connecting(&Text("tunnel error: unsuccessful")), Delivery::NeverSent);
        assert_eq!(
            connecting(&Text("tunnel error: proxy authorization required")),
            Delivery::Impossible
        );
    }

    #[derive(Debug)]
    struct Text(&'static str);

    impl std::fmt::Display for Text {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str(self.0)
        }
    }

    impl Error for Text {}

    #[test]
    fn other_connection_errors_are_never_sent() {
        for kind in [
            ErrorKind::ConnectionRefused,
            ErrorKind::ConnectionReset,
            ErrorKind::HostUnreachable,
        ] {
            assert_eq!(
                connecting(&io::Error::other(io::Error::from(kind))),
                Delivery::NeverSent
            );
        }
    }
}
