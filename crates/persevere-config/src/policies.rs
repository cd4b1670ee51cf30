//! Policies, breakers, budgets, limits and hedges by name, whose settings can be replaced at run time.

use crate::budget::SharedBudget;
use crate::limit::SharedLimit;
use crate::mistake::LoadError;
use crate::section::breaker::BreakerSettings;
use crate::section::budget::BudgetSettings;
use crate::section::hedge::HedgeSettings;
use crate::section::limit::LimitSettings;
use crate::settings::Settings;
use persevere_breaker::SharedBreaker;
use persevere_core::backoff::Curve;
use persevere_core::sleeper::monotonic;
use persevere_core::{Policy, nearest};
use persevere_hedge::{AnyDelay, Hedge, Latency};
use std::collections::BTreeMap;
use std::error::Error;
use std::fmt;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

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
    policies: BTreeMap<String, Arc<Slot<Policy<Curve>>>>,
    breakers: BTreeMap<String, Arc<Slot<Configured<BreakerSettings, SharedBreaker>>>>,
    budgets: BTreeMap<String, Arc<Slot<Configured<BudgetSettings, SharedBudget>>>>,
    limits: BTreeMap<String, Arc<Slot<Configured<LimitSettings, SharedLimit>>>>,
    hedges: BTreeMap<String, Arc<Slot<ConfiguredHedge>>>,
}

/// What handles of one name share.
struct Slot<T> {
    current: RwLock<T>,
    /// Whether there has ever been a handle.
    is_used: AtomicBool,
}

/// A guard with the settings that it was built from, to find out whether they have changed.
#[derive(Clone)]
struct Configured<S, G> {
    settings: S,
    guard: G,
}

/// A hedge with the histogram that it is a quantile of.
#[derive(Clone)]
struct ConfiguredHedge {
    settings: HedgeSettings,
    latency: Arc<Latency>,
}

impl ConfiguredHedge {
    /// Builds a hedge; one whose histogram has the settings of the one before keeps its samples.
    fn build(settings: HedgeSettings, before: Option<ConfiguredHedge>) -> ConfiguredHedge {
        let latency = match settings {
            HedgeSettings::At { latency, .. } => match before {
                Some(ConfiguredHedge {
                    settings: HedgeSettings::At { latency: other, .. },
                    latency: kept,
                }) if other == latency => kept,
                _ => Arc::new(latency.build()),
            },
            HedgeSettings::After(_) => Arc::default(),
        };
        ConfiguredHedge { settings, latency }
    }

    fn hedge(&self) -> Hedge<AnyDelay<Arc<Latency>>> {
        match self.settings {
            HedgeSettings::After(delay) => Hedge::after(delay).into(),
            HedgeSettings::At { quantile, floor, .. } => {
                let hedge = Hedge::at(Arc::clone(&self.latency), quantile);
                match floor {
                    Some(floor) => hedge.floor(floor).into(),
                    None => hedge.into(),
                }
            }
        }
    }
}

impl<T: Clone> Slot<T> {
    fn new(value: T) -> Arc<Slot<T>> {
        Arc::new(Slot {
            current: RwLock::new(value),
            is_used: AtomicBool::new(false),
        })
    }

    fn get(&self) -> T {
        self.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, value: T) {
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = value;
    }
}

impl Policies {
    /// Builds everything that `settings` configure.
    #[must_use]
    pub fn new(settings: Settings) -> Policies {
        let policies = settings
            .retry
            .into_iter()
            .map(|(name, retry)| (name, Slot::new(retry.policy)));
        let breakers = settings.breaker.into_iter().map(|(name, settings)| {
            let guard = settings.build();
            (name, Slot::new(Configured { settings, guard }))
        });
        let budgets = settings.budget.into_iter().map(|(name, settings)| {
            let guard = SharedBudget::build(&settings);
            (name, Slot::new(Configured { settings, guard }))
        });
        let limits = settings.limit.into_iter().map(|(name, settings)| {
            let guard = SharedLimit::build(settings);
            (name, Slot::new(Configured { settings, guard }))
        });
        let hedges = settings
            .hedge
            .into_iter()
            .map(|(name, settings)| (name, Slot::new(ConfiguredHedge::build(settings, None))));
        let shared = Shared {
            limits: limits.collect(),
            hedges: hedges.collect(),
            policies: policies.collect(),
            breakers: breakers.collect(),
            budgets: budgets.collect(),
        };
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
        found(&self.lock().policies, Noun::Policy, name).map(PolicyHandle)
    }

    /// Returns the breaker of this name.
    ///
    /// # Errors
    ///
    /// [`UnknownName`] if it is not configured, with the name that was meant.
    pub fn breaker(&self, name: &str) -> Result<BreakerHandle, UnknownName> {
        found(&self.lock().breakers, Noun::Breaker, name).map(BreakerHandle)
    }

    /// Returns the budget of this name.
    ///
    /// # Errors
    ///
    /// [`UnknownName`] if it is not configured, with the name that was meant.
    pub fn budget(&self, name: &str) -> Result<BudgetHandle, UnknownName> {
        found(&self.lock().budgets, Noun::Budget, name).map(BudgetHandle)
    }

    /// Returns the limit of this name.
    ///
    /// # Errors
    ///
    /// [`UnknownName`] if it is not configured, with the name that was meant.
    pub fn limit(&self, name: &str) -> Result<LimitHandle, UnknownName> {
        found(&self.lock().limits, Noun::Limit, name).map(LimitHandle)
    }

    /// Returns the hedge of this name.
    ///
    /// # Errors
    ///
    /// [`UnknownName`] if it is not configured, with the name that was meant.
    pub fn hedge(&self, name: &str) -> Result<HedgeHandle, UnknownName> {
        found(&self.lock().hedges, Noun::Hedge, name).map(HedgeHandle)
    }

    /// Replaces all settings, or none: handles return the new policies from now on, and runs under way keep what they
    /// began with.
    ///
    /// Breakers and budgets whose settings have not changed stay as they are. Others are built anew and continue from the
    /// state of those before: an open breaker stays open for the rest of its time, at most for its new longest time,
    /// and an empty bucket stays empty. A breaker with another kind of condition begins with an empty window, and a budget
    /// of another kind is full. Statistics of what is built anew begin at zero. Calls in flight report to the breaker that
    /// admitted them.
    ///
    /// So it is with limits: a pause continues for the rest of its time, at most for its new longest time. A bulkhead with
    /// another number counts the calls that begin from then on, and an adaptive limit with other settings begins anew. A hedge
    /// keeps its samples, unless their window or least number has changed.
    ///
    /// The time is that of [`monotonic`], as all sleepers of `persevere` tell it. For breakers and budgets on another clock
    /// there is [`replace_at`](Policies::replace_at).
    ///
    /// # Errors
    ///
    /// [`InvalidReplacement`] if a name that has been asked for is not configured any more. Nothing has changed then.
    pub fn replace(&self, settings: Settings) -> Result<(), InvalidReplacement> {
        self.replace_at(settings, monotonic())
    }

    /// [`replace`](Policies::replace) at `now` on the clock of the breakers and budgets.
    ///
    /// # Errors
    ///
    /// [`InvalidReplacement`] if a name that has been asked for is not configured any more. Nothing has changed then.
    pub fn replace_at(&self, settings: Settings, now: Duration) -> Result<(), InvalidReplacement> {
        let mut shared = self.lock();
        let mut missing = Vec::new();
        let Settings {
            retry,
            breaker,
            budget,
            limit,
            hedge,
        } = settings;
        find_missing(&shared.policies, &retry, Noun::Policy, &mut missing);
        find_missing(&shared.breakers, &breaker, Noun::Breaker, &mut missing);
        find_missing(&shared.budgets, &budget, Noun::Budget, &mut missing);
        find_missing(&shared.limits, &limit, Noun::Limit, &mut missing);
        find_missing(&shared.hedges, &hedge, Noun::Hedge, &mut missing);
        if !missing.is_empty() {
            return Err(InvalidReplacement { missing });
        }
        replace_all(&mut shared.policies, retry, |retry, _| retry.policy);
        replace_all(&mut shared.breakers, breaker, |settings, before| match before {
            Some(before) if before.settings == settings => before,
            before => {
                let guard = settings.build();
                if let Some(before) = before {
                    guard.adopt(&before.guard, now);
                }
                Configured { settings, guard }
            }
        });
        replace_all(&mut shared.budgets, budget, |settings, before| match before {
            Some(before) if before.settings == settings => before,
            before => {
                let guard = SharedBudget::build(&settings);
                if let Some(before) = before {
                    guard.adopt(&before.guard, now);
                }
                Configured { settings, guard }
            }
        });
        replace_all(&mut shared.limits, limit, |settings, before| match before {
            Some(before) if before.settings == settings => before,
            before => {
                let guard = SharedLimit::build(settings);
                if let Some(before) = before {
                    guard.adopt(&before.guard, now);
                }
                Configured { settings, guard }
            }
        });
        replace_all(&mut shared.hedges, hedge, ConfiguredHedge::build);
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The slot of a name, which counts as used from now on.
fn found<T>(slots: &BTreeMap<String, Arc<Slot<T>>>, noun: Noun, name: &str) -> Result<Arc<Slot<T>>, UnknownName> {
    match slots.get(name) {
        Some(slot) => {
            // Ordering: written and read with the lock held.
            slot.is_used.store(true, Ordering::Relaxed);
            Ok(Arc::clone(slot))
        }
        None => Err(UnknownName {
            noun,
            name: name.to_owned(),
            known: slots.keys().cloned().collect(),
        }),
    }
}

/// Adds the names that are used and have no settings.
fn find_missing<T, S>(
    slots: &BTreeMap<String, Arc<Slot<T>>>,
    settings: &BTreeMap<String, S>,
    noun: Noun,
    missing: &mut Vec<UnknownName>,
) {
    for (name, slot) in slots {
        if slot.is_used.load(Ordering::Relaxed) && !settings.contains_key(name) {
            missing.push(UnknownName {
                noun,
                name: name.clone(),
                known: settings.keys().cloned().collect(),
            });
        }
    }
}

/// Gives each slot what its settings make of the value before, and removes the slots without settings.
fn replace_all<T: Clone, S>(
    slots: &mut BTreeMap<String, Arc<Slot<T>>>,
    settings: BTreeMap<String, S>,
    make: impl Fn(S, Option<T>) -> T,
) {
    slots.retain(|name, _| settings.contains_key(name));
    for (name, settings) in settings {
        match slots.get(&name) {
            Some(slot) => slot.set(make(settings, Some(slot.get()))),
            None => {
                slots.insert(name, Slot::new(make(settings, None)));
            }
        }
    }
}

impl fmt::Debug for Policies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shared = self.lock();
        f.debug_struct("Policies")
            .field("policies", &shared.policies.keys())
            .field("breakers", &shared.breakers.keys())
            .field("budgets", &shared.budgets.keys())
            .field("limits", &shared.limits.keys())
            .field("hedges", &shared.hedges.keys())
            .finish()
    }
}

/// A configured policy; returned by [`Policies::get`].
#[derive(Clone)]
pub struct PolicyHandle(Arc<Slot<Policy<Curve>>>);

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

/// A configured breaker; returned by [`Policies::breaker`].
#[derive(Clone)]
pub struct BreakerHandle(Arc<Slot<Configured<BreakerSettings, SharedBreaker>>>);

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

/// A configured budget; returned by [`Policies::budget`].
#[derive(Clone)]
pub struct BudgetHandle(Arc<Slot<Configured<BudgetSettings, SharedBudget>>>);

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

/// A configured limit; returned by [`Policies::limit`].
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
pub struct LimitHandle(Arc<Slot<Configured<LimitSettings, SharedLimit>>>);

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

/// A configured hedge; returned by [`Policies::hedge`].
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
pub struct HedgeHandle(Arc<Slot<ConfiguredHedge>>);

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

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Noun {
    Policy,
    Breaker,
    Budget,
    Limit,
    Hedge,
}

impl Noun {
    /// Its name, the name of many, and its table.
    fn words(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Noun::Policy => ("policy", "policies", "retry"),
            Noun::Breaker => ("breaker", "breakers", "breaker"),
            Noun::Budget => ("budget", "budgets", "budget"),
            Noun::Limit => ("limit", "limits", "limit"),
            Noun::Hedge => ("hedge", "hedges", "hedge"),
        }
    }
}

/// A name that is not configured; returned by [`Policies::get`], [`Policies::breaker`], [`Policies::budget`],
/// [`Policies::limit`] and [`Policies::hedge`].
///
/// `{}` prints the configured name that was meant, or all of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownName {
    noun: Noun,
    name: String,
    known: Vec<String>,
}

impl UnknownName {
    /// Returns the name that was asked for.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the names that are configured.
    #[must_use]
    pub fn known(&self) -> &[String] {
        &self.known
    }
}

impl fmt::Display for UnknownName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (noun, nouns, table) = self.noun.words();
        let name = &self.name;
        write!(f, "no {noun} `{name}` is configured: ")?;
        if self.known.is_empty() {
            return write!(f, "write `[{table}.{name}]`");
        }
        let known: Vec<&str> = self.known.iter().map(String::as_str).collect();
        f.write_str(&nearest::suggestion(name, nouns, &known))
    }
}

impl Error for UnknownName {}

/// Settings that cannot replace others, since names that are in use are not configured in them; returned by
/// [`Policies::replace`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidReplacement {
    missing: Vec<UnknownName>,
}

impl InvalidReplacement {
    /// Returns the names.
    #[must_use]
    pub fn missing(&self) -> &[UnknownName] {
        &self.missing
    }
}

impl fmt::Display for InvalidReplacement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("nothing was replaced, since names in use are missing")?;
        for missing in &self.missing {
            write!(f, "\n{missing}")?;
        }
        Ok(())
    }
}

impl Error for InvalidReplacement {}
