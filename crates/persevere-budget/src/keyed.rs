//! Budgets by key, of which the least recently used are forgotten.

use crate::windowed::WindowedRatio;
use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::borrow::Borrow;
use core::fmt;
use core::hash::Hash;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Retry budgets by key, such as a host, built at their first use.
///
/// Their number is bounded by [`capacity`](Budgets::capacity). To make room for one more, it forgets the least recently
/// used budget that no one holds, and only then any other. A forgotten budget still works for its holders.
///
/// A lookup takes a lock for a lookup in a hash map. Take a budget once per run, not once per attempt.
///
/// # Examples
///
/// ```
/// use persevere::budget::{Budgets, WindowedRatio};
/// use persevere::{Policy, StopReason, ThreadSleeper};
/// use std::{sync::LazyLock, time::Duration};
///
/// static BUDGETS: LazyLock<Budgets<String>> =
///     LazyLock::new(|| Budgets::by_key(|_host: &String| WindowedRatio::new().reserve(1)));
/// static POLICY: Policy = Policy::exponential(Duration::from_millis(1)).max_attempts(5);
///
/// let run = POLICY.on(ThreadSleeper).budget(BUDGETS.get("one.example"));
/// let error = run.run_blocking(|| Err::<(), _>("down")).unwrap_err();
/// assert_eq!((error.reason(), error.attempts()), (StopReason::Budget, 2));
/// ```
pub struct Budgets<K, B = WindowedRatio> {
    build: Box<dyn Fn(&K) -> B + Send + Sync>,
    capacity: usize,
    entries: Mutex<Entries<K, B>>,
}

struct Entries<K, B> {
    by_key: HashMap<K, Entry<B>>,
    /// The number of lookups so far.
    lookups: u64,
}

struct Entry<B> {
    budget: Arc<B>,
    /// The number of the last lookup.
    used: u64,
}

const CAPACITY: usize = 1_024;

impl<K: Eq + Hash + Clone, B> Budgets<K, B> {
    /// Budgets that `build` builds for their keys, at most 1,024 by default.
    pub fn by_key(build: impl Fn(&K) -> B + Send + Sync + 'static) -> Self {
        Budgets {
            build: Box::new(build),
            capacity: CAPACITY,
            entries: Mutex::new(Entries {
                by_key: HashMap::new(),
                lookups: 0,
            }),
        }
    }

    /// Sets how many budgets are kept at most, at least 1.
    #[must_use]
    pub fn capacity(mut self, budgets: usize) -> Self {
        self.capacity = budgets.max(1);
        self
    }

    /// Returns the budget for `key`, and builds it if there is none.
    pub fn get<Q>(&self, key: &Q) -> Arc<B>
    where
        K: Borrow<Q>,
        Q: ToOwned<Owned = K> + Eq + Hash + ?Sized,
    {
        let mut entries = self.entries();
        entries.lookups += 1;
        let used = entries.lookups;
        if let Some(entry) = entries.by_key.get_mut(key) {
            entry.used = used;
            return Arc::clone(&entry.budget);
        }
        drop(entries);
        // Without the lock, since it is code supplied by the caller.
        let key = key.to_owned();
        let budget = Arc::new((self.build)(&key));

        let mut entries = self.entries();
        if entries.by_key.len() >= self.capacity && !entries.by_key.contains_key(key.borrow()) {
            entries.forget_one();
        }
        let entry = entries.by_key.entry(key).or_insert(Entry { budget, used });
        Arc::clone(&entry.budget)
    }

    /// Returns all budgets with their keys, for metrics.
    #[must_use]
    pub fn all(&self) -> Vec<(K, Arc<B>)> {
        let entries = self.entries();
        let pairs = entries.by_key.iter();
        pairs
            .map(|(key, entry)| (key.clone(), Arc::clone(&entry.budget)))
            .collect()
    }

    fn entries(&self) -> MutexGuard<'_, Entries<K, B>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Eq + Hash + Clone, B> Entries<K, B> {
    fn forget_one(&mut self) {
        let cost = |entry: &Entry<B>| (Arc::strong_count(&entry.budget) > 1, entry.used);
        let cheapest = self.by_key.iter().min_by_key(|(_, entry)| cost(entry));
        if let Some(key) = cheapest.map(|(key, _)| key.clone()) {
            self.by_key.remove(&key);
        }
    }
}

impl<K, B> fmt::Debug for Budgets<K, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Budgets")
            .field("capacity", &self.capacity)
            .finish_non_exhaustive()
    }
}
