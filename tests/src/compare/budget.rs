//! The budgets beside their reference models: any calls at any times, mostly forward, sometimes back.

use super::draw::{Clock, any_duration, one_of};
use crate::model::budget::{Adaptive, Bucket, Grpc, Windowed};
use crate::model::{AGES, saturated};
use arbitrary::{Result, Unstructured};
use persevere_budget::{AdaptiveThrottle, Budget, Class, GrpcThrottle, LastFailure, TokenBucket, WindowedRatio};
use std::time::Duration;

/// A call of a run to its budget.
#[derive(Debug, Clone, Copy)]
pub enum Call {
    /// An attempt begins.
    Attempted,
    /// A retry is withdrawn.
    Withdraw(Class),
    /// The last withdrawal is given back.
    GiveBack,
    /// The run succeeded.
    Succeeded {
        /// Whether it made a retry.
        with_retry: bool,
    },
    /// The run failed.
    Failed(LastFailure),
}

/// Compares a windowed ratio, given in millionths, with its model.
///
/// # Panics
///
/// If budget and model differ.
pub fn windowed(credit: u32, reserve: u32, window: Duration, calls: &[(Duration, Call)]) {
    let ratio = f64::from(credit) / 1e6;
    let budget = WindowedRatio::new().window(window).ratio(ratio).reserve(reserve);
    let mut model = Windowed::new(credit, reserve, window);
    let mut held = None;
    for &(now, call) in calls {
        match call {
            Call::Attempted => budget.attempted(now),
            Call::Withdraw(class) => {
                let (slice, expected) = (Budget::withdraw(&budget, class, now), model.withdraw(now));
                assert_eq!(slice.is_some(), expected.is_some(), "at {now:?}");
                held = slice.zip(expected).or(held);
            }
            Call::GiveBack => {
                if let Some((slice, expected)) = held.take() {
                    budget.give_back(slice);
                    model.give_back(expected);
                }
            }
            Call::Succeeded { with_retry } => {
                budget.succeeded(with_retry.then_some(1), now);
                model.deposit(now);
            }
            Call::Failed(failure) => budget.failed(failure, now),
        }
        assert_eq!(budget.available(now), model.available(now), "at {now:?} after {call:?}");
    }
}

/// Compares a token bucket with its model. The costs are of a transient failure, of throttling, and of a timeout.
///
/// # Panics
///
/// If budget and model differ.
pub fn bucket(capacity: u32, costs: [u32; 3], reward: u32, calls: &[(Duration, Call)]) {
    let budget = TokenBucket::new(capacity)
        .cost(Class::Transient, costs[0])
        .cost(Class::Throttling, costs[1])
        .cost(Class::Timeout, costs[2])
        .reward(reward);
    let mut model = Bucket {
        tokens: capacity,
        capacity,
        costs,
        reward,
    };
    let mut last = None;
    for &(now, call) in calls {
        match call {
            Call::Attempted => budget.attempted(now),
            Call::Withdraw(class) => {
                let cost = budget.withdraw(class, now);
                assert_eq!(cost, model.withdraw(class));
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
        assert_eq!(budget.available(), model.tokens);
    }
}

/// Compares the throttle of gRPC, with a ratio in thousandths, with its model.
///
/// # Panics
///
/// If budget and model differ.
pub fn grpc(max_tokens: u32, thousandths: u32, calls: &[(Duration, Call)]) {
    let budget = GrpcThrottle::new(max_tokens, f64::from(thousandths) / 1000.0);
    let max_tokens = i64::from(max_tokens) * 1000;
    let mut model = Grpc {
        tokens: max_tokens,
        max_tokens,
        ratio: thousandths.into(),
    };
    for &(now, call) in calls {
        match call {
            Call::Attempted => budget.attempted(now),
            Call::Withdraw(class) => {
                let is_allowed = budget.withdraw(class, now).is_some();
                assert_eq!(is_allowed, model.withdraw());
                assert_eq!(is_allowed, !budget.is_throttling());
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
        assert_eq!((budget.available() * 1000.0).round() as i64, model.tokens);
    }
}

/// Compares an adaptive throttle, with a multiplier in thousandths, with its model.
///
/// # Panics
///
/// If budget and model differ.
pub fn adaptive(thousandths: u32, window: Duration, seed: u64, calls: &[(Duration, Call)]) {
    let multiplier = f64::from(thousandths) / 1000.0;
    let budget = AdaptiveThrottle::new().multiplier(multiplier).window(window).seed(seed);
    let mut model = Adaptive::new(multiplier, window);
    for &(now, call) in calls {
        match call {
            Call::Attempted => {
                budget.attempted(now);
                model.request(now);
            }
            Call::Withdraw(class) => {
                let probability = model.probability(now);
                if budget.withdraw(class, now).is_none() {
                    assert!(probability > 0.0);
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
        let off = budget.rejection_probability(now) - model.probability(now);
        assert!(off.abs() < 1e-9, "off by {off}");
    }
}

/// Reads a budget and its calls from the bytes, and makes them.
///
/// # Panics
///
/// If budget and model differ.
pub fn check(bytes: &[u8]) {
    // Bytes that hold no calls are skipped.
    let _ = follow(&mut Unstructured::new(bytes));
}

fn follow(bytes: &mut Unstructured<'_>) -> Result<()> {
    let kind = bytes.int_in_range(0..=3)?;
    let window = Duration::from_millis(bytes.int_in_range(1_000..=20_000)?);
    let [one, two] = [bytes.int_in_range(1..=3_000)?, bytes.int_in_range(1..=600)?];
    let costs = [
        bytes.int_in_range(1..=20)?,
        bytes.int_in_range(1..=20)?,
        bytes.int_in_range(1..=20)?,
    ];
    let calls = calls(bytes)?;
    match kind {
        0 => windowed(one * 1_000, two, window, &calls),
        1 => bucket(two, costs, costs[0], &calls),
        2 => grpc(two, one, &calls),
        _ => adaptive(one + 1_000, window, two.into(), &calls),
    }
    Ok(())
}

fn calls(bytes: &mut Unstructured<'_>) -> Result<Vec<(Duration, Call)>> {
    const CLASSES: [Class; 3] = [Class::Transient, Class::Throttling, Class::Timeout];
    // The clock saturates there, after 584 years.
    let end = saturated(Some(AGES - 1));
    let mut clock = Clock {
        now: any_duration(bytes)?.min(end),
        end,
        backwards: true,
    };
    let mut calls = Vec::new();
    // The models sum every event at every call.
    while !bytes.is_empty() && calls.len() < 500 {
        let call = match bytes.int_in_range(0..=15)? {
            0 | 1 => Call::Attempted,
            2..=6 => Call::Withdraw(one_of(bytes, &CLASSES)?),
            7 => Call::GiveBack,
            8..=11 => Call::Succeeded {
                with_retry: bytes.arbitrary()?,
            },
            12 => Call::Failed(LastFailure::Permanent),
            13 => Call::Failed(LastFailure::Pushback),
            _ => Call::Failed(LastFailure::Retryable(one_of(bytes, &CLASSES)?)),
        };
        calls.push((clock.pass(bytes)?, call));
    }
    Ok(calls)
}
