//! Invalid settings are rejected when a budget is built.

use persevere_budget::{AdaptiveThrottle, Class, Exhausted, GrpcThrottle, InvalidBudget, TokenBucket, WindowedRatio};
use std::panic::catch_unwind;
use std::time::Duration;

const WRONG: [f64; 5] = [f64::INFINITY, f64::NEG_INFINITY, -1.0, -f64::MIN_POSITIVE, 1000.1];

#[test]
fn ratio_out_of_range_is_invalid() {
    let invalid = |ratio: f64| WindowedRatio::new().try_ratio(ratio).unwrap_err();
    for ratio in WRONG.into_iter().chain([0.000_000_9, f64::MIN_POSITIVE]) {
        assert_eq!(invalid(ratio), InvalidBudget::Ratio(ratio));
    }
    assert!(matches!(invalid(f64::NAN), InvalidBudget::Ratio(ratio) if ratio.is_nan()));
    for ratio in [0.0, -0.0, 0.000_001, 1.0, 1000.0] {
        assert!(WindowedRatio::new().try_ratio(ratio).is_ok(), "{ratio}");
    }
}

/// Whatever the order of the setters.
#[test]
fn budget_of_nothing_allows_no_retry() {
    let budgets = [
        WindowedRatio::new().ratio(0.0).reserve(0),
        WindowedRatio::new().reserve(0).ratio(0.0),
        WindowedRatio::new().reserve(5).ratio(0.0).reserve(0),
    ];
    for budget in budgets {
        budget.deposit(Duration::ZERO);
        assert_eq!(budget.withdraw(Duration::ZERO), Err(Exhausted));
    }
}

#[test]
fn window_out_of_range_is_invalid() {
    for length in [
        Duration::ZERO,
        Duration::from_millis(999),
        Duration::from_secs(3601),
        Duration::MAX,
    ] {
        let invalid = InvalidBudget::Window(length);
        assert_eq!(WindowedRatio::new().try_window(length).unwrap_err(), invalid);
        assert_eq!(AdaptiveThrottle::new().try_window(length).unwrap_err(), invalid);
    }
    for length in [Duration::from_secs(1), Duration::from_secs(3600)] {
        assert!(WindowedRatio::new().try_window(length).is_ok());
        assert!(AdaptiveThrottle::new().try_window(length).is_ok());
    }
}

#[test]
fn bucket_setting_of_zero_is_invalid() {
    assert_eq!(TokenBucket::try_new(0).unwrap_err(), InvalidBudget::Capacity);
    let bucket = || TokenBucket::new(1);
    assert_eq!(bucket().try_capacity(0).unwrap_err(), InvalidBudget::Capacity);
    assert_eq!(bucket().try_reward(0).unwrap_err(), InvalidBudget::Reward);
    for class in [Class::Transient, Class::Throttling, Class::Timeout] {
        assert_eq!(bucket().try_cost(class, 0).unwrap_err(), InvalidBudget::Cost);
    }
}

#[test]
fn throttle_setting_out_of_range_is_invalid() {
    for tokens in [0, 1001, u32::MAX] {
        assert_eq!(
            GrpcThrottle::try_new(tokens, 0.1).unwrap_err(),
            InvalidBudget::MaxTokens(tokens)
        );
    }
    for ratio in WRONG.into_iter().chain([0.0, 0.000_999]) {
        assert_eq!(
            GrpcThrottle::try_new(10, ratio).unwrap_err(),
            InvalidBudget::TokenRatio(ratio)
        );
    }
    assert!(GrpcThrottle::try_new(10, f64::NAN).is_err());
    for k in WRONG.into_iter().chain([0.0, 0.999]) {
        assert_eq!(
            AdaptiveThrottle::new().try_multiplier(k).unwrap_err(),
            InvalidBudget::Multiplier(k)
        );
    }
    assert!(AdaptiveThrottle::new().try_multiplier(f64::NAN).is_err());
}

/// The plain forms panic with the error of the `try_` forms.
#[test]
fn plain_form_panics_with_the_error() {
    fn message(build: fn()) -> String {
        let payload = catch_unwind(build).unwrap_err();
        (*payload.downcast_ref::<&str>().unwrap()).to_owned()
    }
    let plain: [(fn(), InvalidBudget); 4] = [
        (|| drop(TokenBucket::new(0)), InvalidBudget::Capacity),
        (|| drop(TokenBucket::new(1).capacity(0)), InvalidBudget::Capacity),
        (
            || drop(TokenBucket::new(1).cost(Class::Timeout, 0)),
            InvalidBudget::Cost,
        ),
        (|| drop(TokenBucket::new(1).reward(0)), InvalidBudget::Reward),
    ];
    for (build, invalid) in plain {
        assert_eq!(message(build), invalid.to_string());
    }
    let numbered: [(fn(), InvalidBudget); 6] = [
        (|| drop(WindowedRatio::new().ratio(-1.0)), InvalidBudget::Ratio(-1.0)),
        (
            || drop(WindowedRatio::new().window(Duration::ZERO)),
            InvalidBudget::Window(Duration::ZERO),
        ),
        (
            || drop(AdaptiveThrottle::new().window(Duration::MAX)),
            InvalidBudget::Window(Duration::MAX),
        ),
        (|| drop(GrpcThrottle::new(0, 0.1)), InvalidBudget::MaxTokens(0)),
        (|| drop(GrpcThrottle::new(1, 0.0)), InvalidBudget::TokenRatio(0.0)),
        (
            || drop(AdaptiveThrottle::new().multiplier(0.0)),
            InvalidBudget::Multiplier(0.0),
        ),
    ];
    for (build, invalid) in numbered {
        let (message, invalid) = (message(build), invalid.to_string());
        assert!(invalid.starts_with(&message), "{message} / {invalid}");
    }
}
