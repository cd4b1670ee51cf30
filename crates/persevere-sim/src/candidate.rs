//! [`Candidate`]: what a simulation compares.

use crate::fault::{Fault, Faults};
use core::fmt;
use core::time::Duration;
use persevere_breaker::{Builder, CircuitBreaker, SharedBreaker, Trip};
use persevere_budget::{AdaptiveThrottle, GrpcThrottle, TokenBucket, WindowedRatio};
use persevere_config::{SharedBudget, SharedLimit};
use persevere_core::budget::Budget;
use persevere_core::{Backoff, Policy, SharedPolicy};
use std::sync::Arc;

/// A retry policy with its guards: what a simulation compares with others.
///
/// Each process of the clients gets its own budget, breaker and limits. Each of its calls is a run of
/// [`persevere`](https://docs.rs/persevere) with these guards, on simulated time.
///
/// ```
/// use persevere::{Policy, breaker::CircuitBreaker, budget::WindowedRatio};
/// use persevere_sim::Candidate;
/// use std::time::Duration;
///
/// let candidate = Candidate::new("one retry", Policy::fixed(Duration::ZERO).max_attempts(2))
///     .budget(|_| WindowedRatio::new().ratio(0.1).reserve(1))
///     .breaker(|seed| CircuitBreaker::failure_rate(0.8).over(Duration::from_secs(10)).seed(seed));
/// assert_eq!(candidate.name(), "one retry");
/// ```
#[derive(Clone)]
pub struct Candidate {
    name: String,
    policy: SharedPolicy<Fault>,
    budget: Option<Make<Box<dyn Metered>>>,
    breaker: Option<Make<SharedBreaker<Faults>>>,
    pace: Option<MakeLimit>,
    bulkhead: Option<MakeLimit>,
    place: Place,
}

/// Makes the guard of a process, whose draws have this seed.
type Make<G> = Arc<dyn Fn(u64) -> G + Send + Sync>;

/// Makes a limit of a process. Limits do not draw.
type MakeLimit = Arc<dyn Fn() -> SharedLimit + Send + Sync>;

/// The callers that use a candidate, where services call others. All other callers make one attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Place {
    /// The clients, and every service that calls another.
    #[default]
    Everywhere,
    /// The clients alone.
    Outermost,
    /// The callers of the last service alone.
    Innermost,
}

impl Candidate {
    /// A policy without guards. It retries every [`Fault`], whatever its classifier: see
    /// [`with_policy`](Candidate::with_policy) for another.
    #[must_use]
    pub fn new<B, C, On>(name: impl Into<String>, policy: Policy<B, C, On>) -> Candidate
    where
        B: Backoff + Send + Sync + 'static,
    {
        Candidate::with_policy(name, policy.with_classifier(Faults).shared())
    }

    /// A policy with a classifier supplied by the caller, without guards.
    #[must_use]
    pub fn with_policy(name: impl Into<String>, policy: SharedPolicy<Fault>) -> Candidate {
        Candidate {
            name: name.into(),
            policy,
            budget: None,
            breaker: None,
            pace: None,
            bulkhead: None,
            place: Place::Everywhere,
        }
    }

    /// Sets the budget of each process. The argument of the closure is the seed for its draws.
    #[must_use]
    pub fn budget<B: Metered + 'static>(mut self, make: impl Fn(u64) -> B + Send + Sync + 'static) -> Candidate {
        self.budget = Some(Arc::new(move |seed| Box::new(make(seed))));
        self
    }

    /// Sets the breaker of each process. The argument of the closure is the seed for its jitter. The breaker counts every
    /// [`Fault`], and every attempt that timed out.
    #[must_use]
    pub fn breaker<T, B, C, On>(self, make: impl Fn(u64) -> Builder<T, B, C, On> + Send + Sync + 'static) -> Candidate
    where
        T: Trip + Copy + Send + Sync + 'static,
        T::Counts: Send + Sync,
        B: Backoff + Copy + Send + Sync + 'static,
        C: Copy,
    {
        self.shared_breaker(move |seed| {
            let breaker: CircuitBreaker<T, B, Faults> = make(seed).classify(Faults).build();
            breaker.shared()
        })
    }

    /// Sets the breaker of each process, in the form that does not depend on its condition.
    #[must_use]
    pub fn shared_breaker(mut self, make: impl Fn(u64) -> SharedBreaker<Faults> + Send + Sync + 'static) -> Candidate {
        self.breaker = Some(Arc::new(make));
        self
    }

    /// Sets the limit of each process that its runs wait for before each attempt, such as a pause: see
    /// [`Run::pace`](persevere_core::Run::pace).
    ///
    /// ```
    /// use persevere::{Policy, limit::{Bulkhead, Pause}};
    /// use persevere_sim::Candidate;
    /// use std::time::Duration;
    ///
    /// let paused = Candidate::new("paused", Policy::exponential(Duration::from_millis(100)))
    ///     .pace(|| Pause::new())
    ///     .bulkhead(|| Bulkhead::new(50));
    /// assert_eq!(paused.name(), "paused");
    /// ```
    #[must_use]
    pub fn pace<L: Into<SharedLimit>>(mut self, make: impl Fn() -> L + Send + Sync + 'static) -> Candidate {
        self.pace = Some(Arc::new(move || make().into()));
        self
    }

    /// Sets the limit of each process that rejects attempts, such as a bulkhead or an adaptive limit: see
    /// [`Run::bulkhead`](persevere_core::Run::bulkhead).
    #[must_use]
    pub fn bulkhead<L: Into<SharedLimit>>(mut self, make: impl Fn() -> L + Send + Sync + 'static) -> Candidate {
        self.bulkhead = Some(Arc::new(move || make().into()));
        self
    }

    /// Sets which callers use the policy and its guards.
    #[must_use]
    pub fn place(mut self, place: Place) -> Candidate {
        self.place = place;
        self
    }

    /// The name in tables and reports.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The policy.
    pub const fn policy(&self) -> &SharedPolicy<Fault> {
        &self.policy
    }

    /// Whether there is a budget.
    #[must_use]
    pub const fn has_budget(&self) -> bool {
        self.budget.is_some()
    }

    /// Whether there is a breaker.
    #[must_use]
    pub const fn has_breaker(&self) -> bool {
        self.breaker.is_some()
    }

    /// Whether each process has guards.
    pub(crate) const fn has_guards(&self) -> bool {
        self.budget.is_some() || self.breaker.is_some() || self.pace.is_some() || self.bulkhead.is_some()
    }

    /// The callers that use it.
    pub(crate) const fn callers(&self) -> Place {
        self.place
    }

    pub(crate) fn make_budget(&self, seed: u64) -> Option<Box<dyn Metered>> {
        self.budget.as_ref().map(|make| make(seed))
    }

    pub(crate) fn make_breaker(&self, seed: u64) -> Option<SharedBreaker<Faults>> {
        self.breaker.as_ref().map(|make| make(seed))
    }

    pub(crate) fn make_pace(&self) -> Option<SharedLimit> {
        self.pace.as_ref().map(|make| make())
    }

    pub(crate) fn make_bulkhead(&self) -> Option<SharedLimit> {
        self.bulkhead.as_ref().map(|make| make())
    }
}

// Not derived, since the closures that make the guards are not `Debug`.
impl fmt::Debug for Candidate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Candidate")
            .field("name", &self.name)
            .field("policy", &self.policy)
            .field("has_budget", &self.has_budget())
            .field("has_breaker", &self.has_breaker())
            .field("has_pace", &self.pace.is_some())
            .field("has_bulkhead", &self.bulkhead.is_some())
            .field("place", &self.place)
            .finish()
    }
}

/// A budget whose level a report shows.
pub trait Metered: Budget + Send + Sync {
    /// How much is left `now`, in the budget's own unit; `None` if the level is not known.
    fn level(&self, now: Duration) -> Option<f64> {
        let _ = now;
        None
    }
}

impl Metered for SharedBudget {
    fn level(&self, now: Duration) -> Option<f64> {
        Some(SharedBudget::level(self, now))
    }
}

impl Metered for WindowedRatio {
    fn level(&self, now: Duration) -> Option<f64> {
        Some(self.available(now) as f64)
    }
}

impl Metered for TokenBucket {
    fn level(&self, _: Duration) -> Option<f64> {
        Some(f64::from(self.available()))
    }
}

impl Metered for GrpcThrottle {
    fn level(&self, _: Duration) -> Option<f64> {
        Some(self.available())
    }
}

impl Metered for AdaptiveThrottle {
    /// The probability that a retry is admitted.
    fn level(&self, now: Duration) -> Option<f64> {
        Some(1.0 - self.rejection_probability(now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_budget_has_its_level() {
        let full: [(&dyn Metered, f64); 4] = [
            (&TokenBucket::new(7), 7.0),
            (&GrpcThrottle::new(10, 0.1), 10.0),
            (&WindowedRatio::new().reserve(100), 100.0),
            (&AdaptiveThrottle::new(), 1.0),
        ];
        for (budget, level) in full {
            assert_eq!(budget.level(Duration::ZERO), Some(level));
        }
        struct Unmeasured;
        impl Budget for Unmeasured {
            fn withdraw(&self, _: persevere_core::budget::Class, _: Duration) -> Option<u32> {
                None
            }
            fn give_back(&self, _: u32) {}
        }
        impl Metered for Unmeasured {}
        assert_eq!(Unmeasured.level(Duration::ZERO), None);
    }
}
