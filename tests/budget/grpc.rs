//! The rules of gRPC's proposal A6.

use persevere::Verdict;
use persevere_budget::{Account, Budget, Class, GrpcThrottle, LastFailure, Pushback};
use std::time::Duration;

const NOW: Duration = Duration::ZERO;

fn fail(budget: &GrpcThrottle, times: usize) -> Vec<bool> {
    (0..times)
        .map(|_| budget.withdraw(Class::Transient, NOW).is_some())
        .collect()
}

/// With ten tokens, the fifth consecutive failure is the first that is not retried: five are not more than half.
#[test]
fn retries_stop_at_half() {
    let budget = GrpcThrottle::new(10, 0.1);
    assert_eq!(fail(&budget, 5), [true, true, true, true, false]);
    assert_eq!(budget.available(), 5.0);
    assert!(budget.is_throttling());
}

/// The half of an odd number lies between two tokens.
#[test]
fn odd_number_of_tokens_stops_below_its_half() {
    let budget = GrpcThrottle::new(3, 1.0);
    assert_eq!(fail(&budget, 2), [true, false]);
    assert_eq!(fail(&GrpcThrottle::new(1, 1.0), 1), [false]);
}

/// Failures take tokens even without retries, down to zero, and first attempts continue.
#[test]
fn tokens_end_at_zero() {
    let budget = GrpcThrottle::new(4, 0.5);
    fail(&budget, 100);
    assert_eq!(budget.available(), 0.0);
    for successes in 1..=4 {
        budget.succeeded(None, NOW);
        assert_eq!(
            (budget.available(), budget.is_throttling()),
            (f64::from(successes) * 0.5, true)
        );
    }
    budget.succeeded(None, NOW);
    assert_eq!((budget.available(), budget.is_throttling()), (2.5, false));
    for _ in 0..100 {
        budget.succeeded(None, NOW);
    }
    assert_eq!(budget.available(), 4.0);
}

/// With a ratio of 0.1, one failure per ten successes never throttles.
#[test]
fn one_failure_in_eleven_never_throttles() {
    let budget = GrpcThrottle::new(10, 0.1);
    for _ in 0..1000 {
        assert!(budget.withdraw(Class::Timeout, NOW).is_some());
        for _ in 0..10 {
            budget.succeeded(Some(1), NOW);
        }
    }
    assert_eq!(budget.available(), 10.0);
}

/// A ratio is truncated to three decimals, and a decimal fraction is exact.
#[test]
fn ratio_has_three_decimals() {
    for (ratio, kept) in [
        (0.5466, 0.546),
        (0.546, 0.546),
        (0.29, 0.29),
        (0.57, 0.57),
        (1.005, 1.005),
        (0.0019, 0.001),
    ] {
        let budget = GrpcThrottle::new(1000, ratio);
        fail(&budget, 1000);
        budget.succeeded(None, NOW);
        assert_eq!(budget.available(), kept, "of {ratio}");
    }
}

/// A failure that ends the run takes a token, if it is retryable or a pushback. Others do not.
#[test]
fn last_failure_takes_a_token() {
    let budget = GrpcThrottle::new(10, 0.1);
    let end = |failure| {
        let mut account = Account::open(&budget);
        account.attempt(NOW);
        account.failed(failure, NOW);
        budget.available()
    };
    assert_eq!(end(LastFailure::Permanent), 10.0);
    assert_eq!(end(LastFailure::Retryable(Class::Transient)), 9.0);
    assert_eq!(end(LastFailure::Pushback), 8.0);
}

/// A run that is dropped while it waits returns nothing, since the failure happened.
#[test]
fn dropped_retry_returns_no_token() {
    let budget = GrpcThrottle::new(10, 0.1);
    let mut account = Account::open(&budget);
    account.attempt(NOW);
    account.withdraw(Class::Transient, NOW).unwrap();
    drop(account);
    assert_eq!(budget.available(), 9.0);
}

/// A pushback is one non-negative 32-bit integer.
#[test]
fn pushback_is_parsed() {
    let after = |milliseconds| Some(Pushback::After(Duration::from_millis(milliseconds)));
    assert_eq!(Pushback::read(["0"]), after(0));
    assert_eq!(Pushback::read([b"10".as_slice()]), after(10));
    assert_eq!(Pushback::read(["2147483647"]), after(2_147_483_647));
    for text in [
        "2147483648",
        "-1",
        "",
        " 10",
        "10 ",
        "1.5",
        "0x10",
        "soon",
        "99999999999999999999",
    ] {
        assert_eq!(Pushback::read([text]), Some(Pushback::Stop), "{text:?}");
    }
    assert_eq!(Pushback::read([[0xFF, 0xFE]]), Some(Pushback::Stop));
    assert_eq!(Pushback::read(["10", "10"]), Some(Pushback::Stop));
    assert_eq!(Pushback::read([""; 0]), None);
    assert_eq!(Pushback::Stop.verdict(), Verdict::Pushback);
    let second = Duration::from_secs(1);
    assert_eq!(Pushback::After(second).verdict(), Verdict::RetryAfter(second));
}
