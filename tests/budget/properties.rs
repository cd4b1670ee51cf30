//! Every budget does what its reference model does, whatever it is asked and told, and whenever.

use crate::model;
use persevere_budget::{AdaptiveThrottle, Budget, Class, GrpcThrottle, LastFailure, TokenBucket, WindowedRatio};
use proptest::collection::vec;
use proptest::prelude::*;
use std::time::Duration;

#[derive(Debug, Clone, Copy)]
enum Call {
    Attempted,
    Withdraw(Class),
    GiveBack,
    Succeeded { with_retry: bool },
    Failed(LastFailure),
}

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

/// Calls with their times: mostly on, sometimes far on, sometimes a little back.
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
    /// G2, G3: a windowed ratio lets through what the sum over the window allows, no more and no less.
    #[test]
    fn windowed_ratio(
        credit in prop_oneof![0..=1_000_000_u32, 1_000_000..=3_000_000_u32],
        reserve in 0..20_u32,
        window in window(),
        calls in calls(),
    ) {
        prop_assume!(credit > 0 || reserve > 0);
        let ratio = f64::from(credit) / 1e6;
        let budget = WindowedRatio::new().window(window).ratio(ratio).try_reserve(reserve);
        let budget = match budget {
            Ok(budget) => budget,
            Err(_) => WindowedRatio::new().window(window).reserve(reserve).ratio(ratio),
        };
        let mut model = model::Windowed::new(credit, reserve, window);
        for (now, call) in calls {
            match call {
                Call::Attempted => budget.attempted(now),
                Call::Withdraw(class) => {
                    prop_assert_eq!(budget.withdraw(class, now).is_some(), model.withdraw(now), "at {:?}", now);
                }
                Call::GiveBack => budget.give_back(1),
                Call::Succeeded { with_retry } => {
                    budget.succeeded(with_retry.then_some(1), now);
                    model.deposit(now);
                }
                Call::Failed(failure) => budget.failed(failure, now),
            }
            prop_assert_eq!(budget.balance(now), model.balance(now), "at {:?} after {:?}", now, call);
        }
    }

    /// A token bucket takes and puts back what its rules say, and stays between empty and full.
    #[test]
    fn token_bucket(
        capacity in 1..600_u32,
        costs in [1..20_u32, 1..20_u32, 1..20_u32],
        reward in 1..5_u32,
        calls in calls(),
    ) {
        let budget = TokenBucket::new(capacity)
            .cost(Class::Transient, costs[0])
            .cost(Class::Throttling, costs[1])
            .cost(Class::Timeout, costs[2])
            .reward(reward);
        let mut model = model::Bucket { tokens: capacity, capacity, costs, reward };
        let mut last = None;
        for (now, call) in calls {
            match call {
                Call::Attempted => budget.attempted(now),
                Call::Withdraw(class) => {
                    let cost = budget.withdraw(class, now);
                    prop_assert_eq!(cost, model.withdraw(class));
                    last = cost.or(last);
                }
                Call::GiveBack => {
                    if let Some(cost) = last.take() {
                        budget.give_back(cost);
                        model.put_back(cost);
                    }
                }
                Call::Succeeded { with_retry } => {
                    let last = if with_retry { last.take() } else { None };
                    budget.succeeded(last, now);
                    model.succeeded(last);
                }
                Call::Failed(failure) => budget.failed(failure, now),
            }
            prop_assert_eq!(budget.available(), model.tokens);
        }
    }

    /// The throttle of gRPC: a token for a failure, a part of one for a success, retries above half.
    #[test]
    fn grpc_throttle(max_tokens in 1..30_u32, thousandths in 1..3_000_u32, calls in calls()) {
        let budget = GrpcThrottle::new(max_tokens, f64::from(thousandths) / 1000.0);
        let max_tokens = i64::from(max_tokens) * 1000;
        let mut model = model::Grpc { tokens: max_tokens, max_tokens, ratio: thousandths.into() };
        for (now, call) in calls {
            match call {
                Call::Attempted => budget.attempted(now),
                Call::Withdraw(class) => {
                    let is_allowed = budget.withdraw(class, now).is_some();
                    prop_assert_eq!(is_allowed, model.withdraw());
                    prop_assert_eq!(is_allowed, !budget.is_throttling());
                }
                Call::GiveBack => budget.give_back(1),
                Call::Succeeded { with_retry } => {
                    budget.succeeded(with_retry.then_some(1), now);
                    model.succeeded();
                }
                Call::Failed(failure) => {
                    budget.failed(failure, now);
                    model.failed(failure);
                }
            }
            prop_assert_eq!((budget.tokens() * 1000.0).round() as i64, model.tokens);
        }
    }

    /// The probability is that of the formula, and where it is zero nothing is refused.
    #[test]
    fn adaptive_throttle(thousandths in 1_000..4_000_u32, window in window(), seed: u64, calls in calls()) {
        let multiplier = f64::from(thousandths) / 1000.0;
        let budget = AdaptiveThrottle::new().multiplier(multiplier).window(window).seed(seed);
        let mut model = model::Adaptive::new(multiplier, window);
        for (now, call) in calls {
            match call {
                Call::Attempted => {
                    budget.attempted(now);
                    model.request(now);
                }
                Call::Withdraw(class) => {
                    let probability = model.probability(now);
                    if budget.withdraw(class, now).is_none() {
                        prop_assert!(probability > 0.0);
                        model.request(now);
                    }
                }
                Call::GiveBack => budget.give_back(1),
                Call::Succeeded { with_retry } => {
                    budget.succeeded(with_retry.then_some(1), now);
                    model.accept(now);
                }
                Call::Failed(failure) => {
                    budget.failed(failure, now);
                    if failure == LastFailure::Permanent {
                        model.accept(now);
                    }
                }
            }
            let off = budget.refusal_probability(now) - model.probability(now);
            prop_assert!(off.abs() < 1e-9, "off by {}", off);
        }
    }
}
