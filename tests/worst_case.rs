//! The worst case of a policy: no run is worse, and one that draws the worst is as bad.

use persevere::{Jitter, Policy};
use persevere_testkit::VirtualTime;
use persevere_tests::strategy::{any_duration, cases, curve, few_millis, jitter};
use proptest::prelude::*;
use std::time::Duration;

proptest! {
    #![proptest_config(cases(512))]

    /// No run makes more attempts or waits longer, whatever is drawn.
    #[test]
    fn no_run_is_worse_than_the_worst_case(
        curve in curve(few_millis().boxed()),
        limits in (1u32..12, prop::option::of((0u64..80).prop_map(Duration::from_millis)), any_duration()),
        jitter in jitter(),
        seed in any::<u64>(),
    ) {
        let (attempts, elapsed, cap) = limits;
        let mut policy = Policy::new(curve.backoff()).max_attempts(attempts).max_delay(cap).jitter(jitter).seed(seed);
        if let Some(limit) = elapsed {
            policy = policy.max_elapsed(limit);
        }
        let worst = policy.worst_case();
        let error = policy.on(&VirtualTime::new()).run_blocking(|| Err::<(), _>("no")).unwrap_err();
        prop_assert!(error.attempts() <= worst.attempts);
        prop_assert!(error.waited() <= worst.total_delay);
        if jitter == Jitter::None {
            prop_assert_eq!(error.attempts(), worst.attempts);
        }
        if jitter == Jitter::None && elapsed.is_none() {
            // The waited time of a run is kept in 64 bits.
            prop_assert_eq!(error.waited(), worst.total_delay.min(Duration::from_nanos(u64::MAX)));
        }
    }

    /// The same for random delays, each of which depends on the one before.
    #[test]
    fn no_decorrelated_run_is_worse_than_the_worst_case(
        base in few_millis(), cap in few_millis(), limit in (1u64..80).prop_map(Duration::from_millis), seed in any::<u64>(),
    ) {
        let policy = Policy::decorrelated(base).max_delay(cap).max_attempts(9).max_elapsed(limit).seed(seed);
        let worst = policy.worst_case();
        let error = policy.on(&VirtualTime::new()).run_blocking(|| Err::<(), _>("no")).unwrap_err();
        prop_assert!(error.attempts() <= worst.attempts && error.waited() <= worst.total_delay);
    }
}

/// A policy without limits makes as many attempts as can be counted, and waits for as long as all of its delays. With a
/// curve that goes on growing it counts as endless.
#[test]
fn unlimited_policy_is_as_long_as_its_delays() {
    let worst = Policy::fixed(Duration::ZERO).unlimited_attempts().worst_case();
    assert_eq!((worst.attempts, worst.total_delay), (u32::MAX, Duration::ZERO));
    let worst = Policy::fixed(Duration::from_secs(1)).unlimited_attempts().worst_case();
    let seconds = Duration::from_secs(u64::from(u32::MAX) - 1);
    assert_eq!((worst.attempts, worst.total_delay), (u32::MAX, seconds));
    let growing = Policy::new(persevere::backoff::from_fn(|context| {
        Some(Duration::from_nanos(context.attempt().into()))
    }));
    let worst = growing.unlimited_attempts().worst_case();
    assert_eq!((worst.attempts, worst.total_delay), (u32::MAX, Duration::MAX));
    let day = Duration::from_secs(86_400);
    let worst = Policy::fixed(Duration::from_secs(1))
        .unlimited_attempts()
        .max_elapsed(day)
        .worst_case();
    assert_eq!(
        (worst.attempts, worst.total_delay),
        (86_400, Duration::from_secs(86_399))
    );
    let worst = growing.unlimited_attempts().max_elapsed(day).worst_case();
    assert!(worst.total_delay <= day, "{worst:?}");
}

/// The sum of the longest delays saturates.
#[test]
fn total_delay_saturates() {
    let worst = Policy::fixed(Duration::MAX).worst_case();
    assert_eq!((worst.attempts, worst.total_delay), (3, Duration::MAX));
}

/// A schedule that ends is not endless, although nothing else limits its attempts.
#[test]
fn schedule_is_as_long_as_its_delays() {
    let worst = Policy::schedule([1, 2, 4].map(Duration::from_secs)).worst_case();
    assert_eq!((worst.attempts, worst.total_delay), (4, Duration::from_secs(1 + 2 + 4)));
}

/// The waits that the limit of time leaves no room for are not in the sum.
#[test]
fn waits_that_are_not_begun_do_not_count() {
    let second = Duration::from_secs(1);
    let worst = Policy::fixed(4 * second)
        .max_attempts(100)
        .max_elapsed(10 * second)
        .worst_case();
    assert_eq!((worst.attempts, worst.total_delay), (3, 8 * second));
}
