//! The classifier, without a server.

use persevere::{Classifier, Verdict};
use persevere_tonic::{Codes, codes};
use proptest::prelude::*;
use std::time::Duration;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt};

const CODES: Codes = codes([Code::Unavailable]).and_if_delayed([Code::ResourceExhausted]);

fn classify(status: &Status) -> Verdict {
    Classifier::<Status>::classify(&CODES, status)
}

fn with_details(details: Vec<u8>) -> Status {
    Status::with_details(Code::Unavailable, "starting", details.into())
}

/// A length-delimited field.
fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
    [&[number << 3 | 2, bytes.len() as u8], bytes].concat()
}

/// A field with an integer.
fn integer(number: u8, mut value: u64) -> Vec<u8> {
    let mut bytes = vec![number << 3];
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}

fn retry_info(seconds: i64, nanos: i32) -> Status {
    let duration = [integer(1, seconds as u64), integer(2, i64::from(nanos) as u64)].concat();
    let info = field(1, &duration);
    let any = [field(1, b"type.googleapis.com/google.rpc.RetryInfo"), field(2, &info)].concat();
    with_details([integer(1, 14), field(3, &any)].concat())
}

#[test]
fn every_code_is_classified() {
    for number in 0..=16 {
        let code = Code::from_i32(number);
        let expected = if code == Code::Unavailable {
            Verdict::Retry
        } else {
            Verdict::Stop
        };
        assert_eq!(classify(&Status::new(code, "")), expected, "{code:?}");
        assert!(codes([code]).contains(code));
    }
    assert_eq!(
        format!("{CODES:?}"),
        "Codes { retried: [Unavailable], delayed: [ResourceExhausted] }"
    );
}

#[test]
fn outcomes_are_classified() {
    let classify = |outcome: Result<u8, Status>| CODES.classify(&outcome);
    assert_eq!(classify(Ok(1)), Verdict::Accept);
    assert_eq!(classify(Err(Status::unavailable(""))), Verdict::Retry);
    assert_eq!(classify(Err(Status::internal(""))), Verdict::Stop);
}

#[test]
fn pushback_precedes_retry_info() {
    let mut status = retry_info(2, 0);
    assert_eq!(classify(&status), Verdict::RetryAfter(Duration::from_secs(2)));
    status
        .metadata_mut()
        .insert("grpc-retry-pushback-ms", "30".parse().unwrap());
    assert_eq!(classify(&status), Verdict::RetryAfter(Duration::from_millis(30)));
    status
        .metadata_mut()
        .insert("grpc-retry-pushback-ms", "0".parse().unwrap());
    assert_eq!(classify(&status), Verdict::RetryAfter(Duration::ZERO));
    status
        .metadata_mut()
        .insert("grpc-retry-pushback-ms", "".parse().unwrap());
    assert_eq!(classify(&status), Verdict::Pushback);
}

#[test]
fn invalid_delay_counts_as_none() {
    for (seconds, nanos) in [(-1, 0), (0, -1), (i64::MIN, 0), (0, i32::MAX), (0, 1_000_000_000)] {
        assert_eq!(
            classify(&retry_info(seconds, nanos)),
            Verdict::Retry,
            "{seconds} {nanos}"
        );
    }
    let longest = Duration::new(i64::MAX as u64, 999_999_999);
    assert_eq!(
        classify(&retry_info(i64::MAX, 999_999_999)),
        Verdict::RetryAfter(longest)
    );
}

#[test]
fn other_details_are_passed_over() {
    let mut details = ErrorDetails::new();
    details.add_help_link("status page", "https://example.com");
    details.set_debug_info(vec!["frame".to_owned()], "detail");
    details.set_retry_info(Some(Duration::from_millis(1500)));
    let status = Status::with_error_details(Code::ResourceExhausted, "slow down", details.clone());
    assert_eq!(classify(&status), Verdict::RetryAfter(Duration::from_millis(1500)));
    details.set_retry_info(None);
    let status = Status::with_error_details(Code::ResourceExhausted, "slow down", details);
    assert_eq!(classify(&status), Verdict::Stop);
}

proptest! {
    #[test]
    fn hostile_details_are_classified(bytes: Vec<u8>, cut: prop::sample::Index, seconds: i64, nanos: i32) {
        prop_assert!(classify(&with_details(bytes.clone())).is_retry());
        let mut details = retry_info(seconds, nanos).details().to_vec();
        let place = cut.index(details.len());
        details.splice(place.., bytes);
        prop_assert!(classify(&with_details(details)).is_retry());
    }

    #[test]
    fn delay_is_read_as_tonic_types_reads_it(seconds in 0..=i64::MAX, nanos in 0..1_000_000_000_i32) {
        let status = retry_info(seconds, nanos);
        let delay = status.get_details_retry_info().unwrap().retry_delay.unwrap();
        prop_assert_eq!(classify(&status), Verdict::RetryAfter(delay));
    }

    #[test]
    fn hostile_pushback_is_classified(bytes: Vec<u8>) {
        let mut status = Status::unavailable("");
        if let Ok(value) = tonic::metadata::MetadataValue::try_from(&bytes[..]) {
            status.metadata_mut().insert("grpc-retry-pushback-ms", value);
            prop_assert!(matches!(classify(&status), Verdict::Pushback | Verdict::RetryAfter(_)));
        }
    }
}
