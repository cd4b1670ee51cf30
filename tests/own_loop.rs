//! A caller's own loop, and policies by the names of their curves.

use persevere::backoff::{Exponential, Fibonacci};
use persevere::{InvalidPolicy, Jitter, Policy, RetryError, Sleeper, Step, StopReason};
use persevere_testkit::VirtualTime;
use std::cell::RefCell;
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);

/// A loop returns the same error as the driver.
#[test]
fn loop_fails_as_a_driver_does() {
    for policy in [
        Policy::exponential(SECOND).max_attempts(3).seed(5),
        Policy::exponential(SECOND)
            .max_attempts(9)
            .max_elapsed(2 * SECOND)
            .jitter(Jitter::None),
    ] {
        let (one, other) = (VirtualTime::new(), VirtualTime::new());
        let driven = policy.on(&one).run_blocking(|| Err::<(), _>("no")).unwrap_err();
        let mut retry = policy.start(other.now());
        let looped: RetryError<&str> = loop {
            match retry.failed(&"no", other.now()) {
                Step::Wait(delay) => drop(other.sleep(delay)),
                Step::Stop(_) => break retry.into_error(Some("no"), other.now()),
            }
        };
        assert_eq!(looped, driven);
    }
}

/// A loop that is left before it has stopped was cancelled.
#[test]
fn loop_that_is_left_was_cancelled() {
    let mut retry = Policy::fixed(SECOND).into_retry(Duration::ZERO);
    assert_eq!(retry.attempt(), 1);
    assert_eq!(retry.failed(&"no", Duration::ZERO), Step::Wait(SECOND));
    assert_eq!(retry.attempt(), 2);
    let error = retry.into_error(Some("no"), Duration::ZERO);
    assert_eq!((error.reason(), error.attempts()), (StopReason::Cancelled, 1));
}

/// All attempts but the first are retries.
#[test]
fn attempt_after_the_first_is_a_retry() {
    let seen = RefCell::new(Vec::new());
    let failed = Policy::fixed(SECOND)
        .max_attempts(3)
        .on(&VirtualTime::new())
        .run_blocking_with(|attempt| {
            seen.borrow_mut().push(attempt.is_retry());
            Err::<(), _>("no")
        });
    assert!(failed.is_err());
    assert_eq!(seen.into_inner(), [false, true, true]);
}

#[test]
fn curve_has_the_policy_of_its_name() {
    let named = Policy::fibonacci(SECOND);
    let written = Policy::new(Fibonacci::new(SECOND)).jitter(Jitter::Full);
    assert_eq!(format!("{named:?}"), format!("{written:?}"));
    let delays: Vec<_> = named.jitter(Jitter::None).max_attempts(7).delays().collect();
    assert_eq!(delays, [1, 1, 2, 3, 5, 8].map(Duration::from_secs));
}

#[test]
fn factor_from_outside_is_looked_at() {
    let tripled = Policy::exponential(SECOND).try_factor(3.0).unwrap();
    assert_eq!(
        format!("{tripled:?}"),
        format!("{:?}", Policy::exponential(SECOND).factor(3.0))
    );
    let refused = Policy::exponential(SECOND).try_factor(0.9).unwrap_err();
    assert_eq!(refused, InvalidPolicy::Factor(0.9));
    assert_eq!(Exponential::new(SECOND).try_factor(0.9), Err(refused));
}

/// Whatever the limit of attempts, a loop is not rejected for ever.
#[test]
fn loop_is_rejected_65_535_times() {
    let policy = Policy::fixed(SECOND)
        .unlimited_attempts()
        .retry_rejected(true)
        .exact_hints();
    let mut retry = policy.start(Duration::ZERO);
    for _ in 0..65_535 {
        assert_eq!(retry.rejected(Some(SECOND), Duration::ZERO), Step::Wait(SECOND));
    }
    assert_eq!(
        retry.rejected(Some(SECOND), Duration::ZERO),
        Step::Stop(StopReason::Rejected)
    );
    assert_eq!(retry.attempt(), 1, "none was made");
}
