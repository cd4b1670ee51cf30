//! Errors of reqwest: how far the request came, and what they print.

use persevere_http::Delivery;
use std::error::Error;
use std::io::{self, ErrorKind};

/// An error of a client that is reqwest, or is built upon it.
pub(crate) trait ClientError: From<reqwest::Error> {
    fn delivery(&self) -> Delivery;
    /// Removes what may be secret.
    fn redact(&mut self);
}

impl ClientError for reqwest::Error {
    fn delivery(&self) -> Delivery {
        delivery(self)
    }

    fn redact(&mut self) {
        redact(self);
    }
}

/// Says how far a request came that failed with this error: for a classifier of your own.
///
/// ```
/// use persevere::http::{Delivery, transient};
/// use persevere::reqwest::delivery;
/// use persevere::{Policy, TokioSleeper};
/// use std::time::Duration;
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let policy = Policy::fixed(Duration::from_millis(1))
///     .classify_with(|error: &reqwest::Error| transient().failure(delivery(error)));
/// // Nothing listens on port 9 of loopback.
/// let error = policy.on(TokioSleeper).run(|| reqwest::get("http://127.0.0.1:9/")).await.unwrap_err();
/// assert_eq!(delivery(error.last_error().unwrap()), Delivery::NeverSent);
/// assert_eq!(error.attempts(), 3);
/// # }
/// ```
#[must_use]
pub fn delivery(error: &reqwest::Error) -> Delivery {
    if error.is_builder() || error.is_redirect() || error.is_upgrade() || error.is_status() {
        Delivery::Impossible
    } else if is_connect(error) {
        if error.is_timeout() {
            Delivery::NeverSent
        } else {
            connecting(error)
        }
    } else if error.is_body() || error.is_decode() {
        Delivery::Answered
    } else {
        match sending(error) {
            Some(delivery) => delivery,
            None if error.is_timeout() => Delivery::TimedOut,
            None => Delivery::Unknown,
        }
    }
}

/// Removes what may be secret from the URL of an error: the user, the password, the query and the fragment.
pub(crate) fn redact(error: &mut reqwest::Error) {
    if let Some(url) = error.url_mut() {
        // A URL that cannot have credentials has none.
        let _ = url.set_username("");
        let _ = url.set_password(None);
        url.set_query(None);
        url.set_fragment(None);
    }
}

#[cfg(not(target_arch = "wasm32"))]
fn is_connect(error: &reqwest::Error) -> bool {
    error.is_connect() || error.is_dns()
}

#[cfg(target_arch = "wasm32")]
fn is_connect(_: &reqwest::Error) -> bool {
    false
}

/// What a proxy that cannot reach the server now makes of its error, which has no public type.
const TUNNEL_ERRORS: [&str; 2] = ["tunnel error: unsuccessful", "tunnel error: unexpected end of file"];

/// How far a request came whose connection was not made. It goes away if it is an error of the network, of DNS or of a
/// proxy. An error of TLS, which rustls reports as invalid data, does not, nor does a scheme that is not supported.
fn connecting(error: &(dyn Error + 'static)) -> Delivery {
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

/// How far a request came whose connection was made, as far as the errors below say.
#[cfg(not(target_arch = "wasm32"))]
fn sending(error: &(dyn Error + 'static)) -> Option<Delivery> {
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

#[cfg(target_arch = "wasm32")]
fn sending(_: &(dyn Error + 'static)) -> Option<Delivery> {
    None
}

/// What a server says of a stream that it did not process.
#[cfg(all(feature = "http2", not(target_arch = "wasm32")))]
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
