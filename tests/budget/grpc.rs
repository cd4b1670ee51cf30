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

/// With ten tokens, the fifth failure in a row is the first that is not retried: five left are not more than half.
#[test]
fn retries_stop_at_half_not_below() {
    let budget = GrpcThrottle::new(10, 0.1);
    assert_eq!(fail(&budget, 5), [true, true, true, true, false]);
    assert_eq!(budget.tokens(), 5.0);
    assert!(budget.is_throttling());
}

/// An odd number has its half between two tokens.
#[test]
fn the_half_of_an_odd_number() {
    let budget = GrpcThrottle::new(3, 1.0);
    assert_eq!(fail(&budget, 2), [true, false]);
    assert_eq!(fail(&GrpcThrottle::new(1, 1.0), 1), [false]);
}

/// Failures go on taking tokens while there are no retries, down to none, and the first attempts go on.
#[test]
fn tokens_end_at_none() {
    let budget = GrpcThrottle::new(4, 0.5);
    fail(&budget, 100);
    assert_eq!(budget.tokens(), 0.0);
    for successes in 1..=4 {
        budget.succeeded(None, NOW);
        assert_eq!(
            (budget.tokens(), budget.is_throttling()),
            (f64::from(successes) * 0.5, true)
        );
    }
    budget.succeeded(None, NOW);
    assert_eq!((budget.tokens(), budget.is_throttling()), (2.5, false));
    for _ in 0..100 {
        budget.succeeded(None, NOW);
    }
    assert_eq!(budget.tokens(), 4.0);
}

/// With a ratio of a tenth, one failure for ten successes is what the throttle can bear for ever.
#[test]
fn one_failure_in_eleven_is_borne() {
    let budget = GrpcThrottle::new(10, 0.1);
    for _ in 0..1000 {
        assert!(budget.withdraw(Class::Timeout, NOW).is_some());
        for _ in 0..10 {
            budget.succeeded(Some(1), NOW);
        }
    }
    assert_eq!(budget.tokens(), 10.0);
}

/// Beyond three decimals a ratio is cut off, and what is a decimal fraction stays what it is.
#[test]
fn ratios_have_three_decimals() {
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
        assert_eq!(budget.tokens(), kept, "of {ratio}");
    }
}

/// A failure that ends the run takes its token too, if it was worth retrying or the server asks not to. Others do not.
#[test]
fn last_failures_take_tokens() {
    let budget = GrpcThrottle::new(10, 0.1);
    let end = |failure| {
        let mut account = Account::open(&budget);
        account.attempt(NOW);
        account.failed(failure, NOW);
        budget.tokens()
    };
    assert_eq!(end(LastFailure::Permanent), 10.0);
    assert_eq!(end(LastFailure::Retryable(Class::Transient)), 9.0);
    assert_eq!(end(LastFailure::Pushback), 8.0);
}

/// A run that is dropped while it waits gives nothing back: the failure was there.
#[test]
fn a_dropped_retry_gives_no_token_back() {
    let budget = GrpcThrottle::new(10, 0.1);
    let mut account = Account::open(&budget);
    account.attempt(NOW);
    account.withdraw(Class::Transient, NOW).unwrap();
    drop(account);
    assert_eq!(budget.tokens(), 9.0);
}

/// A server's pushback: a number of 32 bits that is not negative, once.
#[test]
fn pushbacks() {
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
    assert_eq!(Pushback::Stop.verdict(), Verdict::Stop);
    let second = Duration::from_secs(1);
    assert_eq!(Pushback::After(second).verdict(), Verdict::RetryAfter(second));
}
