//! The requests that are retried.

use http::{HeaderMap, Method, Response, StatusCode};
use persevere::budget::Class;
use persevere::http::{Delivery, Hints, HttpError, Rules, Statuses, Transient, is_repeatable, transient};
use persevere::{Classifier, Policy, Verdict};
use std::error::Error;
use std::io::{self, ErrorKind};
use std::time::{Duration, SystemTime};

fn headers(lines: &[(&'static str, &str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in lines {
        headers.append(*name, value.parse().unwrap());
    }
    headers
}

fn response(rules: Transient, status: u16, lines: &[(&'static str, &str)]) -> Verdict {
    rules.response(
        StatusCode::from_u16(status).unwrap(),
        &headers(lines),
        SystemTime::now(),
    )
}

const REPEATABLE: Transient = transient().repeatable(true);

#[test]
fn repeatable_requests_are_those_of_standard() {
    for (method, repeatable) in [
        ("GET", true),
        ("HEAD", true),
        ("OPTIONS", true),
        ("TRACE", true),
        ("PUT", true),
        ("DELETE", true),
        ("QUERY", true),
        ("POST", false),
        ("PATCH", false),
        ("CONNECT", false),
        ("BREW", false),
    ] {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        assert_eq!(is_repeatable(&method, &HeaderMap::new()), repeatable, "{method}");
        assert!(is_repeatable(&method, &headers(&[("Idempotency-Key", "\"8e03978e\"")])));
        assert_eq!(
            is_repeatable(&method, &headers(&[("Idempotency-Key", " ")])),
            repeatable
        );
        assert_eq!(
            is_repeatable(&method, &headers(&[("Idempotency-Key", "\"\"")])),
            repeatable
        );
    }
}

#[test]
fn every_row_of_statuses_holds() {
    for status in 100..1000 {
        let (repeatable, other) = match status {
            429 => (Verdict::RetryAs(Class::Throttling), Verdict::RetryAs(Class::Throttling)),
            421 | 425 => (Verdict::Retry, Verdict::Retry),
            408 | 500 | 502 | 503 | 504 => (Verdict::Retry, Verdict::Stop),
            _ => (Verdict::Accept, Verdict::Accept),
        };
        assert_eq!(response(REPEATABLE, status, &[]), repeatable, "{status}");
        assert_eq!(response(transient(), status, &[]), other, "{status}");
    }
}

#[test]
fn every_row_of_failures_holds() {
    for (delivery, repeatable, other) in [
        (Delivery::NeverSent, Verdict::Retry, Verdict::Retry),
        (Delivery::Rejected, Verdict::Retry, Verdict::Retry),
        (Delivery::TimedOut, Verdict::RetryAs(Class::Timeout), Verdict::Stop),
        (Delivery::Unknown, Verdict::Retry, Verdict::Stop),
        (Delivery::Answered, Verdict::Stop, Verdict::Stop),
        (Delivery::Impossible, Verdict::Stop, Verdict::Stop),
    ] {
        assert_eq!(REPEATABLE.failure(delivery), repeatable, "{delivery:?}");
        assert_eq!(transient().failure(delivery), other, "{delivery:?}");
    }
    let rules = transient().incomplete_bodies(true);
    assert_eq!(rules.failure(Delivery::Answered), Verdict::Stop);
    assert_eq!(rules.repeatable(true).failure(Delivery::Answered), Verdict::Retry);
}

#[test]
fn hint_is_obeyed_wherever_response_is_retried() {
    let hint = Verdict::RetryAfter(Duration::from_secs(7));
    let lines = [("retry-after", "7")];
    for status in [408, 421, 425, 429, 500, 502, 503, 504] {
        assert_eq!(response(REPEATABLE, status, &lines), hint, "{status}");
    }
    assert_eq!(response(transient(), 429, &lines), hint);
    assert_eq!(response(transient(), 503, &lines), Verdict::Stop);
    assert_eq!(response(REPEATABLE, 404, &lines), Verdict::Accept);
    assert_eq!(response(REPEATABLE, 301, &lines), Verdict::Accept);
}

#[test]
fn hint_of_zero_leaves_computed_delay() {
    assert_eq!(response(REPEATABLE, 503, &[("retry-after", "0")]), Verdict::Retry);
    let throttled = response(REPEATABLE, 429, &[("retry-after", "Fri, 31 Dec 1999 23:59:59 GMT")]);
    assert_eq!(throttled, Verdict::RetryAs(Class::Throttling));
}

#[test]
fn edited_statuses_replace_standard_ones() {
    let rules = REPEATABLE.statuses(Statuses::STANDARD.with(409).without(500));
    assert_eq!(response(rules, 409, &[]), Verdict::Retry);
    assert_eq!(response(rules.repeatable(false), 409, &[]), Verdict::Stop);
    assert_eq!(response(rules, 500, &[]), Verdict::Accept);
}

#[test]
fn rejected_statuses_can_be_turned_off() {
    let rules = transient().rejected(Statuses::REJECTED.without(429));
    assert_eq!(response(rules, 429, &[("retry-after", "7")]), Verdict::Stop);
    assert!(response(rules.repeatable(true), 429, &[]).is_retry());
    assert!(response(rules, 421, &[]).is_retry());
}

#[test]
fn hinted_statuses_are_retried_only_with_hint() {
    let rules = transient().hinted_statuses(Statuses::NONE.with(403).with(413));
    assert_eq!(response(rules, 403, &[]), Verdict::Accept);
    assert_eq!(
        response(rules, 413, &[("retry-after", "7")]),
        Verdict::RetryAfter(Duration::from_secs(7))
    );
}

#[test]
fn retry_flags_override_status_if_they_are_read() {
    let rules = transient().hints(Hints::STANDARD.and_retry_flags());
    for flag in ["x-should-retry", "stripe-should-retry", "nexus-request-retryable"] {
        assert_eq!(response(rules, 404, &[(flag, "true")]), Verdict::Retry);
        assert_eq!(response(rules, 429, &[(flag, "False")]), Verdict::Stop);
        assert_eq!(response(rules, 404, &[(flag, "false")]), Verdict::Accept);
        assert_eq!(response(rules, 503, &[(flag, "perhaps")]), Verdict::Stop);
        assert_eq!(response(transient(), 404, &[(flag, "true")]), Verdict::Accept);
    }
    let hinted = response(rules, 409, &[("x-should-retry", "true"), ("retry-after", "2")]);
    assert_eq!(hinted, Verdict::RetryAfter(Duration::from_secs(2)));
}

#[test]
fn io_errors_have_how_far_the_request_came() {
    for (kind, delivery) in [
        (ErrorKind::ConnectionRefused, Delivery::NeverSent),
        (ErrorKind::TimedOut, Delivery::TimedOut),
        (ErrorKind::WouldBlock, Delivery::TimedOut),
        (ErrorKind::ConnectionReset, Delivery::Unknown),
        (ErrorKind::BrokenPipe, Delivery::Unknown),
        (ErrorKind::UnexpectedEof, Delivery::Unknown),
        (ErrorKind::InvalidData, Delivery::Impossible),
        (ErrorKind::NotFound, Delivery::Impossible),
    ] {
        assert_eq!(io::Error::from(kind).delivery(), delivery, "{kind}");
        let boxed: Box<dyn Error + Send + Sync> = io::Error::other(io::Error::from(kind)).into();
        assert_eq!(boxed.delivery(), delivery, "{kind} in a box");
    }
    let other: Box<dyn Error + Send + Sync> = "no io::Error".into();
    assert_eq!(other.delivery(), Delivery::Impossible);
}

#[test]
fn rules_classify_outcomes_of_any_client() {
    let judge = |outcome: Result<Response<()>, io::Error>| transient().classify(&outcome);
    assert_eq!(
        judge(Ok(Response::builder().status(429).body(()).unwrap())),
        Verdict::RetryAs(Class::Throttling)
    );
    assert_eq!(judge(Ok(Response::new(()))), Verdict::Accept);
    assert_eq!(judge(Err(ErrorKind::ConnectionRefused.into())), Verdict::Retry);
    assert_eq!(judge(Err(ErrorKind::ConnectionReset.into())), Verdict::Stop);
    assert_eq!(
        REPEATABLE.classify(&io::Error::from(ErrorKind::ConnectionReset)),
        Verdict::Retry
    );
}

#[test]
fn policy_without_classifier_has_standard_rules() {
    let edited = transient().statuses(Statuses::NONE);
    assert_eq!(Policy::DEFAULT.classifier().rules(), transient());
    assert_eq!(Policy::DEFAULT.classify(edited).classifier().rules(), edited);
}
