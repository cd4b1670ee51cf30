//! How long a server asks to wait.

use http::{HeaderMap, HeaderName, HeaderValue};
use persevere::http::{Hints, hint, transient};
use proptest::prelude::*;
use std::time::{Duration, SystemTime};

/// Fri, 31 Dec 1999 23:59:29 GMT.
fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(946_684_769)
}

fn read(hints: Hints, lines: &[(&'static str, &str)]) -> Option<Duration> {
    let mut headers = HeaderMap::new();
    for (name, value) in lines {
        headers.append(*name, value.parse().unwrap());
    }
    hints.read(&headers, now())
}

fn seconds(lines: &[(&'static str, &str)]) -> Option<u64> {
    let hint = read(Hints::STANDARD, lines)?;
    assert_eq!(hint.subsec_nanos(), 0);
    Some(hint.as_secs())
}

#[test]
fn retry_after_is_read_in_every_form() {
    for (value, expected) in [
        ("0", Some(0)),
        ("120", Some(120)),
        (" 120\t", Some(120)),
        ("1.5", Some(2)),
        ("1.0", Some(1)),
        ("0.001", Some(1)),
        ("18446744073709551615", Some(u64::MAX)),
        ("99999999999999999999999999", Some(u64::MAX)),
        ("5, 7", Some(7)),
        ("Fri, 31 Dec 1999 23:59:59 GMT", Some(30)),
        ("Friday, 31-Dec-99 23:59:59 GMT", Some(30)),
        ("Fri Dec 31 23:59:59 1999", Some(30)),
        ("Fri, 31 Dec 1999 23:59:00 GMT", Some(0)),
        ("", None),
        ("-1", None),
        ("+1", None),
        ("1e3", None),
        ("1.", None),
        (".5", None),
        ("1.5.5", None),
        ("inf", None),
        ("NaN", None),
        ("soon", None),
        ("1s", None),
        ("0x10", None),
        ("5, soon", None),
        ("Fri, 31 Foo 1999 23:59:59 GMT", None),
    ] {
        assert_eq!(seconds(&[("retry-after", value)]), expected, "{value:?}");
    }
}

#[test]
fn date_is_measured_against_date_of_response() {
    let retry_after = ("retry-after", "Sat, 01 Jan 2000 00:01:00 GMT");
    assert_eq!(seconds(&[retry_after]), Some(91));
    for date in [
        "Sat, 01 Jan 2000 00:00:00 GMT",
        "Saturday, 01-Jan-00 00:00:00 GMT",
        "Sat Jan  1 00:00:00 2000",
    ] {
        assert_eq!(seconds(&[retry_after, ("date", date)]), Some(60));
    }
    assert_eq!(seconds(&[retry_after, ("date", "today")]), Some(91));
    assert_eq!(
        seconds(&[retry_after, ("date", "Sun, 02 Jan 2000 00:00:00 GMT")]),
        Some(0)
    );
    assert_eq!(
        seconds(&[("retry-after", "7"), ("date", "Sat, 01 Jan 2000 00:00:00 GMT")]),
        Some(7)
    );
}

#[test]
fn milliseconds_bind_before_seconds() {
    let millis = |lines: &[(&'static str, &str)]| read(Hints::STANDARD, lines).map(|hint| hint.as_millis());
    for name in ["retry-after-ms", "x-ms-retry-after-ms"] {
        assert_eq!(millis(&[("retry-after", "7"), (name, "250")]), Some(250));
        assert_eq!(millis(&[(name, "0.5")]), Some(1));
        assert_eq!(millis(&[(name, "00:00:01.5000000")]), None);
        assert_eq!(millis(&[("retry-after", "7"), (name, "00:00:01.5000000")]), Some(7_000));
    }
}

#[test]
fn longest_of_several_lines_binds() {
    assert_eq!(
        seconds(&[("retry-after", "3"), ("retry-after", "9"), ("retry-after", "5")]),
        Some(9)
    );
    assert_eq!(
        seconds(&[("retry-after", "3"), ("retry-after", "Fri, 31 Dec 1999 23:59:59 GMT")]),
        Some(30)
    );
    assert_eq!(seconds(&[("retry-after", "soon"), ("retry-after", "5")]), Some(5));
}

#[test]
fn rate_limit_binds_where_nothing_is_left() {
    for (value, expected) in [
        (r#""default";r=0;t=30"#, Some(30)),
        (r#""default";r=1;t=30"#, None),
        (r#""default";t=30"#, None),
        (r#""default";r=0"#, None),
        (
            r#""burst";r=0;t=5, "hourly";r=0;t=1800, "daily";r=9;t=80000"#,
            Some(1800),
        ),
        (r#""a,b;r=0;t=99";r=0;t=3"#, Some(3)),
        (r#""quote \" , ;";r=0;t=4"#, Some(4)),
        (r#""default"; r=0; t=30; pk=:cHsdsRa894==:"#, Some(30)),
        ("default;r=0;t=8", Some(8)),
        (r#""default";r=-1;t=30"#, None),
        (r#""default";r=0;t=soon"#, None),
        (r#""open;r=0;t=30"#, None),
        ("limit=100, remaining=0, reset=30", None),
        ("", None),
    ] {
        assert_eq!(seconds(&[("ratelimit", value)]), expected, "{value:?}");
    }
    assert_eq!(
        seconds(&[("ratelimit", r#""a";r=0;t=3"#), ("ratelimit", r#""b";r=0;t=6"#)]),
        Some(6)
    );
    assert_eq!(
        seconds(&[("retry-after", "2"), ("ratelimit", r#""a";r=0;t=3"#)]),
        Some(2)
    );
    assert_eq!(
        read(Hints::STANDARD.without_rate_limit(), &[("ratelimit", r#""a";r=0;t=3"#)]),
        None
    );
}

#[test]
fn headers_of_providers_are_read_by_choice() {
    const IN_SECONDS: Hints = Hints::STANDARD.and_reset_in_seconds();
    const AT_EPOCH: Hints = Hints::STANDARD.and_reset_at_epoch();
    for (remaining, reset) in [
        ("ratelimit-remaining", "ratelimit-reset"),
        ("x-ratelimit-remaining", "x-ratelimit-reset"),
    ] {
        assert_eq!(read(Hints::STANDARD, &[(reset, "30")]), None);
        assert_eq!(read(IN_SECONDS, &[(reset, "30")]), Some(Duration::from_secs(30)));
        assert_eq!(
            read(IN_SECONDS, &[(reset, "30"), (remaining, "0")]),
            Some(Duration::from_secs(30))
        );
        assert_eq!(read(IN_SECONDS, &[(reset, "30"), (remaining, "4")]), None);
        assert_eq!(
            read(IN_SECONDS, &[(reset, "30"), ("retry-after", "7")]),
            Some(Duration::from_secs(7))
        );
        assert_eq!(read(AT_EPOCH, &[(reset, "946684799")]), Some(Duration::from_secs(30)));
        assert_eq!(read(AT_EPOCH, &[(reset, "1")]), Some(Duration::ZERO));
        assert_eq!(read(AT_EPOCH, &[(reset, "18446744073709551615")]), Some(Duration::MAX));
        let dated = [(reset, "946684799"), ("date", "Fri, 31 Dec 1999 23:59:58 GMT")];
        assert_eq!(read(AT_EPOCH, &dated), Some(Duration::from_secs(1)));
    }
    assert_eq!(read(Hints::NONE, &[("retry-after", "7")]), None);
}

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

/// Any bytes, or bytes of which such values are made.
fn value() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        prop::collection::vec(any::<u8>(), 0..40),
        r#"[-+]?[0-9]{0,25}(\.[0-9]{0,25})?"#.prop_map(String::into_bytes),
        r#"("?[a-z,;=\\" ]{0,5}"?(;[rt]=[0-9]{0,21}){0,3},? ?){0,4}"#.prop_map(String::into_bytes),
        "[A-Z][a-z]{2},? [0-9]{1,2}[ -][A-Z][a-z]{2}[ -][0-9]{1,5} [0-9:]{5,9} GMT".prop_map(String::into_bytes),
    ]
}

fn headers() -> impl Strategy<Value = HeaderMap> {
    let lines = prop::collection::vec((prop::sample::select(&NAMES[..]), value()), 0..8);
    lines.prop_map(|lines| {
        let lines = lines
            .into_iter()
            .filter_map(|(name, value)| Some((HeaderName::from_static(name), HeaderValue::from_bytes(&value).ok()?)));
        let mut headers = HeaderMap::new();
        lines.for_each(|(name, value)| {
            headers.append(name, value);
        });
        headers
    })
}

proptest! {
    #[test]
    fn no_bytes_panic(headers in headers(), now in any::<u32>(), status in 100u16..1000) {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(now.into());
        let all = Hints::STANDARD.and_reset_at_epoch().and_reset_in_seconds().and_retry_flags();
        let _ = (hint(&headers, now), all.read(&headers, now));
        let _ = transient().hints(all).response(status.try_into().unwrap(), &headers, now);
    }

    #[test]
    fn number_is_rounded_up_and_never_shortened(whole in any::<u32>(), fraction in "[0-9]{1,20}") {
        let expected = u64::from(whole) + u64::from(fraction.bytes().any(|digit| digit != b'0'));
        prop_assert_eq!(seconds(&[("retry-after", &format!("{whole}.{fraction}"))]), Some(expected));
    }

    #[test]
    fn any_date_is_read_against_any_other(at in 0u64..253_402_300_800, sent in 0u64..253_402_300_800) {
        let date = |at| httpdate::fmt_http_date(SystemTime::UNIX_EPOCH + Duration::from_secs(at));
        let lines = [("retry-after", &*date(at)), ("date", &*date(sent))];
        prop_assert_eq!(seconds(&lines), Some(at.saturating_sub(sent)));
    }

    #[test]
    fn order_of_lines_changes_nothing(mut values in prop::collection::vec(value(), 0..5)) {
        let read = |values: &[Vec<u8>]| {
            let mut headers = HeaderMap::new();
            for value in values.iter().filter_map(|value| HeaderValue::from_bytes(value).ok()) {
                headers.append("retry-after", value.clone());
                headers.append("ratelimit", value);
            }
            hint(&headers, now())
        };
        let before = read(&values);
        values.reverse();
        prop_assert_eq!(read(&values), before);
    }
}
