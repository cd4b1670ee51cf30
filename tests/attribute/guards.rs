//! Guards: `breaker`, `retry_rejected`, `budget` and `budget_by`.

use crate::calls::Calls;
use persevere::breaker::CircuitBreaker;
use persevere::budget::{Class, TokenBucket};
use persevere::{RetryError, StopReason, retry};
use persevere_testkit::VirtualTime;
use std::time::Duration;

fn breaker() -> CircuitBreaker {
    CircuitBreaker::consecutive_failures(2)
        .open_for(Duration::from_secs(5))
        .build()
}

#[test]
fn rejected_run_stops() {
    #[retry(max_attempts = 4, backoff = fixed("1s"), breaker = breaker, sleeper = time)]
    fn run(breaker: &CircuitBreaker, time: &VirtualTime, calls: &Calls) -> Result<u32, RetryError<&'static str>> {
        calls.call()
    }

    let (time, calls) = (VirtualTime::new(), Calls::failing(2));
    let error = run(&breaker(), &time, &calls).unwrap_err();
    assert_eq!((error.reason(), calls.made()), (StopReason::Rejected, 2));
}

#[test]
fn rejected_run_with_retry_rejected_waits() {
    #[retry(max_attempts = 4, backoff = fixed("1s"), retry_rejected, breaker = breaker, sleeper = time)]
    fn run(breaker: &CircuitBreaker, time: &VirtualTime, calls: &Calls) -> Result<u32, RetryError<&'static str>> {
        calls.call()
    }

    let (time, calls) = (VirtualTime::new(), Calls::failing(2));
    assert_eq!(run(&breaker(), &time, &calls).unwrap(), 3);
    assert!(time.elapsed() >= Duration::from_secs(5), "{:?}", time.elapsed());
}

#[test]
fn budget_by_charges_by_class() {
    fn class_of(error: &&str) -> Class {
        match *error {
            "no" => Class::Throttling,
            _ => Class::Transient,
        }
    }

    #[retry(max_attempts = 2, backoff = fixed("1s"), budget_by(bucket, class_of), sleeper = VirtualTime::new())]
    fn by_function(bucket: &TokenBucket, calls: &Calls) -> Result<u32, &'static str> {
        calls.call()
    }

    #[retry(max_attempts = 2, backoff = fixed("1s"), budget_by(bucket, |_| Class::Timeout), sleeper = VirtualTime::new())]
    fn by_closure(bucket: &TokenBucket, calls: &Calls) -> Result<u32, RetryError<&'static str>> {
        calls.call()
    }

    #[retry(max_attempts = 2, backoff = fixed("1s"), budget = bucket, sleeper = VirtualTime::new())]
    fn without_classes(bucket: &TokenBucket, calls: &Calls) -> Result<u32, &'static str> {
        calls.call()
    }

    let bucket = TokenBucket::new(100)
        .cost(Class::Transient, 1)
        .cost(Class::Throttling, 10)
        .cost(Class::Timeout, 20);
    let calls = Calls::always_failing();
    by_function(&bucket, &calls).unwrap_err();
    assert_eq!(bucket.available(), 90);
    by_closure(&bucket, &calls).unwrap_err();
    assert_eq!(bucket.available(), 70);
    without_classes(&bucket, &calls).unwrap_err();
    assert_eq!(bucket.available(), 69);
}
