//! Why a hedged call failed.

use persevere_core::gate::Rejected;
use persevere_core::{Retryable, Verdict};
use persevere_hedge::HedgeError;
use std::error::Error;
use std::io;
use std::time::Duration;

#[test]
fn rejection_is_retried_after_the_time_of_the_breaker() {
    let second = Duration::from_secs(1);
    let rejected = |rejected| HedgeError::<io::Error>::Rejected(rejected);
    assert_eq!(
        rejected(Rejected::for_now(second)).verdict(),
        Verdict::RetryAfter(second)
    );
    assert_eq!(rejected(Rejected::indefinitely()).verdict(), Verdict::Stop);
    assert!(rejected(Rejected::for_now(second)).into_inner().is_none());
}

#[test]
fn error_of_the_operation_is_judged_and_printed_as_it_is() {
    let failed = |kind| HedgeError::Inner(io::Error::from(kind));
    assert_eq!(failed(io::ErrorKind::ConnectionReset).verdict(), Verdict::Retry);
    assert_eq!(failed(io::ErrorKind::NotFound).verdict(), Verdict::Stop);
    let error = failed(io::ErrorKind::NotFound);
    assert_eq!(
        (error.to_string(), error.source().is_none()),
        ("entity not found".to_owned(), true)
    );
    assert_eq!(error.into_inner().unwrap().kind(), io::ErrorKind::NotFound);
}
