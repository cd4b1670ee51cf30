//! State that clones share, between threads if std is enabled.

use core::fmt;

#[cfg(not(feature = "std"))]
use alloc::rc::Rc as Counted;
#[cfg(not(feature = "std"))]
use core::cell::RefCell as Lock;
#[cfg(feature = "std")]
use std::sync::{Arc as Counted, Mutex as Lock};

/// State that clones share.
pub(crate) struct Shared<T>(Counted<Lock<T>>);

impl<T> Shared<T> {
    pub(crate) fn new(state: T) -> Shared<T> {
        Shared(Counted::new(Lock::new(state)))
    }

    /// Reads or changes the state.
    ///
    /// Invariant: `access` calls no code that may access the same state, such as a waker or a closure of the user.
    pub(crate) fn with<R>(&self, access: impl FnOnce(&mut T) -> R) -> R {
        #[cfg(feature = "std")]
        let mut state = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        #[cfg(not(feature = "std"))]
        let mut state = self.0.borrow_mut();
        access(&mut state)
    }
}

impl<T> Clone for Shared<T> {
    fn clone(&self) -> Self {
        Shared(Counted::clone(&self.0))
    }
}

impl<T: Default> Default for Shared<T> {
    fn default() -> Self {
        Shared::new(T::default())
    }
}

impl<T: fmt::Debug> fmt::Debug for Shared<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.with(|state| state.fmt(f))
    }
}
