//! Breakers by key, of which the least recently used are forgotten.

use crate::shared::SharedBreaker;
use crate::state::State;
use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::borrow::Borrow;
use core::fmt;
use core::hash::Hash;
use core::time::Duration;
use persevere_core::classify::{AnyError, Errors};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Circuit breakers by key, such as a host, built at their first use.
///
/// Their number is bounded by [`capacity`](Breakers::capacity). To make room for one more, it forgets the least
/// recently used breaker that is closed and that no one holds. If there is no such breaker, it forgets a closed
/// breaker, and only then any other. A forgotten breaker still works for its holders.
///
/// A lookup takes a lock for a lookup in a hash map. Take a breaker once per run, not once per attempt.
///
/// # Examples
///
/// ```
/// use persevere::breaker::{Breakers, CircuitBreaker, State};
/// use persevere::{Policy, Sleeper, ThreadSleeper};
/// use std::{sync::LazyLock, time::Duration};
///
/// static BREAKERS: LazyLock<Breakers<String>> = LazyLock::new(|| {
///     Breakers::by_key(|_host: &String| CircuitBreaker::consecutive_failures(2).build().shared())
/// });
/// static POLICY: Policy = Policy::exponential(Duration::from_millis(1)).max_attempts(2);
///
/// let down = || Err::<(), _>("down");
/// let _ = POLICY.on(ThreadSleeper).breaker(BREAKERS.get("one.example")).run_blocking(down);
/// assert_eq!(BREAKERS.get("one.example").state(ThreadSleeper.now()), State::Open);
/// assert_eq!(BREAKERS.get("other.example").state(ThreadSleeper.now()), State::Closed);
/// ```
pub struct Breakers<K, C = AnyError, On = Errors> {
    build: Build<K, C, On>,
    capacity: usize,
    entries: Mutex<Entries<K, C, On>>,
}

type Build<K, C, On> = Box<dyn Fn(&K) -> SharedBreaker<C, On> + Send + Sync>;

struct Entries<K, C, On> {
    by_key: HashMap<K, Entry<C, On>>,
    /// The number of lookups so far.
    lookups: u64,
}

struct Entry<C, On> {
    breaker: SharedBreaker<C, On>,
    /// The number of the last lookup.
    used: u64,
}

const CAPACITY: usize = 1_024;

impl<K: Eq + Hash + Clone, C: Clone, On> Breakers<K, C, On> {
    /// Breakers that `build` builds for their keys, at most 1,024 by default.
    pub fn by_key(build: impl Fn(&K) -> SharedBreaker<C, On> + Send + Sync + 'static) -> Self {
        Breakers {
            build: Box::new(build),
            capacity: CAPACITY,
            entries: Mutex::new(Entries {
                by_key: HashMap::new(),
                lookups: 0,
            }),
        }
    }

    /// Sets how many breakers are kept at most, at least 1.
    #[must_use]
    pub fn capacity(mut self, breakers: usize) -> Self {
        self.capacity = breakers.max(1);
        self
    }

    /// Returns the breaker for `key`, and builds it if there is none.
    pub fn get<Q>(&self, key: &Q) -> SharedBreaker<C, On>
    where
        K: Borrow<Q>,
        Q: ToOwned<Owned = K> + Eq + Hash + ?Sized,
    {
        let mut entries = self.entries();
        entries.lookups += 1;
        let used = entries.lookups;
        if let Some(entry) = entries.by_key.get_mut(key) {
            entry.used = used;
            return entry.breaker.clone();
        }
        drop(entries);
        // Without the lock, since it is code supplied by the caller.
        let key = key.to_owned();
        let built = (self.build)(&key);

        let mut entries = self.entries();
        if entries.by_key.len() >= self.capacity && !entries.by_key.contains_key(key.borrow()) {
            entries.forget_one();
        }
        let entry = entries.by_key.entry(key).or_insert(Entry { breaker: built, used });
        entry.breaker.clone()
    }

    /// Returns all breakers with their keys, for metrics.
    #[must_use]
    pub fn all(&self) -> Vec<(K, SharedBreaker<C, On>)> {
        let entries = self.entries();
        let pairs = entries.by_key.iter();
        pairs.map(|(key, entry)| (key.clone(), entry.breaker.clone())).collect()
    }

    fn entries(&self) -> MutexGuard<'_, Entries<K, C, On>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Eq + Hash + Clone, C, On> Entries<K, C, On> {
    fn forget_one(&mut self) {
        let cost = |entry: &Entry<C, On>| {
            // Whether it is open does not depend on the time.
            let is_closed = entry.breaker.state(Duration::ZERO) == State::Closed;
            (!is_closed, entry.breaker.is_held(), entry.used)
        };
        let cheapest = self.by_key.iter().min_by_key(|(_, entry)| cost(entry));
        if let Some(key) = cheapest.map(|(key, _)| key.clone()) {
            self.by_key.remove(&key);
        }
    }
}

impl<K, C, On> fmt::Debug for Breakers<K, C, On> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Breakers")
            .field("capacity", &self.capacity)
            .finish_non_exhaustive()
    }
}
