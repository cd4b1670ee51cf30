//! Whether a request may be repeated.

use http::{HeaderMap, Method};

/// Whether a request may be sent again although an earlier attempt may have been processed. This holds for idempotent
/// methods (GET, HEAD, OPTIONS, TRACE, PUT, DELETE, QUERY), and with an `Idempotency-Key`, by which the server
/// recognizes repetitions.
///
/// ```
/// use http::{HeaderMap, Method};
/// use persevere::http::is_repeatable;
///
/// let mut headers = HeaderMap::new();
/// assert!(is_repeatable(&Method::PUT, &headers));
/// assert!(!is_repeatable(&Method::POST, &headers));
/// headers.insert("idempotency-key", "8e03978e".parse().unwrap());
/// assert!(is_repeatable(&Method::POST, &headers));
/// ```
#[must_use]
pub fn is_repeatable(method: &Method, headers: &HeaderMap) -> bool {
    // QUERY by its name, since earlier versions of `http` do not contain it.
    method.is_idempotent() || method.as_str() == "QUERY" || is_keyed(headers)
}

/// Whether there is an `Idempotency-Key` that is not empty.
fn is_keyed(headers: &HeaderMap) -> bool {
    let keys = headers.get_all("idempotency-key").iter();
    keys.map(|key| key.as_bytes().trim_ascii())
        .any(|key| !key.is_empty() && key != b"\"\"")
}
