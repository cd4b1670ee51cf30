//! Handles, which callers keep in place of a name.

use super::configured::Configured;
use super::hedge::ConfiguredHedge;
use super::slots::Slot;
use crate::budget::SharedBudget;
use crate::limit::SharedLimit;
use crate::section::breaker::BreakerSettings;
use crate::section::budget::BudgetSettings;
use crate::section::limit::LimitSettings;
use persevere_breaker::SharedBreaker;
use persevere_core::Policy;
use persevere_core::backoff::Curve;
use persevere_hedge::{AnyDelay, Hedge, Latency};
use std::fmt;
use std::sync::Arc;

/// A configured policy; returned by [`Policies::get`](crate::Policies::get).
#[derive(Clone)]
pub struct PolicyHandle(pub(super) Arc<Slot<Policy<Curve>>>);

impl PolicyHandle {
    /// Returns the policy as it is configured now, a copy that does not change.
    ///
    /// # Examples
    ///
    /// ```
    /// use persevere::ThreadSleeper;
    /// use persevere::config::{Policies, Settings};
    ///
    /// let policies = Policies::new(Settings::from_toml("[retry.billing]\nmax_attempts = 2")?);
    /// let billing = policies.get("billing")?;
    /// let error = billing.current().retry_if(|_: &&str| false).on(ThreadSleeper).run_blocking(|| Err::<(), _>("down"));
    /// assert_eq!(error.unwrap_err().attempts(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn current(&self) -> Policy<Curve> {
        self.0.get()
    }
}

impl fmt::Debug for PolicyHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PolicyHandle").field(&self.current()).finish()
    }
}

/// A configured breaker; returned by [`Policies::breaker`](crate::Policies::breaker).
#[derive(Clone)]
pub struct BreakerHandle(pub(super) Arc<Slot<Configured<BreakerSettings, SharedBreaker>>>);

impl BreakerHandle {
    /// Returns the breaker as it is configured now. Take it once for each run.
    #[must_use]
    pub fn current(&self) -> SharedBreaker {
        self.0.get().guard
    }
}

impl fmt::Debug for BreakerHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("BreakerHandle").field(&self.current()).finish()
    }
}

/// A configured budget; returned by [`Policies::budget`](crate::Policies::budget).
#[derive(Clone)]
pub struct BudgetHandle(pub(super) Arc<Slot<Configured<BudgetSettings, SharedBudget>>>);

impl BudgetHandle {
    /// Returns the budget as it is configured now. Take it once for each run.
    #[must_use]
    pub fn current(&self) -> SharedBudget {
        self.0.get().guard
    }
}

impl fmt::Debug for BudgetHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("BudgetHandle").field(&self.current()).finish()
    }
}

/// A configured limit; returned by [`Policies::limit`](crate::Policies::limit).
///
/// ```
/// use persevere::ThreadSleeper;
/// use persevere::config::{Policies, Settings};
///
/// let policies = Policies::new(Settings::from_toml("[retry.api]\n[limit.api]\npause = { at_most = \"60s\" }")?);
/// let (policy, pause) = (policies.get("api")?, policies.limit("api")?);
/// let run = policy.current().into_run(ThreadSleeper).pace(pause.current());
/// assert_eq!(run.run_blocking(|| Ok::<_, ()>(7)), Ok(7));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct LimitHandle(pub(super) Arc<Slot<Configured<LimitSettings, SharedLimit>>>);

impl LimitHandle {
    /// Returns the limit as it is configured now. Take it once for each run.
    #[must_use]
    pub fn current(&self) -> SharedLimit {
        self.0.get().guard
    }
}

impl fmt::Debug for LimitHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("LimitHandle").field(&self.current()).finish()
    }
}

/// A configured hedge; returned by [`Policies::hedge`](crate::Policies::hedge).
///
/// ```
/// use persevere::TokioSleeper;
/// use persevere::config::{Policies, Settings};
///
/// let text = "[hedge.search]\nat = 0.95\n[budget.hedges]\nwindowed_ratio = { ratio = 0.05, reserve = 0 }";
/// let policies = Policies::new(Settings::from_toml(text)?);
/// let (hedge, budget) = (policies.hedge("search")?, policies.budget("hedges")?);
/// # tokio::runtime::Builder::new_current_thread().enable_time().build()?.block_on(async {
/// let hedged = hedge.current().on(TokioSleeper).budget(budget.current());
/// assert_eq!(hedged.run(|leg| async move { Ok::<_, ()>(leg.index()) }).await, Ok(0));
/// # });
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct HedgeHandle(pub(super) Arc<Slot<ConfiguredHedge>>);

impl HedgeHandle {
    /// Returns the hedge as it is configured now, which makes one further call at most.
    #[must_use]
    pub fn current(&self) -> Hedge<AnyDelay<Arc<Latency>>> {
        self.0.get().hedge()
    }

    /// Returns the times of its calls, for gauges; empty for a hedge after a fixed time.
    #[must_use]
    pub fn latency(&self) -> Arc<Latency> {
        self.0.get().latency
    }
}

impl fmt::Debug for HedgeHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("HedgeHandle").field(&self.current()).finish()
    }
}
