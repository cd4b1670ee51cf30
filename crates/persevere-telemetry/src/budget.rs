//! Retry budgets as sources.

use core::time::Duration;
use persevere_budget::{AdaptiveThrottle, BudgetStats, Counted, GrpcThrottle, TokenBucket, WindowedRatio};
use std::sync::Arc;

/// A retry budget that metrics read. A [`Counted`] budget has counts too. Anything behind `&` or `Arc` works as it is.
pub trait ReadBudget {
    /// Returns the balance of the budget, in its own unit; `None` if it has no such number.
    fn balance(&self, now: Duration) -> Option<f64>;

    /// Returns the counts of the budget; `None` if it counts nothing.
    fn stats(&self) -> Option<BudgetStats> {
        None
    }
}

impl ReadBudget for WindowedRatio {
    fn balance(&self, now: Duration) -> Option<f64> {
        Some(self.available(now) as f64)
    }
}

impl ReadBudget for TokenBucket {
    fn balance(&self, _: Duration) -> Option<f64> {
        Some(f64::from(self.available()))
    }
}

impl ReadBudget for GrpcThrottle {
    fn balance(&self, _: Duration) -> Option<f64> {
        Some(self.available())
    }
}

impl ReadBudget for AdaptiveThrottle {
    fn balance(&self, _: Duration) -> Option<f64> {
        None
    }
}

impl<B: ReadBudget> ReadBudget for Counted<B> {
    fn balance(&self, now: Duration) -> Option<f64> {
        self.get().balance(now)
    }

    fn stats(&self) -> Option<BudgetStats> {
        Some(Counted::stats(self))
    }
}

impl<R: ReadBudget + ?Sized> ReadBudget for &R {
    fn balance(&self, now: Duration) -> Option<f64> {
        (**self).balance(now)
    }

    fn stats(&self) -> Option<BudgetStats> {
        (**self).stats()
    }
}

impl<R: ReadBudget + ?Sized> ReadBudget for Arc<R> {
    fn balance(&self, now: Duration) -> Option<f64> {
        (**self).balance(now)
    }

    fn stats(&self) -> Option<BudgetStats> {
        (**self).stats()
    }
}
