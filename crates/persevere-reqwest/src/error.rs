//! Errors of reqwest: how far the request came, and what they print.

use persevere_http::Delivery;
#[cfg(not(target_arch = "wasm32"))]
use persevere_http::hyper::{connecting, sending};

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

/// Returns how far a request came that failed with this error: for a classifier by the caller.
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

/// A browser does not report this.
#[cfg(target_arch = "wasm32")]
fn connecting(_: &reqwest::Error) -> Delivery {
    Delivery::Unknown
}

/// A browser does not report this.
#[cfg(target_arch = "wasm32")]
fn sending(_: &reqwest::Error) -> Option<Delivery> {
    None
}
