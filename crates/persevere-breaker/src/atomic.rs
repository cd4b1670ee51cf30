//! The atomic integer that all shared state is made of.

#[cfg(not(feature = "loom"))]
pub(crate) use portable_atomic::{AtomicU64, Ordering, fence};

#[cfg(feature = "loom")]
pub(crate) use model::{AtomicU64, Ordering, fence};

/// The atomics of the model checker have no `const` constructor, so each is created at its first use. A test calls
/// `touch` before it shares a breaker, so that this happens on one thread.
#[cfg(feature = "loom")]
mod model {
    extern crate std;

    extern crate alloc;

    use crate::breaker::CircuitBreaker;
    use crate::trip::Trip;
    use core::fmt;
    pub(crate) use loom::sync::atomic::{Ordering, fence};
    use std::sync::OnceLock;

    pub(crate) struct AtomicU64 {
        initial: u64,
        atomic: OnceLock<loom::sync::atomic::AtomicU64>,
    }

    impl AtomicU64 {
        pub(crate) const fn new(initial: u64) -> AtomicU64 {
            AtomicU64 {
                initial,
                atomic: OnceLock::new(),
            }
        }

        fn atomic(&self) -> &loom::sync::atomic::AtomicU64 {
            self.atomic
                .get_or_init(|| loom::sync::atomic::AtomicU64::new(self.initial))
        }

        pub(crate) fn load(&self, ordering: Ordering) -> u64 {
            self.atomic().load(ordering)
        }

        pub(crate) fn store(&self, value: u64, ordering: Ordering) {
            self.atomic().store(value, ordering);
        }

        pub(crate) fn compare_exchange(
            &self,
            current: u64,
            new: u64,
            success: Ordering,
            failure: Ordering,
        ) -> Result<u64, u64> {
            self.atomic().compare_exchange(current, new, success, failure)
        }

        pub(crate) fn fetch_add(&self, value: u64, ordering: Ordering) -> u64 {
            self.atomic().fetch_add(value, ordering)
        }

        pub(crate) fn fetch_max(&self, value: u64, ordering: Ordering) -> u64 {
            self.atomic().fetch_max(value, ordering)
        }
    }

    impl fmt::Debug for AtomicU64 {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            self.load(Ordering::Relaxed).fmt(f)
        }
    }

    impl<T: Trip, B, C, On> CircuitBreaker<T, B, C, On> {
        /// Uses every atomic once.
        #[doc(hidden)]
        pub fn touch(&self) {
            let atomics = (
                &self.control,
                &self.openings,
                &self.delivery,
                &self.counts,
                &self.probes,
                &self.ring,
                &self.counters,
            );
            drop(alloc::format!("{atomics:?}"));
        }
    }
}
