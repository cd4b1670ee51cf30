//! How long a server asks to wait.

mod number;
mod rate_limit;

use http::header::{self, AsHeaderName};
use http::{HeaderMap, HeaderValue};
use std::time::{Duration, SystemTime};

/// Reads how long a server asks to wait before the next attempt, by [`Hints::STANDARD`]. `now` stands for the time of
/// the response if it has no `Date`. `None` if the headers contain no time to wait, zero if the time is over already.
///
/// It never panics, whatever the headers hold. The result is not bounded: a [`Policy`](persevere_core::Policy) bounds
/// it by its `max_hint`.
///
/// ```
/// use http::HeaderMap;
/// use persevere::http::hint;
/// use std::time::{Duration, SystemTime};
///
/// let mut headers = HeaderMap::new();
/// assert_eq!(hint(&headers, SystemTime::now()), None);
/// headers.insert("retry-after", "Fri, 31 Dec 1999 23:59:59 GMT".parse().unwrap());
/// headers.insert("date", "Fri, 31 Dec 1999 23:59:29 GMT".parse().unwrap());
/// assert_eq!(hint(&headers, SystemTime::now()), Some(Duration::from_secs(30)));
/// ```
#[must_use]
#[doc(alias = "Retry-After")]
pub fn hint(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    Hints::STANDARD.read(headers, now)
}

/// Returns the time of the system, for [`hint`] and [`Transient::response`](crate::Transient::response).
///
/// On `wasm32-unknown-unknown`, where [`SystemTime::now`] panics, it is the end of the year 9999. A date in a response
/// without `Date` is then over, so that the run waits for the computed delay.
#[must_use]
pub fn system_time() -> SystemTime {
    if cfg!(all(target_arch = "wasm32", target_os = "unknown")) {
        SystemTime::UNIX_EPOCH + Duration::from_secs(253_402_300_799)
    } else {
        SystemTime::now()
    }
}

/// The headers that contain the time to wait. The first of them that is present and readable binds:
///
/// | header | value | read |
/// |---|---|---|
/// | `retry-after-ms`, `x-ms-retry-after-ms` | milliseconds | by default |
/// | `Retry-After` | seconds, or a date in one of three forms | by default |
/// | `RateLimit` | the longest `t` (seconds) of the policies that have `r=0` | by default |
/// | `RateLimit-Reset`, `X-RateLimit-Reset` | seconds | [`and_reset_in_seconds`](Hints::and_reset_in_seconds) |
/// | the same | time as seconds since 1970 | [`and_reset_at_epoch`](Hints::and_reset_at_epoch) |
///
/// Fractions are rounded up to a whole unit. Of several values of one header the longest binds. A date is measured
/// against the response's own `Date`, so that the client's clock may be wrong.
///
/// ```
/// use persevere::http::Hints;
/// const GITHUB: Hints = Hints::STANDARD.and_reset_at_epoch();
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Hints {
    retry_after: bool,
    rate_limit: bool,
    reset_in_seconds: bool,
    reset_at_epoch: bool,
    retry_flags: bool,
}

const RETRY_AFTER_MS: [&str; 2] = ["retry-after-ms", "x-ms-retry-after-ms"];
const RATE_LIMIT: &str = "ratelimit";
/// The headers for the requests that are left, and for the time when there are more.
const RESETS: [(&str, &str); 2] = [
    ("ratelimit-remaining", "ratelimit-reset"),
    ("x-ratelimit-remaining", "x-ratelimit-reset"),
];
const RETRY_FLAGS: [&str; 3] = ["x-should-retry", "stripe-should-retry", "nexus-request-retryable"];

impl Hints {
    /// No header is read.
    pub const NONE: Hints = Hints {
        retry_after: false,
        rate_limit: false,
        reset_in_seconds: false,
        reset_at_epoch: false,
        retry_flags: false,
    };

    /// The headers that mean the same everywhere: `retry-after-ms`, `x-ms-retry-after-ms`, `Retry-After` and `RateLimit`.
    pub const STANDARD: Hints = Hints {
        retry_after: true,
        rate_limit: true,
        ..Hints::NONE
    };

    /// Does not read `RateLimit`.
    #[must_use]
    pub const fn without_rate_limit(mut self) -> Hints {
        self.rate_limit = false;
        self
    }

    /// Reads `RateLimit-Reset` and `X-RateLimit-Reset` as seconds from now, unless the `-Remaining` beside it is
    /// present and not 0.
    #[must_use]
    pub const fn and_reset_in_seconds(mut self) -> Hints {
        self.reset_in_seconds = true;
        self
    }

    /// Reads `RateLimit-Reset` and `X-RateLimit-Reset` as seconds since 1970 (GitHub), unless the `-Remaining` beside
    /// it is present and not 0.
    #[must_use]
    pub const fn and_reset_at_epoch(mut self) -> Hints {
        self.reset_at_epoch = true;
        self
    }

    /// Obeys `x-should-retry`, `Stripe-Should-Retry` and `Nexus-Request-Retryable`: `true` retries
    /// whatever the status and the method, `false` does not.
    #[must_use]
    pub const fn and_retry_flags(mut self) -> Hints {
        self.retry_flags = true;
        self
    }

    /// Reads how long to wait; see [`hint`].
    #[must_use]
    pub fn read(&self, headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
        let standard = self.retry_after.then(|| retry_after(headers, now)).flatten();
        let limited = || {
            self.rate_limit
                .then(|| rate_limit::wait(headers.get_all(RATE_LIMIT)))
                .flatten()
        };
        let reset_in = || {
            self.reset_in_seconds
                .then(|| reset(headers, |seconds| seconds))
                .flatten()
        };
        let reset_at = || {
            let until = |at| until(SystemTime::UNIX_EPOCH.checked_add(at), headers, now);
            self.reset_at_epoch.then(|| reset(headers, until)).flatten()
        };
        standard.or_else(limited).or_else(reset_in).or_else(reset_at)
    }

    /// Reads whether the server asks for a retry; `None` if it sends no flag, or the flags are not read.
    #[must_use]
    pub fn retry_flag(&self, headers: &HeaderMap) -> Option<bool> {
        if !self.retry_flags {
            return None;
        }
        let flags = RETRY_FLAGS.iter().filter_map(|name| headers.get(*name));
        let mut flags = flags.filter_map(|flag| match flag.as_bytes().trim_ascii() {
            flag if flag.eq_ignore_ascii_case(b"true") => Some(true),
            flag if flag.eq_ignore_ascii_case(b"false") => Some(false),
            _ => None,
        });
        flags.next()
    }
}

fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let millis = RETRY_AFTER_MS
        .iter()
        .find_map(|name| longest(headers, *name, |value| number::list(value, Duration::from_millis)));
    millis.or_else(|| {
        longest(headers, header::RETRY_AFTER, |value| {
            number::list(value, Duration::from_secs).or_else(|| date(value).map(|at| until(Some(at), headers, now)))
        })
    })
}

/// The longest readable value among the lines of a header.
fn longest(headers: &HeaderMap, name: impl AsHeaderName, read: impl Fn(&[u8]) -> Option<Duration>) -> Option<Duration> {
    headers
        .get_all(name)
        .iter()
        .filter_map(|value| read(value.as_bytes()))
        .max()
}

/// The longest wait for an exhausted limit, whose end `read` turns into a wait.
fn reset(headers: &HeaderMap, read: impl Fn(Duration) -> Duration) -> Option<Duration> {
    let waits = RESETS.iter().filter_map(|(remaining, reset)| {
        let is_left = headers
            .get(*remaining)
            .is_some_and(|left| left.as_bytes().trim_ascii() != b"0");
        let resets = || longest(headers, *reset, |value| number::list(value, Duration::from_secs));
        if is_left { None } else { resets().map(&read) }
    });
    waits.max()
}

/// How long it is until a point in time; the longest wait if the time cannot be represented.
fn until(at: Option<SystemTime>, headers: &HeaderMap, now: SystemTime) -> Duration {
    let sent = headers.get(header::DATE).map(HeaderValue::as_bytes).and_then(date);
    match at {
        Some(at) => at.duration_since(sent.unwrap_or(now)).unwrap_or_default(),
        None => Duration::MAX,
    }
}

fn date(value: &[u8]) -> Option<SystemTime> {
    httpdate::parse_http_date(core::str::from_utf8(value.trim_ascii()).ok()?).ok()
}
