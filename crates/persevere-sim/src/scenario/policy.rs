//! Policies, budgets and breakers as a file writes them: `[retry.NAME]`, `[budget.NAME]`, `[breaker.NAME]`.

use super::duration::Text;
use crate::candidate::Candidate;
use crate::error::InvalidScenario;
use core::fmt;
use core::time::Duration;
use persevere_breaker::{Builder, CircuitBreaker, LastCalls, TimeSlices, Trip};
use persevere_budget::{AdaptiveThrottle, GrpcThrottle, TokenBucket, WindowedRatio};
use persevere_core::backoff::Exponential;
use persevere_core::budget::Class;
use persevere_core::{Backoff, Jitter, Policy};
use serde::Deserialize;

/// A policy.
#[derive(Debug, Clone, Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Retry {
    backoff: Option<Curve>,
    max_attempts: Option<u32>,
    unlimited_attempts: bool,
    max_delay: Option<Text>,
    max_elapsed: Option<Text>,
    attempt_timeout: Option<Text>,
    jitter: Option<Spread>,
    retry_rejected: bool,
    retry_timeouts: Option<bool>,
}

/// A curve: one of its fields, and its own settings.
#[derive(Debug, Clone, Copy, Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Curve {
    fixed: Option<Text>,
    linear: Option<Text>,
    exponential: Option<Text>,
    fibonacci: Option<Text>,
    decorrelated: Option<Text>,
    factor: Option<f64>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Spread {
    None,
    Full,
    Equal,
    Proportional(f64),
}

/// A budget: one of its fields.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Budget {
    WindowedRatio(Windowed),
    TokenBucket(Bucket),
    GrpcThrottle(Grpc),
    AdaptiveThrottle(Adaptive),
}

#[derive(Debug, Clone, Copy, Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Windowed {
    ratio: Option<f64>,
    reserve: Option<u32>,
    window: Option<Text>,
}

#[derive(Debug, Clone, Copy, Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Bucket {
    numbers: Option<Numbers>,
    capacity: Option<u32>,
    cost: Cost,
    reward: Option<u32>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Numbers {
    #[serde(rename = "aws_2_0")]
    Aws20,
    #[serde(rename = "aws_2_1")]
    Aws21,
}

#[derive(Debug, Clone, Copy, Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Cost {
    transient: Option<u32>,
    throttling: Option<u32>,
    timeout: Option<u32>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Grpc {
    max_tokens: u32,
    token_ratio: f64,
}

#[derive(Debug, Clone, Copy, Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Adaptive {
    multiplier: Option<f64>,
    window: Option<Text>,
}

/// A breaker.
#[derive(Debug, Clone, Copy, Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Breaker {
    consecutive_failures: Option<u32>,
    failure_rate: Option<f64>,
    over_calls: Option<u32>,
    over: Option<Text>,
    minimum_calls: Option<u32>,
    open_for: Option<Text>,
    open_with: Option<Curve>,
    max_open_for: Option<Text>,
    jitter: Option<Spread>,
    max_probes: Option<u32>,
    successes_to_close: Option<u32>,
}

fn wrong(name: &str, error: impl fmt::Display) -> InvalidScenario {
    InvalidScenario::Text(format!("`{name}`: {error}"))
}

/// The candidate of these settings.
pub(super) fn candidate(
    name: &str,
    retry: &Retry,
    budget: Option<Budget>,
    breaker: Option<Breaker>,
) -> Result<Candidate, InvalidScenario> {
    let curve = retry.backoff.unwrap_or_default();
    let candidate = match (curve.fixed, curve.linear, curve.fibonacci, curve.decorrelated) {
        (Some(delay), ..) => bare(name, retry, Policy::fixed(delay.0)),
        (_, Some(step), ..) => bare(name, retry, Policy::linear(step.0)),
        (_, _, Some(base), _) => bare(name, retry, Policy::fibonacci(base.0)),
        (.., Some(base)) => bare(name, retry, Policy::decorrelated(base.0)),
        _ => match curve.exponential {
            None => bare(name, retry, Policy::default()),
            Some(base) => {
                let policy = Policy::exponential(base.0).try_factor(curve.factor.unwrap_or(2.0));
                bare(name, retry, policy.map_err(|error| wrong(name, error))?)
            }
        },
    }?;
    let candidate = match budget {
        None => candidate,
        Some(budget) => with_budget(candidate, name, budget)?,
    };
    match breaker {
        None => Ok(candidate),
        Some(breaker) => with_breaker(candidate, name, breaker),
    }
}

fn bare<B: Backoff + Send + Sync + 'static>(
    name: &str,
    retry: &Retry,
    mut policy: Policy<B>,
) -> Result<Candidate, InvalidScenario> {
    if let Some(attempts) = retry.max_attempts {
        policy = policy.try_max_attempts(attempts).map_err(|error| wrong(name, error))?;
    }
    if retry.unlimited_attempts {
        policy = policy.unlimited_attempts();
    }
    if let Some(cap) = retry.max_delay {
        policy = policy.max_delay(cap.0);
    }
    if let Some(limit) = retry.max_elapsed {
        policy = policy.max_elapsed(limit.0);
    }
    if let Some(timeout) = retry.attempt_timeout {
        policy = policy
            .try_attempt_timeout(timeout.0)
            .map_err(|error| wrong(name, error))?;
    }
    if let Some(spread) = retry.jitter {
        policy = policy.jitter(jitter(name, spread)?);
    }
    policy = policy.retry_rejected(retry.retry_rejected);
    if let Some(retries) = retry.retry_timeouts {
        policy = policy.retry_timeouts(retries);
    }
    Ok(Candidate::new(name, policy))
}

fn jitter(name: &str, spread: Spread) -> Result<Jitter, InvalidScenario> {
    Ok(match spread {
        Spread::None => Jitter::None,
        Spread::Full => Jitter::Full,
        Spread::Equal => Jitter::Equal,
        Spread::Proportional(ratio) => Jitter::try_proportional(ratio).map_err(|error| wrong(name, error))?,
    })
}

fn with_budget(candidate: Candidate, name: &str, budget: Budget) -> Result<Candidate, InvalidScenario> {
    // Made once to find mistakes; then for each process.
    match budget {
        Budget::WindowedRatio(settings) => {
            let make = move || {
                let mut budget = WindowedRatio::new();
                if let Some(ratio) = settings.ratio {
                    budget = budget.try_ratio(ratio)?;
                }
                if let Some(reserve) = settings.reserve {
                    budget = budget.reserve(reserve);
                }
                match settings.window {
                    Some(window) => budget.try_window(window.0),
                    None => Ok(budget),
                }
            };
            make().map_err(|error| wrong(name, error))?;
            Ok(candidate.budget(move |_| make().unwrap_or_default()))
        }
        Budget::TokenBucket(settings) => {
            let make = move || {
                let mut budget = match settings.numbers {
                    Some(Numbers::Aws20) => TokenBucket::aws_2_0(),
                    Some(Numbers::Aws21) => TokenBucket::aws_2_1(),
                    None => TokenBucket::try_new(settings.capacity.unwrap_or(0))?,
                };
                if let Some(tokens) = settings.capacity {
                    budget = budget.try_capacity(tokens)?;
                }
                if let Some(tokens) = settings.reward {
                    budget = budget.try_reward(tokens)?;
                }
                let costs = [
                    (Class::Transient, settings.cost.transient),
                    (Class::Throttling, settings.cost.throttling),
                    (Class::Timeout, settings.cost.timeout),
                ];
                for (class, cost) in costs {
                    if let Some(tokens) = cost {
                        budget = budget.try_cost(class, tokens)?;
                    }
                }
                Ok(budget)
            };
            make().map_err(|error: persevere_budget::InvalidBudget| wrong(name, error))?;
            Ok(candidate.budget(move |_| make().unwrap_or_else(|_| TokenBucket::aws_2_1())))
        }
        Budget::GrpcThrottle(Grpc {
            max_tokens,
            token_ratio,
        }) => {
            GrpcThrottle::try_new(max_tokens, token_ratio).map_err(|error| wrong(name, error))?;
            Ok(candidate.budget(move |_| GrpcThrottle::new(max_tokens, token_ratio)))
        }
        Budget::AdaptiveThrottle(settings) => {
            let make = move |seed: u64| {
                let mut budget = AdaptiveThrottle::new().seed(seed);
                if let Some(k) = settings.multiplier {
                    budget = budget.try_multiplier(k)?;
                }
                match settings.window {
                    Some(window) => budget.try_window(window.0),
                    None => Ok(budget),
                }
            };
            make(0).map_err(|error| wrong(name, error))?;
            Ok(candidate.budget(move |seed| make(seed).unwrap_or_default()))
        }
    }
}

fn with_breaker(candidate: Candidate, name: &str, settings: Breaker) -> Result<Candidate, InvalidScenario> {
    let invalid = |error: persevere_breaker::InvalidBreaker| wrong(name, error);
    match settings.failure_rate {
        None => {
            let failures = settings.consecutive_failures.unwrap_or(5);
            let trip = persevere_breaker::ConsecutiveFailures::try_new(failures).map_err(invalid)?;
            opening(candidate, name, settings, CircuitBreaker::tripped_by(trip))
        }
        Some(rate) => match (settings.over, settings.over_calls) {
            (Some(period), _) => {
                let trip = TimeSlices::try_over(period.0).and_then(|trip| trip.try_rate(rate));
                let trip = trip.and_then(|trip| trip.try_minimum(settings.minimum_calls.unwrap_or(20)));
                let builder = CircuitBreaker::tripped_by(trip.map_err(invalid)?);
                opening(candidate, name, settings, builder)
            }
            (None, calls) => {
                let trip = LastCalls::try_of(calls.unwrap_or(100)).and_then(|trip| trip.try_rate(rate));
                let trip = match settings.minimum_calls {
                    None => trip,
                    Some(calls) => trip.and_then(|trip| trip.try_minimum(calls)),
                };
                let builder = CircuitBreaker::tripped_by(trip.map_err(invalid)?);
                opening(candidate, name, settings, builder)
            }
        },
    }
}

fn opening<T>(
    candidate: Candidate,
    name: &str,
    settings: Breaker,
    builder: Builder<T>,
) -> Result<Candidate, InvalidScenario>
where
    T: Trip + Copy + Send + Sync + 'static,
    T::Counts: Send + Sync,
{
    let invalid = |error: persevere_breaker::InvalidBreaker| wrong(name, error);
    match settings.open_with.and_then(|curve| curve.exponential) {
        Some(base) => {
            let builder = builder.open_with(Exponential::new(base.0));
            let builder = match settings.max_open_for {
                Some(longest) => builder.try_max_open_for(longest.0).map_err(invalid)?,
                None => builder,
            };
            finish(candidate, name, settings, builder)
        }
        None => {
            let time = settings.open_for.map_or(Duration::from_secs(60), |time| time.0);
            finish(candidate, name, settings, builder.try_open_for(time).map_err(invalid)?)
        }
    }
}

fn finish<T, B>(
    candidate: Candidate,
    name: &str,
    settings: Breaker,
    mut builder: Builder<T, B>,
) -> Result<Candidate, InvalidScenario>
where
    T: Trip + Copy + Send + Sync + 'static,
    T::Counts: Send + Sync,
    B: Backoff + Copy + Send + Sync + 'static,
{
    let invalid = |error: persevere_breaker::InvalidBreaker| wrong(name, error);
    if let Some(probes) = settings.max_probes {
        builder = builder.try_max_probes(probes).map_err(invalid)?;
    }
    if let Some(successes) = settings.successes_to_close {
        builder = builder.try_successes_to_close(successes).map_err(invalid)?;
    }
    if let Some(spread) = settings.jitter {
        builder = builder.jitter(jitter(name, spread)?);
    }
    Ok(candidate.breaker(move |seed| builder.seed(seed)))
}
