//! Every budget agrees with its reference model, for any calls at any times.

use persevere_budget::{Class, LastFailure};
use persevere_tests::compare::budget::{Call, adaptive, bucket, grpc, windowed};
use proptest::collection::vec;
use proptest::prelude::*;
use std::time::Duration;

fn class() -> impl Strategy<Value = Class> {
    prop_oneof![Just(Class::Transient), Just(Class::Throttling), Just(Class::Timeout)]
}

fn last_failure() -> impl Strategy<Value = LastFailure> {
    prop_oneof![
        Just(LastFailure::Permanent),
        Just(LastFailure::Pushback),
        class().prop_map(LastFailure::Retryable)
    ]
}

fn call() -> impl Strategy<Value = Call> {
    prop_oneof![
        2 => Just(Call::Attempted),
        4 => class().prop_map(Call::Withdraw),
        1 => Just(Call::GiveBack),
        4 => any::<bool>().prop_map(|with_retry| Call::Succeeded { with_retry }),
        2 => last_failure().prop_map(Call::Failed),
    ]
}

/// Calls with their times: mostly forward, sometimes far, sometimes a little back.
fn calls() -> impl Strategy<Value = Vec<(Duration, Call)>> {
    let step = prop_oneof![
        6 => 0..400_i64,
        3 => 0..4_000_i64,
        1 => 0..400_000_i64,
        1 => -2_000..0_i64,
    ];
    (0..1_000_000_000_i64, vec((step, call()), 0..300)).prop_map(|(mut now, calls)| {
        let mut timed = Vec::new();
        for (step, call) in calls {
            now = (now + step).max(0);
            timed.push((Duration::from_millis(now.unsigned_abs()), call));
        }
        timed
    })
}

fn window() -> impl Strategy<Value = Duration> {
    (1_000..20_000_u64).prop_map(Duration::from_millis)
}

proptest! {
    /// G2, G3: a windowed ratio allows exactly what the sum over the window allows.
    #[test]
    fn windowed_ratio(
        credit in prop_oneof![0..=1_000_000_u32, 1_000_000..=3_000_000_u32],
        reserve in 0..20_u32,
        window in window(),
        calls in calls(),
    ) {
        prop_assume!(credit > 0 || reserve > 0);
        windowed(credit, reserve, window, &calls);
    }

    /// A token bucket takes and returns tokens by its rules, and stays between empty and full.
    #[test]
    fn token_bucket(
        capacity in 1..600_u32,
        costs in [1..20_u32, 1..20_u32, 1..20_u32],
        reward in 1..5_u32,
        calls in calls(),
    ) {
        bucket(capacity, costs, reward, &calls);
    }

    /// The throttle of gRPC takes a token for a failure, returns a part for a success, and retries above half.
    #[test]
    fn grpc_throttle(max_tokens in 1..30_u32, thousandths in 1..3_000_u32, calls in calls()) {
        grpc(max_tokens, thousandths, &calls);
    }

    /// The probability follows the formula, and if it is zero nothing is rejected.
    #[test]
    fn adaptive_throttle(thousandths in 1_000..4_000_u32, window in window(), seed: u64, calls in calls()) {
        adaptive(thousandths, window, seed, &calls);
    }
}
