//! A budget of any kind, behind an `Arc`.

use crate::section::budget::{BudgetSettings, Numbers};
use persevere_budget::{AdaptiveThrottle, Budget, Class, GrpcThrottle, LastFailure, TokenBucket, WindowedRatio};
use std::sync::Arc;
use std::time::Duration;

/// A retry budget of any kind, which is cheap to clone, and is passed to [`Run::budget`](persevere_core::Run::budget) by
/// value.
#[derive(Debug, Clone)]
pub struct SharedBudget(Arc<Kind>);

#[derive(Debug)]
enum Kind {
    Windowed(WindowedRatio),
    Bucket(TokenBucket),
    Grpc(GrpcThrottle),
    Adaptive(AdaptiveThrottle),
}

impl SharedBudget {
    /// Builds the budget. Invariant: the settings were accepted by the builders when they were read.
    pub(crate) fn build(settings: &BudgetSettings) -> SharedBudget {
        SharedBudget(Arc::new(match settings {
            BudgetSettings::Windowed { ratio, reserve, window } => {
                let mut budget = WindowedRatio::new();
                if let Some(ratio) = ratio {
                    budget = budget.ratio(*ratio);
                }
                if let Some(reserve) = reserve {
                    budget = budget.reserve(*reserve);
                }
                if let Some(window) = window {
                    budget = budget.window(*window);
                }
                Kind::Windowed(budget)
            }
            BudgetSettings::Bucket {
                numbers,
                capacity,
                costs,
                reward,
            } => {
                let mut budget = match (numbers, capacity) {
                    (Some(Numbers::Aws20), _) => TokenBucket::aws_2_0(),
                    (Some(Numbers::Aws21), _) => TokenBucket::aws_2_1(),
                    (None, capacity) => TokenBucket::new(capacity.unwrap_or(500)),
                };
                for (class, tokens) in costs {
                    budget = budget.cost(*class, *tokens);
                }
                if let Some(reward) = reward {
                    budget = budget.reward(*reward);
                }
                Kind::Bucket(budget)
            }
            BudgetSettings::Grpc {
                max_tokens,
                token_ratio,
            } => Kind::Grpc(GrpcThrottle::new(*max_tokens, *token_ratio)),
            BudgetSettings::Adaptive {
                multiplier,
                window,
                seed,
            } => {
                let mut budget = AdaptiveThrottle::new();
                if let Some(multiplier) = multiplier {
                    budget = budget.multiplier(*multiplier);
                }
                if let Some(window) = window {
                    budget = budget.window(*window);
                }
                if let Some(seed) = seed {
                    budget = budget.seed(*seed);
                }
                Kind::Adaptive(budget)
            }
        }))
    }

    /// Counts what `other` has counted, if it is of the same kind.
    pub(crate) fn adopt(&self, other: &SharedBudget, now: Duration) {
        match (&*self.0, &*other.0) {
            (Kind::Windowed(budget), Kind::Windowed(other)) => budget.adopt(other, now),
            (Kind::Bucket(budget), Kind::Bucket(other)) => budget.adopt(other),
            (Kind::Grpc(budget), Kind::Grpc(other)) => budget.adopt(other),
            (Kind::Adaptive(budget), Kind::Adaptive(other)) => budget.adopt(other, now),
            _ => {}
        }
    }

    /// Returns how much is left `now`, for gauges: retries of a windowed budget, tokens of a bucket or a throttle of
    /// gRPC. For an adaptive throttle it is the probability that a retry is admitted.
    #[must_use]
    pub fn level(&self, now: Duration) -> f64 {
        match &*self.0 {
            Kind::Windowed(budget) => budget.available(now) as f64,
            Kind::Bucket(budget) => f64::from(budget.available()),
            Kind::Grpc(budget) => budget.available(),
            Kind::Adaptive(budget) => 1.0 - budget.rejection_probability(now),
        }
    }

    fn as_dyn(&self) -> &dyn Budget {
        match &*self.0 {
            Kind::Windowed(budget) => budget,
            Kind::Bucket(budget) => budget,
            Kind::Grpc(budget) => budget,
            Kind::Adaptive(budget) => budget,
        }
    }
}

impl Budget for SharedBudget {
    fn attempted(&self, now: Duration) {
        self.as_dyn().attempted(now);
    }

    fn withdraw(&self, class: Class, now: Duration) -> Option<u32> {
        self.as_dyn().withdraw(class, now)
    }

    fn give_back(&self, cost: u32) {
        self.as_dyn().give_back(cost);
    }

    fn succeeded(&self, last: Option<u32>, now: Duration) {
        self.as_dyn().succeeded(last, now);
    }

    fn failed(&self, failure: LastFailure, now: Duration) {
        self.as_dyn().failed(failure, now);
    }

    fn is_timed(&self) -> bool {
        self.as_dyn().is_timed()
    }
}
