//! Delays that grow by a factor of any kind: whole, or not, small, or not.

use crate::backoff::{FAR, LONGEST};
use persevere::Policy;
use persevere::backoff::Exponential;
use persevere_tests::strategy::{any_duration, cases};
use proptest::prelude::*;
use std::time::Duration;

/// A number of up to `bits` bits, each length equally often.
fn of_any_length(bits: u32) -> impl Strategy<Value = u64> {
    (1..=bits, any::<u64>()).prop_map(|(bits, number)| number >> (64 - bits))
}

proptest! {
    #![proptest_config(cases(256))]

    /// B1, B4: a factor that is no whole number is computed to 64 bits, whatever the base, and rounded to the nanosecond.
    #[test]
    fn fractional_factor_is_exact_to_64_bits(
        base in prop_oneof![any_duration(), of_any_length(64).prop_map(Duration::from_nanos)],
        eighths in prop_oneof![8..=80u64, of_any_length(50).prop_map(|eighths| eighths.max(8))],
    ) {
        let eighths = u128::from(eighths);
        let backoff = Exponential::new(base).factor(eighths as f64 / 8.0);
        let policy = Policy::new(backoff).max_attempts(FAR);
        for (exponent, delay) in (0..).zip(policy.delays()) {
            let over = eighths.checked_pow(exponent).and_then(|over| over.checked_mul(base.min(LONGEST).as_nanos()));
            let Some(over) = over else { break };
            let under = 8u128.pow(exponent);
            let nearest = (over / under + (over % under * 2 / under)).min(LONGEST.as_nanos());
            // Each of some ten multiplications drops less than one part in 2^63, which may decide the rounding.
            let difference = delay.as_nanos().abs_diff(nearest);
            prop_assert!(difference <= 1 + (nearest >> 59), "{} ns off after {} failures", difference, exponent + 1);
        }
    }

    /// B1: the first delay is the base, whatever the factor and however long the base.
    #[test]
    fn first_exponential_delay_is_the_base(base in any_duration(), factor in 1.0..1e9f64) {
        let policy = Policy::new(Exponential::new(base).factor(factor));
        prop_assert_eq!(policy.delays().next(), Some(base.min(LONGEST)));
    }

    /// B4: any factor there is grows without a panic, never shrinks, and stays where it saturates.
    #[test]
    fn any_factor_grows_and_saturates(
        base in any_duration(),
        factor in prop_oneof![1.0..1e3, any::<u64>().prop_map(|bits| f64::from_bits(bits).abs())],
    ) {
        if let Ok(backoff) = Exponential::new(base).try_factor(factor) {
            let delays: Vec<_> = Policy::new(backoff).max_attempts(FAR).delays().collect();
            prop_assert!(delays.is_sorted());
            let end = if base.is_zero() || factor == 1.0 { base.min(LONGEST) } else { LONGEST };
            if factor >= 2.0 || base.is_zero() {
                prop_assert_eq!(delays.last(), Some(&end));
            }
        }
    }
}

/// B1: fractions of a nanosecond are rounded to the nearest, and up from the middle.
#[test]
fn fractions_are_rounded() {
    let policy = Policy::new(Exponential::new(Duration::from_nanos(1)).factor(1.5)).max_attempts(8);
    let delays: Vec<_> = policy.delays().map(|delay| delay.as_nanos()).collect();
    assert_eq!(delays, [1, 2, 2, 3, 5, 8, 11]);
}

/// B1: a whole factor is computed to the nanosecond, up to 584 years.
#[test]
fn whole_factor_is_exact_until_it_saturates() {
    for factor in [1, 3, 10, u32::MAX] {
        let backoff = Exponential::new(Duration::from_nanos(1)).factor(f64::from(factor));
        let policy = Policy::new(backoff).max_attempts(FAR);
        for (exponent, delay) in (0..).zip(policy.delays()) {
            let exact = u128::from(factor).saturating_pow(exponent);
            let exact = exact.min(LONGEST.as_nanos());
            assert_eq!(delay.as_nanos(), exact, "{factor}^{exponent}");
        }
    }
    let policy = Policy::new(Exponential::new(Duration::from_nanos(3)).factor(4_294_967_297.0)).max_attempts(3);
    let delays = policy.delays().map(|delay| delay.as_nanos());
    assert_eq!(delays.collect::<Vec<_>>(), [3, 3 * 4_294_967_297]);
}
