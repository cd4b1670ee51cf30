//! The state that the handles of each name share.

use super::unknown::{Noun, UnknownName};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

/// The state that the handles of one name share.
pub(crate) struct Slot<T> {
    current: RwLock<T>,
    /// Whether there has ever been a handle.
    is_used: AtomicBool,
}

impl<T: Clone> Slot<T> {
    fn new(value: T) -> Arc<Slot<T>> {
        Arc::new(Slot {
            current: RwLock::new(value),
            is_used: AtomicBool::new(false),
        })
    }

    pub(crate) fn get(&self) -> T {
        self.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, value: T) {
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = value;
    }
}

/// The slots of one noun by name.
pub(crate) struct Slots<T> {
    noun: Noun,
    by_name: BTreeMap<String, Arc<Slot<T>>>,
}

impl<T: Clone> Slots<T> {
    pub(crate) const fn new(noun: Noun) -> Slots<T> {
        Slots {
            noun,
            by_name: BTreeMap::new(),
        }
    }

    /// The slot of a name, which counts as used from now on.
    pub(crate) fn find(&self, name: &str) -> Result<Arc<Slot<T>>, UnknownName> {
        match self.by_name.get(name) {
            Some(slot) => {
                // Ordering: written and read with the lock held.
                slot.is_used.store(true, Ordering::Relaxed);
                Ok(Arc::clone(slot))
            }
            None => Err(UnknownName::new(self.noun, name, self.by_name.keys())),
        }
    }

    /// The names that are used and have no settings.
    pub(crate) fn missing<S>(&self, settings: &BTreeMap<String, S>) -> impl Iterator<Item = UnknownName> {
        let is_missing = |(name, slot): &(&String, &Arc<Slot<T>>)| {
            slot.is_used.load(Ordering::Relaxed) && !settings.contains_key(*name)
        };
        let missing = self.by_name.iter().filter(is_missing);
        missing.map(|(name, _)| UnknownName::new(self.noun, name, settings.keys()))
    }

    /// Gives each slot what `make` returns for its settings and the value before, and removes the slots without settings.
    pub(crate) fn replace<S>(&mut self, settings: BTreeMap<String, S>, make: impl Fn(S, Option<T>) -> T) {
        self.by_name.retain(|name, _| settings.contains_key(name));
        for (name, settings) in settings {
            match self.by_name.get(&name) {
                Some(slot) => slot.set(make(settings, Some(slot.get()))),
                None => {
                    self.by_name.insert(name, Slot::new(make(settings, None)));
                }
            }
        }
    }
}

impl<T> fmt::Debug for Slots<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.by_name.keys()).finish()
    }
}
