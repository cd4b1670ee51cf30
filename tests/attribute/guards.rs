//! Guards: `pace`, `bulkhead`, `breaker`, `retry_rejected`, `budget` and `budget_by`.

use crate::calls::Calls;
use persevere::breaker::CircuitBreaker;
use persevere::budget::{Class, TokenBucket};
use persevere::limit::{Bulkhead, Pause};
use persevere::{RetryError, Sleeper, StopReason, retry};
use persevere_testkit::{AsyncVirtualTime, VirtualTime};
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
fn paced_run_waits_without_using_up_attempts() {
    #[retry(max_attempts = 2, backoff = fixed("1s"), pace = pause, sleeper = time)]
    fn run(pause: &Pause, time: &VirtualTime, calls: &Calls) -> Result<u32, RetryError<&'static str>> {
        calls.call()
    }

    let (time, calls, pause) = (VirtualTime::new(), Calls::failing(1), Pause::new());
    pause.pause_for(Duration::from_secs(60), time.now());
    assert_eq!(run(&pause, &time, &calls).unwrap(), 2);
    assert!(time.elapsed() >= Duration::from_secs(61), "{:?}", time.elapsed());
}

/// In an async run, and with both a gate that it waits for and one that rejects it.
#[test]
fn bulkhead_admits_each_attempt() {
    #[retry(max_attempts = 2, backoff = fixed("1s"), pace = pause, bulkhead = limit, sleeper = time)]
    async fn run(limit: &Bulkhead, pause: &Pause, time: AsyncVirtualTime) -> Result<u32, RetryError<u32>> {
        Err(limit.in_flight())
    }

    let (time, limit, pause) = (VirtualTime::new(), Bulkhead::new(1), Pause::new());
    let error = time.block_on(run(&limit, &pause, time.asynchronous())).unwrap_err();
    assert_eq!((error.attempts(), error.last_error()), (2, Some(&1)));
    assert_eq!(limit.in_flight(), 0);
    let place = limit.try_acquire();
    let error = time.block_on(run(&limit, &pause, time.asynchronous())).unwrap_err();
    assert_eq!((error.reason(), error.attempts()), (StopReason::Rejected, 0));
    drop(place);
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
