//! Policies, breakers, budgets, limits and hedges by name, whose settings can be replaced at run time.

mod configured;
mod handles;
mod hedge;
mod slots;
mod unknown;

pub use handles::{BreakerHandle, BudgetHandle, HedgeHandle, LimitHandle, PolicyHandle};
pub use unknown::{InvalidReplacement, UnknownName};

use crate::budget::SharedBudget;
use crate::limit::SharedLimit;
use crate::mistake::LoadError;
use crate::section::breaker::BreakerSettings;
use crate::section::budget::BudgetSettings;
use crate::section::limit::LimitSettings;
use crate::settings::Settings;
use configured::Configured;
use hedge::ConfiguredHedge;
use persevere_breaker::SharedBreaker;
use persevere_core::Policy;
use persevere_core::backoff::Curve;
use persevere_core::sleeper::monotonic;
use slots::Slots;
use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use unknown::Noun;

/// Policies, breakers, budgets, limits and hedges by name, cheap to clone and shared by all clones.
///
/// A name is looked up once, at start, by [`get`](Policies::get), [`breaker`](Policies::breaker),
/// [`budget`](Policies::budget), [`limit`](Policies::limit) or [`hedge`](Policies::hedge). The handle returns what is
/// configured now by `current()`, also after [`replace`](Policies::replace). A run keeps the policy and the guards that it
/// began with.
///
/// # Examples
///
/// ```
/// use persevere::ThreadSleeper;
/// use persevere::config::{Policies, Settings};
///
/// let policies = Policies::new(Settings::from_toml(
///     "
///     [retry.billing]
///     max_attempts = 4
///     backoff = { exponential = \"1ms\" }
///
///     [breaker.billing]
///     consecutive_failures = 5
///     ",
/// )?);
/// let (billing, breaker) = (policies.get("billing")?, policies.breaker("billing")?);
///
/// let run = || billing.current().into_run(ThreadSleeper).breaker(breaker.current()).run_blocking(|| Err::<(), _>("down"));
/// assert_eq!(run().unwrap_err().attempts(), 4);
///
/// policies.replace(Settings::from_toml("[retry.billing]\nmax_attempts = 1\n[breaker.billing]")?)?;
/// assert_eq!(run().unwrap_err().attempts(), 1);
/// assert!(policies.get("biling").unwrap_err().to_string().ends_with("did you mean `billing`?"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Policies {
    shared: Arc<Mutex<Shared>>,
}

/// Everything by name. The lock is held while all of it is replaced.
struct Shared {
    policies: Slots<Policy<Curve>>,
    breakers: Slots<Configured<BreakerSettings, SharedBreaker>>,
    budgets: Slots<Configured<BudgetSettings, SharedBudget>>,
    limits: Slots<Configured<LimitSettings, SharedLimit>>,
    hedges: Slots<ConfiguredHedge>,
}

impl Shared {
    const fn new() -> Shared {
        Shared {
            policies: Slots::new(Noun::Policy),
            breakers: Slots::new(Noun::Breaker),
            budgets: Slots::new(Noun::Budget),
            limits: Slots::new(Noun::Limit),
            hedges: Slots::new(Noun::Hedge),
        }
    }

    /// The names that are used and have no settings.
    fn missing(&self, settings: &Settings) -> Vec<UnknownName> {
        let policies = self.policies.missing(&settings.retry);
        let breakers = self.breakers.missing(&settings.breaker);
        let budgets = self.budgets.missing(&settings.budget);
        let limits = self.limits.missing(&settings.limit);
        let hedges = self.hedges.missing(&settings.hedge);
        policies
            .chain(breakers)
            .chain(budgets)
            .chain(limits)
            .chain(hedges)
            .collect()
    }

    /// Builds everything that is new or has other settings. A guard that is built anew continues at `now` from the
    /// state of the guard before.
    fn replace(&mut self, settings: Settings, now: Duration) {
        let Settings {
            retry,
            breaker,
            budget,
            limit,
            hedge,
        } = settings;
        self.policies.replace(retry, |retry, _| retry.policy);
        self.breakers.replace(breaker, |settings, before| {
            let adopt = |breaker: &SharedBreaker, before: &SharedBreaker| breaker.adopt(before, now);
            Configured::replacing(before, settings, BreakerSettings::build, adopt)
        });
        self.budgets.replace(budget, |settings, before| {
            let adopt = |budget: &SharedBudget, before: &SharedBudget| budget.adopt(before, now);
            Configured::replacing(before, settings, SharedBudget::build, adopt)
        });
        self.limits.replace(limit, |settings, before| {
            let adopt = |limit: &SharedLimit, before: &SharedLimit| limit.adopt(before, now);
            Configured::replacing(before, settings, SharedLimit::build, adopt)
        });
        self.hedges.replace(hedge, ConfiguredHedge::build);
    }
}

impl Policies {
    /// Builds everything that `settings` configure.
    #[must_use]
    pub fn new(settings: Settings) -> Policies {
        let mut shared = Shared::new();
        // The time is not used, since there is no state to continue from.
        shared.replace(settings, Duration::ZERO);
        Policies {
            shared: Arc::new(Mutex::new(shared)),
        }
    }

    /// Loads a file and the environment: see [`Settings::load`].
    ///
    /// # Errors
    ///
    /// [`LoadError`] if the file cannot be read, or with every mistake in it.
    pub fn load(path: impl AsRef<Path>) -> Result<Policies, LoadError> {
        Settings::load(path).map(Policies::new)
    }

    /// Returns the policy of this name.
    ///
    /// # Errors
    ///
    /// [`UnknownName`] if it is not configured, with the name that was meant.
    pub fn get(&self, name: &str) -> Result<PolicyHandle, UnknownName> {
        self.lock().policies.find(name).map(PolicyHandle)
    }

    /// Returns the breaker of this name.
    ///
    /// # Errors
    ///
    /// [`UnknownName`] if it is not configured, with the name that was meant.
    pub fn breaker(&self, name: &str) -> Result<BreakerHandle, UnknownName> {
        self.lock().breakers.find(name).map(BreakerHandle)
    }

    /// Returns the budget of this name.
    ///
    /// # Errors
    ///
    /// [`UnknownName`] if it is not configured, with the name that was meant.
    pub fn budget(&self, name: &str) -> Result<BudgetHandle, UnknownName> {
        self.lock().budgets.find(name).map(BudgetHandle)
    }

    /// Returns the limit of this name.
    ///
    /// # Errors
    ///
    /// [`UnknownName`] if it is not configured, with the name that was meant.
    pub fn limit(&self, name: &str) -> Result<LimitHandle, UnknownName> {
        self.lock().limits.find(name).map(LimitHandle)
    }

    /// Returns the hedge of this name.
    ///
    /// # Errors
    ///
    /// [`UnknownName`] if it is not configured, with the name that was meant.
    pub fn hedge(&self, name: &str) -> Result<HedgeHandle, UnknownName> {
        self.lock().hedges.find(name).map(HedgeHandle)
    }

    /// Replaces all settings, or none: handles return the new policies from now on, and runs under way keep what they
    /// began with.
    ///
    /// Breakers and budgets whose settings have not changed stay as they are. Others are built anew and continue from
    /// the state before. An open breaker stays open for the rest of its time, at most for its new longest time. An
    /// empty bucket stays empty. A breaker with another kind of condition begins with an empty window, and a budget of
    /// another kind is full. The statistics of a breaker or budget that is built anew begin at zero. Calls in flight
    /// report to the breaker that admitted them.
    ///
    /// Limits are replaced likewise: a pause continues for the rest of its time, at most for its new longest time. A
    /// bulkhead with another number counts the calls that begin from then on, and an adaptive limit with other settings
    /// begins anew. A hedge keeps its samples, unless their window or least number has changed.
    ///
    /// The time is read from [`monotonic`], the clock of all sleepers of `persevere`. For breakers and budgets on
    /// another clock, use [`replace_at`](Policies::replace_at).
    ///
    /// # Errors
    ///
    /// [`InvalidReplacement`] if a name that has been looked up is not configured any more. Nothing has changed then.
    pub fn replace(&self, settings: Settings) -> Result<(), InvalidReplacement> {
        self.replace_at(settings, monotonic())
    }

    /// [`replace`](Policies::replace) at `now` on the clock of the breakers and budgets.
    ///
    /// # Errors
    ///
    /// [`InvalidReplacement`] if a name that has been looked up is not configured any more. Nothing has changed then.
    pub fn replace_at(&self, settings: Settings, now: Duration) -> Result<(), InvalidReplacement> {
        let mut shared = self.lock();
        let missing = shared.missing(&settings);
        if !missing.is_empty() {
            return Err(InvalidReplacement { missing });
        }
        shared.replace(settings, now);
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Policies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shared = self.lock();
        f.debug_struct("Policies")
            .field("policies", &shared.policies)
            .field("breakers", &shared.breakers)
            .field("budgets", &shared.budgets)
            .field("limits", &shared.limits)
            .field("hedges", &shared.hedges)
            .finish()
    }
}
