//! A request for each attempt.

use persevere_core::Attempt;
use std::time::Duration;
use tonic::Request;
use tonic::metadata::MetadataValue;

const PREVIOUS_ATTEMPTS: &str = "grpc-previous-rpc-attempts";
const TIMEOUT: &str = "grpc-timeout";

/// The longest timeout that eight digits of hours can express.
const LONGEST: Duration = Duration::from_secs(99_999_999 * 3600);

/// How much longer than the attempt the channel and the server may take. With equal limits they would often answer first, and
/// their `CANCELLED` would end the run instead of an attempt that timed out.
const MARGIN: Duration = Duration::from_millis(100);

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
    /// - `grpc-timeout` is what the attempt may take at most, and 100 ms more, if that is limited and less than the request's
    ///   own timeout. With the margin it is the run that times out first, rather than the server or the client's channel,
    ///   whose statuses ([`CANCELLED`](tonic::Code::Cancelled) for tonic) are seldom retried. The run then cancels the call.
    ///
    /// The request's own timeout is that of each attempt, and its end is such a status. A limit on all attempts together is
    /// the run's [`timeout`](persevere_core::Run::timeout), and each attempt gets what is left of it.
    #[must_use]
    pub fn attempt(self, attempt: &Attempt) -> Request<T> {
        let mut metadata = self.request.metadata().clone();
        match attempt.number() {
            0 | 1 => drop(metadata.remove(PREVIOUS_ATTEMPTS)),
            number => drop(metadata.insert(PREVIOUS_ATTEMPTS, MetadataValue::from(number - 1))),
        }
        let own = metadata.get(TIMEOUT).and_then(|value| read(value.to_str().ok()?));
        let extensions = self.request.extensions().clone();
        let mut request = Request::from_parts(metadata, extensions, self.request.get_ref().clone());
        match attempt.timeout().map(|limit| limit.saturating_add(MARGIN)) {
            Some(limit) if own.is_none_or(|own| limit < own) => request.set_timeout(limit.min(LONGEST)),
            _ => {}
        }
        request
    }
}

/// Reads a `grpc-timeout`: at most eight digits and a unit.
fn read(text: &str) -> Option<Duration> {
    let unit = text.chars().last().filter(char::is_ascii)?;
    let digits = &text[..text.len() - 1];
    if digits.len() > 8 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number = digits.parse().ok()?;
    Some(match unit {
        'H' => Duration::from_secs(number * 3600),
        'M' => Duration::from_secs(number * 60),
        'S' => Duration::from_secs(number),
        'm' => Duration::from_millis(number),
        'u' => Duration::from_micros(number),
        'n' => Duration::from_nanos(number),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn timeouts_are_read_in_every_unit() {
        let seconds = Duration::from_secs;
        assert_eq!(read("2H"), Some(seconds(7200)));
        assert_eq!(read("2M"), Some(seconds(120)));
        assert_eq!(read("99999999S"), Some(seconds(99_999_999)));
        assert_eq!(read("1000m"), Some(seconds(1)));
        assert_eq!(read("1000000u"), Some(seconds(1)));
        assert_eq!(read("7n"), Some(Duration::from_nanos(7)));
        for invalid in ["", "S", "5", "100000000S", "+1S", "-1S", "1s", "1 S", "1é"] {
            assert_eq!(read(invalid), None, "{invalid}");
        }
    }

    proptest! {
        #[test]
        fn limit_is_never_exceeded(own: Option<Duration>, limit: Option<Duration>, number: u32) {
            let mut request = Request::new(());
            if let Some(own) = own {
                request.set_timeout(own.min(LONGEST));
            }
            let attempt = Attempt::new(number);
            let attempt = limit.map_or(attempt.clone(), |limit| attempt.within(limit));
            let repeated = repeat(&request).attempt(&attempt);
            let sent = repeated.metadata().get(TIMEOUT).map(|value| read(value.to_str().unwrap()).unwrap());
            prop_assert_eq!(sent.is_some(), own.is_some() || limit.is_some());
            prop_assert!(sent <= own.or(sent));
            prop_assert!(sent <= attempt.timeout().map(|limit| limit.saturating_add(MARGIN)).or(sent));
        }
    }
}
