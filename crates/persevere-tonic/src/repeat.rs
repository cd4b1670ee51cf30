//! A request for each attempt.

use crate::timeout::{self, TIMEOUT};
use persevere_core::Attempt;
use tonic::Request;
use tonic::metadata::MetadataValue;

pub(crate) const PREVIOUS_ATTEMPTS: &str = "grpc-previous-rpc-attempts";

/// Repeats a request, which is not `Clone` itself: see [`Repeat`].
#[must_use]
pub const fn repeat<T: Clone>(request: &Request<T>) -> Repeat<'_, T> {
    Repeat { request }
}

/// Builds a request for each attempt from one request; made by [`repeat`].
///
/// # Examples
///
/// ```
/// use persevere::Attempt;
/// use persevere_tonic::repeat;
/// use std::time::Duration;
/// use tonic::Request;
///
/// let request = Request::new("hello");
/// let second = repeat(&request).attempt(&Attempt::new(2).within(Duration::from_secs(1)));
/// assert_eq!(*second.get_ref(), "hello");
/// assert_eq!(second.metadata().get("grpc-previous-rpc-attempts").unwrap(), "1");
/// assert_eq!(second.metadata().get("grpc-timeout").unwrap(), "1100000u");
/// ```
#[derive(Debug)]
pub struct Repeat<'a, T> {
    request: &'a Request<T>,
}

impl<T: Clone> Repeat<'_, T> {
    /// Builds the request of an attempt: the same message, metadata and extensions, except that
    ///
    /// - `grpc-previous-rpc-attempts` is the number of the attempts before. The first attempt has none.
    /// - `grpc-timeout` is the limit of the attempt plus 100 ms, if it has a limit and the sum is below the request's
    ///   own timeout. With this margin the run times out first, and cancels the call. Otherwise the server or the
    ///   client's channel would end it with a status that is seldom retried ([`CANCELLED`](tonic::Code::Cancelled) for
    ///   tonic).
    ///
    /// The request's own timeout limits each attempt, and ends it with such a status. The run's
    /// [`timeout`](persevere_core::Run::timeout) limits all attempts together, and each attempt gets the rest of it.
    #[must_use]
    pub fn attempt(self, attempt: &Attempt) -> Request<T> {
        let mut metadata = self.request.metadata().clone();
        match attempt.number() {
            0 | 1 => drop(metadata.remove(PREVIOUS_ATTEMPTS)),
            number => drop(metadata.insert(PREVIOUS_ATTEMPTS, MetadataValue::from(number - 1))),
        }
        let own = metadata
            .get(TIMEOUT)
            .and_then(|value| timeout::read(value.to_str().ok()?));
        let extensions = self.request.extensions().clone();
        let mut request = Request::from_parts(metadata, extensions, self.request.get_ref().clone());
        match attempt.timeout().map(timeout::with_margin) {
            Some(limit) if own.is_none_or(|own| limit < own) => request.set_timeout(limit),
            _ => {}
        }
        request
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::time::Duration;

    proptest! {
        #[test]
        fn limit_is_never_exceeded(own: Option<Duration>, limit: Option<Duration>, number: u32) {
            let mut request = Request::new(());
            if let Some(own) = own {
                request.set_timeout(timeout::with_margin(own));
            }
            let attempt = Attempt::new(number);
            let attempt = limit.map_or(attempt.clone(), |limit| attempt.within(limit));
            let repeated = repeat(&request).attempt(&attempt);
            let sent = repeated.metadata().get(TIMEOUT).map(|value| timeout::read(value.to_str().unwrap()).unwrap());
            prop_assert_eq!(sent.is_some(), own.is_some() || limit.is_some());
            prop_assert!(sent <= own.map(timeout::with_margin).or(sent));
            prop_assert!(sent <= attempt.timeout().map(timeout::with_margin).or(sent));
        }
    }
}
