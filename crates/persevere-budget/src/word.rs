//! The atomic word that all shared state is made of.

#[cfg(not(feature = "loom"))]
pub(crate) use portable_atomic::{AtomicU64 as Word, Ordering};

#[cfg(feature = "loom")]
pub(crate) use model::{Ordering, Word};

/// The model checker's atomics cannot be made in a `const`, so a word makes its own when it is first used, which must be
/// before it is shared.
#[cfg(feature = "loom")]
mod model {
    extern crate std;

    use core::fmt;
    use core::mem::ManuallyDrop;
    use loom::sync::atomic::AtomicU64;
    pub(crate) use loom::sync::atomic::Ordering;
    use std::sync::OnceLock;

    pub(crate) struct Word {
        initial: u64,
        // Not dropped, since what a `const` function takes and hands back may have nothing to drop.
        atomic: ManuallyDrop<OnceLock<AtomicU64>>,
    }

    impl Word {
        pub(crate) const fn new(initial: u64) -> Word {
            Word {
                initial,
                atomic: ManuallyDrop::new(OnceLock::new()),
            }
        }

        fn atomic(&self) -> &AtomicU64 {
            self.atomic.get_or_init(|| AtomicU64::new(self.initial))
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

        pub(crate) fn fetch_update(
            &self,
            set: Ordering,
            fetch: Ordering,
            update: impl FnMut(u64) -> Option<u64>,
        ) -> Result<u64, u64> {
            self.atomic().fetch_update(set, fetch, update)
        }
    }

    impl fmt::Debug for Word {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            self.load(Ordering::Relaxed).fmt(f)
        }
    }
}
