//! Settings that were read and checked.

use crate::budget::SharedBudget;
use crate::limit::SharedLimit;
use crate::mistake::{LoadError, Mistake, MistakeKind, Mistakes};
use crate::review::{self, Review};
use crate::section::breaker::BreakerSettings;
use crate::section::budget::BudgetSettings;
use crate::section::hedge::HedgeSettings;
use crate::section::limit::LimitSettings;
use crate::section::retry::{Bounds, RetrySettings};
use crate::section::{breaker, budget, hedge, limit, retry};
use crate::sources::Sources;
use crate::table::{Table, joined};
use crate::tree::{Entry, Tree};
use crate::words::{self, REVIEW, SECTIONS};
use persevere_breaker::SharedBreaker;
use persevere_core::backoff::Curve;
use persevere_core::{Policy, nearest};
use serde::de::{Deserialize, Deserializer, Error};
use std::collections::BTreeMap;
use std::path::Path;

/// Policies, breakers, budgets, limits and hedges by name, read and checked as a whole.
///
/// Settings never contain mistakes: each constructor returns all the mistakes instead. Settings are read from files,
/// from text, by [`Sources`] from several places, and from anything else that serde reads (figment, config).
///
/// # Examples
///
/// ```
/// use persevere::config::Settings;
///
/// let settings = Settings::from_toml(
///     r#"
///     [retry.billing]
///     max_attempts = 4
///     backoff = { exponential = "100ms", factor = 1.5 }
///     attempt_timeout = "2s"
///     max_worst_case = "10s"
///
///     [breaker.billing]
///     consecutive_failures = 5
///     open_for = "30s"
///
///     [budget.api]
///     windowed_ratio = { ratio = 0.1 }
///     "#,
/// )?;
/// assert_eq!(settings.policy("billing").unwrap().limits().max_attempts(), Some(4));
/// # Ok::<(), persevere::config::Mistakes>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Settings {
    pub(crate) retry: BTreeMap<String, RetrySettings>,
    pub(crate) breaker: BTreeMap<String, BreakerSettings>,
    pub(crate) budget: BTreeMap<String, BudgetSettings>,
    pub(crate) limit: BTreeMap<String, LimitSettings>,
    pub(crate) hedge: BTreeMap<String, HedgeSettings>,
}

impl Settings {
    /// Reads a file, in the format that its name ends with, and then the environment: see [`Sources`].
    ///
    /// # Errors
    ///
    /// [`LoadError`] if the file cannot be read, or with every mistake in it.
    pub fn load(path: impl AsRef<Path>) -> Result<Settings, LoadError> {
        Ok(Sources::new().file(path)?.environment().settings()?)
    }

    /// Reads text in TOML.
    ///
    /// # Errors
    ///
    /// Every mistake in it.
    #[cfg(feature = "toml")]
    pub fn from_toml(text: &str) -> Result<Settings, Mistakes> {
        Settings::from_tree(&crate::format::toml::parse(text)?)
    }

    /// Reads text in JSON.
    ///
    /// # Errors
    ///
    /// Every mistake in it.
    #[cfg(feature = "json")]
    pub fn from_json(text: &str) -> Result<Settings, Mistakes> {
        Settings::from_tree(&crate::format::json::parse(text)?)
    }

    /// Returns the policy of this name; `None` if there is none.
    #[must_use]
    pub fn policy(&self, name: &str) -> Option<&Policy<Curve>> {
        self.retry.get(name).map(|retry| &retry.policy)
    }

    /// Returns all policies with their names, in the order of the names.
    pub fn policies(&self) -> impl Iterator<Item = (&str, &Policy<Curve>)> {
        self.retry.iter().map(|(name, retry)| (name.as_str(), &retry.policy))
    }

    /// Returns the names of the breakers.
    pub fn breakers(&self) -> impl Iterator<Item = &str> {
        self.breaker.keys().map(String::as_str)
    }

    /// Returns the names of the budgets.
    pub fn budgets(&self) -> impl Iterator<Item = &str> {
        self.budget.keys().map(String::as_str)
    }

    /// Returns the names of the limits.
    pub fn limits(&self) -> impl Iterator<Item = &str> {
        self.limit.keys().map(String::as_str)
    }

    /// Returns the names of the hedges.
    pub fn hedges(&self) -> impl Iterator<Item = &str> {
        self.hedge.keys().map(String::as_str)
    }

    /// Builds a breaker by the settings of this name, with a classifier; `None` if there are none. Each call returns
    /// another breaker, in its first state, such as for each process of a simulation. If the settings have no seed, the
    /// breaker has the given seed.
    ///
    /// ```
    /// use persevere::classify::AnyError;
    /// use persevere::config::Settings;
    ///
    /// let settings = Settings::from_toml("[breaker.billing]\nconsecutive_failures = 5")?;
    /// assert!(settings.build_breaker("billing", AnyError, 7).is_some());
    /// # Ok::<(), persevere::config::Mistakes>(())
    /// ```
    #[must_use]
    pub fn build_breaker<C>(&self, name: &str, classifier: C, seed: u64) -> Option<SharedBreaker<C>>
    where
        C: Copy + Send + Sync + 'static,
    {
        let mut settings = self.breaker.get(name)?.clone();
        settings.seed.get_or_insert(seed);
        Some(settings.build_with(classifier))
    }

    /// Builds a budget by the settings of this name; `None` if there are none. Each call returns another budget, in its
    /// first state. If the budget draws random numbers and its settings have no seed, it has the given seed.
    ///
    /// ```
    /// use persevere::config::Settings;
    ///
    /// let settings = Settings::from_toml("[budget.api]\nadaptive_throttle = { multiplier = 1.1 }")?;
    /// assert!(settings.build_budget("api", 7).is_some());
    /// # Ok::<(), persevere::config::Mistakes>(())
    /// ```
    #[must_use]
    pub fn build_budget(&self, name: &str, seed: u64) -> Option<SharedBudget> {
        let mut settings = self.budget.get(name)?.clone();
        if let BudgetSettings::Adaptive { seed: own, .. } = &mut settings {
            own.get_or_insert(seed);
        }
        Some(SharedBudget::build(&settings))
    }

    /// Builds a limit by the settings of this name; `None` if there are none. Each call returns another limit, in its first
    /// state, such as for each process of a simulation.
    ///
    /// ```
    /// use persevere::config::Settings;
    ///
    /// let settings = Settings::from_toml("[limit.api]\nbulkhead = 10")?;
    /// assert_eq!(settings.build_limit("api").unwrap().limit(), Some(10));
    /// # Ok::<(), persevere::config::Mistakes>(())
    /// ```
    #[must_use]
    pub fn build_limit(&self, name: &str) -> Option<SharedLimit> {
        self.limit.get(name).map(SharedLimit::build)
    }

    /// Returns what each policy may do at worst: see [`Review`].
    #[must_use]
    pub fn review(&self) -> Review {
        Review::of(self)
    }

    pub(crate) fn from_tree(tree: &Tree) -> Result<Settings, Mistakes> {
        let mut mistakes = Vec::new();
        let mut settings = Settings::default();
        let mut root = Table::read("", "table", SECTIONS[0].1, tree, &SECTIONS, &mut mistakes);
        if let Some((entry, mistakes)) = root.entry_and_mistakes("retry") {
            let read = named(entry, mistakes, |entry, mistakes| Some(retry::read(entry, mistakes)));
            settings.retry = read;
        }
        if let Some((entry, mistakes)) = root.entry_and_mistakes("breaker") {
            settings.breaker = named(entry, mistakes, |entry, mistakes| Some(breaker::read(entry, mistakes)));
        }
        if let Some((entry, mistakes)) = root.entry_and_mistakes("budget") {
            settings.budget = named(entry, mistakes, budget::read);
        }
        if let Some((entry, mistakes)) = root.entry_and_mistakes("limit") {
            settings.limit = named(entry, mistakes, limit::read);
        }
        if let Some((entry, mistakes)) = root.entry_and_mistakes("hedge") {
            settings.hedge = named(entry, mistakes, hedge::read);
        }
        let bounds = root.table("review", &REVIEW).map(|mut table| Bounds::read(&mut table));
        settings.check_calls(tree, &mut mistakes);
        if mistakes.is_empty() {
            review::check(&settings, bounds.unwrap_or_default(), tree, &mut mistakes);
        }
        Mistakes::none_or(mistakes, settings)
    }

    /// Checks that each policy that is called exists, and that none calls itself.
    fn check_calls(&self, tree: &Tree, mistakes: &mut Vec<Mistake>) {
        let known: Vec<&str> = self.retry.keys().map(String::as_str).collect();
        let before = mistakes.len();
        for (name, retry) in &self.retry {
            let path = joined(&joined("retry", name), "calls");
            let place = tree.place_of(&["retry", name, "calls"]);
            for called in &retry.calls {
                if !self.retry.contains_key(called) {
                    let suggestion = nearest::suggestion(called, "policies", &known);
                    let noun = "policy";
                    let kind = MistakeKind::Unknown { noun, suggestion };
                    mistakes.push(Mistake::new(place, &joined(&path, called), kind));
                }
            }
        }
        if mistakes.len() > before {
            return;
        }
        for name in self.retry.keys() {
            if let Some(through) = self.way_back(name, &mut vec![name]) {
                let path = joined(&joined("retry", name), "calls");
                mistakes.push(Mistake::new(
                    tree.place_of(&["retry", name, "calls"]),
                    &path,
                    MistakeKind::Cycle(through),
                ));
                return;
            }
        }
    }

    /// The policies through which the last of `way` calls the first, if it does.
    fn way_back<'a>(&'a self, name: &str, way: &mut Vec<&'a str>) -> Option<Vec<String>> {
        for called in &self.retry.get(name)?.calls {
            if called == way[0] {
                way.push(called);
                return Some(way.iter().map(ToString::to_string).collect());
            }
            if !way.contains(&called.as_str()) {
                way.push(called);
                let found = self.way_back(called, way);
                if found.is_some() {
                    return found;
                }
                way.pop();
            }
        }
        None
    }
}

/// Reads each named table of a section.
fn named<T>(
    section: &Entry,
    mistakes: &mut Vec<Mistake>,
    read: impl Fn(&Entry, &mut Vec<Mistake>) -> Option<T>,
) -> BTreeMap<String, T> {
    let Some(entries) = section.tree.entries() else {
        let kind = MistakeKind::Type {
            wanted: "a table for each name",
            found: section.tree.value.kind(),
            example: words::example(&SECTIONS, &section.name),
        };
        mistakes.push(Mistake::new(&section.place, &section.name, kind));
        return BTreeMap::new();
    };
    let named = entries
        .iter()
        .filter_map(|entry| Some((entry.name.clone(), read(entry, mistakes)?)));
    named.collect()
}

/// As one field of other settings, or as the whole of a figment.
impl<'de> Deserialize<'de> for Settings {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Settings, D::Error> {
        let tree = Tree::deserialize(deserializer)?;
        Settings::from_tree(&tree).map_err(D::Error::custom)
    }
}
