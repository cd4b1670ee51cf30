//! Numbers that no policy may have are rejected when it is built.

use persevere::backoff::Exponential;
use persevere::{InvalidPolicy, Jitter, Policy};
use persevere_tests::strategy::cases;
use proptest::prelude::*;
use std::panic::catch_unwind;
use std::time::Duration;

const BASE: Duration = Duration::from_millis(1);

fn message(result: std::thread::Result<impl Sized>) -> String {
    let payload = result.err().expect("it is refused");
    match payload.downcast::<String>() {
        Ok(text) => *text,
        Err(payload) => payload.downcast::<&str>().expect("a panic with a text").to_string(),
    }
}

proptest! {
    #![proptest_config(cases(512))]

    /// B5: a factor is accepted if and only if it is finite and at least 1.
    #[test]
    fn factor_is_finite_and_at_least_one(factor in prop_oneof![
        any::<u64>().prop_map(f64::from_bits),
        Just(f64::NAN), Just(f64::INFINITY), Just(f64::NEG_INFINITY), Just(0.0), Just(-2.0),
        Just(1.0), Just(f64::from_bits(1f64.to_bits() - 1)), Just(f64::MAX), Just(-0.0),
    ]) {
        let valid = factor.is_finite() && factor >= 1.0;
        let result = Exponential::new(BASE).try_factor(factor);
        prop_assert_eq!(result.is_ok(), valid);
        if let Err(error) = result {
            prop_assert!(matches!(error, InvalidPolicy::Factor(f) if f.to_bits() == factor.to_bits()));
        } else {
            prop_assert_eq!(result.unwrap(), Exponential::new(BASE).factor(factor));
        }
    }

    /// B5: a jitter ratio is accepted if and only if it is within 0 and 1.
    #[test]
    fn jitter_ratio_is_within_zero_and_one(ratio in prop_oneof![
        any::<u64>().prop_map(f64::from_bits),
        -1.0..2.0f64,
        Just(f64::NAN), Just(0.0), Just(-0.0), Just(1.0), Just(f64::from_bits(1f64.to_bits() + 1)), Just(-f64::MIN_POSITIVE),
    ]) {
        let valid = (0.0..=1.0).contains(&ratio);
        let result = Jitter::try_proportional(ratio);
        prop_assert_eq!(result.is_ok(), valid);
        if let Err(error) = result {
            prop_assert!(matches!(error, InvalidPolicy::JitterRatio(r) if r.to_bits() == ratio.to_bits()));
        }
    }

    /// B5: a limit of attempts is accepted if and only if it is not 0.
    #[test]
    fn limit_of_attempts_is_not_zero(attempts in prop_oneof![Just(0), Just(1), Just(u32::MAX), any::<u32>()]) {
        let result = Policy::fixed(BASE).try_max_attempts(attempts);
        prop_assert_eq!(result.as_ref().err(), (attempts == 0).then_some(&InvalidPolicy::Attempts));
        if let Ok(policy) = result {
            prop_assert_eq!(format!("{policy:?}"), format!("{:?}", Policy::fixed(BASE).max_attempts(attempts)));
        }
    }
}

/// B5: the plain setters panic with a message that names the allowed values.
#[test]
fn plain_setters_panic_and_print_what_is_allowed() {
    let attempts = message(catch_unwind(|| Policy::fixed(BASE).max_attempts(0)));
    assert_eq!(attempts, InvalidPolicy::Attempts.to_string());
    for factor in [f64::NAN, f64::INFINITY, -1.0, 0.5] {
        let factor = message(catch_unwind(|| Exponential::new(BASE).factor(factor)));
        assert!(factor.contains("finite and at least 1.0"), "{factor}");
    }
    for ratio in [f64::NAN, 1.5, -0.1] {
        let ratio = message(catch_unwind(|| Jitter::proportional(ratio)));
        assert!(ratio.contains("within 0.0..=1.0"), "{ratio}");
    }
}

/// B5: an invalid policy is an error that names the number, without a cause beneath it.
#[test]
fn invalid_policy_names_the_number() {
    let error = Exponential::new(BASE).try_factor(0.5).unwrap_err();
    assert_eq!(
        error.to_string(),
        "invalid retry policy: the backoff factor must be finite and at least 1.0, not 0.5"
    );
    let error = Jitter::try_proportional(1.5).unwrap_err();
    assert_eq!(
        error.to_string(),
        "invalid retry policy: the jitter ratio must be within 0.0..=1.0, not 1.5"
    );
    assert!(std::error::Error::source(&error).is_none());
}

/// B5: valid numbers make a `const` and a `static`.
#[test]
fn valid_numbers_make_a_const() {
    const JITTER: Jitter = Jitter::proportional(0.25);
    static POLICY: Policy<Exponential> = Policy::new(Exponential::new(BASE).factor(1.5))
        .max_attempts(4)
        .jitter(JITTER);
    assert_eq!(POLICY.delays().count(), 3);
}
