//! The hints of servers, on any headers.

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use persevere::Verdict;
use persevere::http::{Hints, hint, transient};
use std::time::{Duration, SystemTime};

/// The headers that are read.
const NAMES: [&str; 12] = [
    "retry-after",
    "retry-after-ms",
    "x-ms-retry-after-ms",
    "ratelimit",
    "ratelimit-reset",
    "ratelimit-remaining",
    "x-ratelimit-reset",
    "x-ratelimit-remaining",
    "date",
    "x-should-retry",
    "stripe-should-retry",
    "nexus-request-retryable",
];

/// Reads the bytes as lines, each with the letter of a header (from `a`) and its value.
///
/// # Panics
///
/// If the headers make the reader panic, the order of the lines matters, a number is misread, or a hint of zero is a wait.
pub fn check(bytes: &[u8]) {
    let lines: Vec<(HeaderName, HeaderValue)> = bytes.split(|byte| *byte == b'\n').filter_map(line).collect();
    let headers = collect(lines.iter());
    let reversed = collect(lines.iter().rev());
    let all = Hints::STANDARD
        .and_reset_in_seconds()
        .and_reset_at_epoch()
        .and_retry_flags();
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1 << 30);
    for hints in [Hints::NONE, Hints::STANDARD, all] {
        if !is_once_only(&headers) {
            let _ = hints.read(&headers, now);
        } else {
            assert_eq!(hints.read(&headers, now), hints.read(&reversed, now));
        }
        for status in [403, 429, 503] {
            let rules = transient().hints(hints).repeatable(true);
            let verdict = rules.response(StatusCode::from_u16(status).expect("it is one"), &headers, now);
            assert_ne!(verdict, Verdict::RetryAfter(Duration::ZERO));
        }
    }
    for (name, value) in &lines {
        let alone = HeaderMap::from_iter([(name.clone(), value.clone())]);
        if let ("retry-after", Some(seconds)) = (name.as_str(), number(value.as_bytes())) {
            assert_eq!(hint(&alone, now), Some(Duration::from_secs(seconds)), "{value:?}");
        }
    }
}

/// All lines, also those of the same name.
fn collect<'a>(lines: impl Iterator<Item = &'a (HeaderName, HeaderValue)>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    lines.for_each(|(name, value)| {
        headers.append(name, value.clone());
    });
    headers
}

/// Whether each header of which only the first line is read is there at most once.
fn is_once_only(headers: &HeaderMap) -> bool {
    let first = ["date", "ratelimit-remaining", "x-ratelimit-remaining"];
    first.iter().all(|name| headers.get_all(*name).iter().count() <= 1)
}

/// A header of a line, if its letter and its bytes are allowed.
fn line(line: &[u8]) -> Option<(HeaderName, HeaderValue)> {
    let (letter, value) = line.split_first()?;
    let name = NAMES.get(usize::from(letter.checked_sub(b'a')?))?;
    Some((HeaderName::from_static(name), HeaderValue::from_bytes(value).ok()?))
}

/// The value as a number, rounded up; `None` if it has another form.
fn number(value: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(value).ok()?;
    let (whole, decimals) = text.split_once('.').unwrap_or((text, "0"));
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number(whole) || !is_number(decimals) {
        return None;
    }
    let whole = whole.parse().unwrap_or(u64::MAX);
    Some(whole.saturating_add(u64::from(!decimals.trim_matches('0').is_empty())))
}
