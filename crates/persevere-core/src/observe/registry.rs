//! Statistics by name. The statistics of one name are [`Stats`]; how they are printed is in `table`.

#[cfg(feature = "serde")]
mod serialized;
mod table;

use super::{Stats, StatsSnapshot};
use core::fmt;
use std::borrow::ToOwned;
use std::collections::BTreeMap;
use std::string::String;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Keeps one [`Stats`] per name.
///
/// [`global`](StatsRegistry::global) returns the registry of the program; a registry can also be a `static`.
///
/// [`Stats::named`] makes statistics that are in this registry from their first use on.
///
/// Finding a name takes a lock, and counting takes none: keep the `Arc` beside the runs. Names and their
/// counts are never removed, so do not use unbounded names, such as the id of a request.
///
/// ```
/// use persevere::{Policy, Stats, StatsRegistry, ThreadSleeper};
///
/// static FETCH: Stats = Stats::named("fetch");
///
/// fn fetch() -> Option<u32> {
///     Policy::default().on(ThreadSleeper).observe(&FETCH).run_blocking(|| Ok::<_, ()>(7)).ok()
/// }
///
/// assert_eq!((fetch(), fetch()), (Some(7), Some(7)));
/// let snapshot = StatsRegistry::global().snapshot();
/// assert_eq!(snapshot.get("fetch").unwrap().successes, 2);
/// println!("{snapshot}");
/// ```
pub struct StatsRegistry {
    by_name: Mutex<BTreeMap<String, Arc<Stats>>>,
}

static GLOBAL: StatsRegistry = StatsRegistry::new();

impl StatsRegistry {
    /// Creates a registry without names.
    #[must_use]
    pub const fn new() -> StatsRegistry {
        StatsRegistry {
            by_name: Mutex::new(BTreeMap::new()),
        }
    }

    /// Returns the registry of the program.
    ///
    /// Libraries prefix their names, as in `my-crate.fetch`.
    #[must_use]
    pub const fn global() -> &'static StatsRegistry {
        &GLOBAL
    }

    /// Returns the statistics of `name`, and creates them at the first call.
    #[must_use]
    pub fn stats(&self, name: &str) -> Arc<Stats> {
        let mut by_name = self.by_name();
        if let Some(stats) = by_name.get(name) {
            return Arc::clone(stats);
        }
        Arc::clone(by_name.entry(name.to_owned()).or_default())
    }

    /// Returns the counts of every name.
    #[must_use]
    pub fn snapshot(&self) -> RegistrySnapshot {
        let by_name = self.by_name();
        RegistrySnapshot {
            by_name: by_name
                .iter()
                .map(|(name, stats)| (name.clone(), stats.snapshot()))
                .collect(),
        }
    }

    fn by_name(&self) -> MutexGuard<'_, BTreeMap<String, Arc<Stats>>> {
        // Invariant: no code under the lock panics halfway, so a poisoned map is consistent.
        self.by_name.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for StatsRegistry {
    fn default() -> StatsRegistry {
        StatsRegistry::new()
    }
}

impl fmt::Debug for StatsRegistry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Prints a snapshot, since the formatter may run any code, which must not run under the lock.
        f.debug_tuple("StatsRegistry").field(&self.snapshot().by_name).finish()
    }
}

/// The counts of every name of a [`StatsRegistry`], ordered by name; returned by
/// [`StatsRegistry::snapshot`].
///
/// `{}` is a table with one line per name. With the feature `serde` it is serialized as a map by name.
///
/// ```
/// use persevere::{Policy, StatsRegistry, ThreadSleeper};
///
/// let registry = StatsRegistry::new();
/// for (name, answer) in [("store", Ok(7)), ("fetch", Err("no"))] {
///     let policy = Policy::default().retry_if(|_: &&str| false);
///     let _ = policy.on(ThreadSleeper).observe(registry.stats(name)).run_blocking(|| answer);
/// }
/// assert_eq!(
///     registry.snapshot().to_string(),
///     "\
/// name   started  succeeded  after retry  gave up  unfinished  attempts  retries  failures  waited  success
/// fetch        1          0            0        1           0         1        0         1   0.0ns    0.0 %
/// store        1          1            0        0           0         1        0         0   0.0ns  100.0 %",
/// );
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RegistrySnapshot {
    by_name: BTreeMap<String, StatsSnapshot>,
}

impl RegistrySnapshot {
    /// Returns the counts of `name`; `None` if the registry does not have it.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&StatsSnapshot> {
        self.by_name.get(name)
    }

    /// Returns the names in order, each with its counts.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &StatsSnapshot)> {
        self.by_name.iter().map(|(name, stats)| (name.as_str(), stats))
    }

    /// Returns the counts since `earlier`, a snapshot of the same registry: [`StatsSnapshot::since`] for each name.
    #[must_use]
    pub fn since(&self, earlier: &RegistrySnapshot) -> RegistrySnapshot {
        let zero = StatsSnapshot::default();
        let since =
            |(name, stats): (&String, &StatsSnapshot)| (name.clone(), stats.since(earlier.get(name).unwrap_or(&zero)));
        RegistrySnapshot {
            by_name: self.by_name.iter().map(since).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::panic::resume_unwind;
    use std::thread;

    #[test]
    fn registry_after_panic_under_lock_keeps_counts() {
        let registry = StatsRegistry::new();
        let before = registry.stats("name");
        let panicked = thread::scope(|scope| {
            let thread = scope.spawn(|| {
                let _locked = registry.by_name();
                resume_unwind(std::boxed::Box::new(()));
            });
            thread.join()
        });
        assert!(panicked.is_err() && registry.by_name.is_poisoned());
        assert!(Arc::ptr_eq(&before, &registry.stats("name")));
        assert_eq!(registry.snapshot().iter().count(), 1);
    }
}
