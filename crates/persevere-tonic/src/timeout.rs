//! `grpc-timeout`: how long a call may take.

use std::time::Duration;
use tonic::metadata::{Ascii, MetadataValue};

/// The metadata of a call's timeout.
pub(crate) const TIMEOUT: &str = "grpc-timeout";

/// How much longer than the attempt the channel and the server may take. With equal limits they would often answer first, and
/// their `CANCELLED` would end the run instead of an attempt that timed out.
const MARGIN: Duration = Duration::from_millis(100);

/// The longest timeout that eight digits of hours can express.
const LONGEST: Duration = Duration::from_secs(99_999_999 * 3600);

/// The time that an attempt that is limited to `limit` may take at the server.
pub(crate) fn with_margin(limit: Duration) -> Duration {
    limit.saturating_add(MARGIN).min(LONGEST)
}

/// Writes a `grpc-timeout`, as tonic does.
pub(crate) fn write(limit: Duration) -> Option<MetadataValue<Ascii>> {
    let mut request = tonic::Request::new(());
    request.set_timeout(limit.min(LONGEST));
    request.metadata().get(TIMEOUT).cloned()
}

/// Reads a `grpc-timeout`: at most eight digits and a unit.
pub(crate) fn read(text: &str) -> Option<Duration> {
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
}
