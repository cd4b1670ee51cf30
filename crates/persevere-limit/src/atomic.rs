//! The atomic integer that all shared state is made of.

#[cfg(not(feature = "loom"))]
pub(crate) use portable_atomic::{AtomicU64, Ordering};

#[cfg(feature = "loom")]
pub(crate) use model::{AtomicU64, Ordering};

/// The atomics of the model checker have no `const` constructor, so each is created at its first use. A test prints a
/// gate (`Debug` loads its atomic) before it shares it, so that this happens on one thread.
#[cfg(feature = "loom")]
mod model {
    extern crate std;

    use core::fmt;
    use core::mem::ManuallyDrop;
    pub(crate) use loom::sync::atomic::Ordering;
    use std::sync::OnceLock;

    pub(crate) struct AtomicU64 {
        initial: u64,
        // Not dropped: a `const fn` may not take and return a value that has a destructor.
        atomic: ManuallyDrop<OnceLock<loom::sync::atomic::AtomicU64>>,
    }

    impl AtomicU64 {
        pub(crate) const fn new(initial: u64) -> AtomicU64 {
            AtomicU64 {
                initial,
                atomic: ManuallyDrop::new(OnceLock::new()),
            }
        }

        fn atomic(&self) -> &loom::sync::atomic::AtomicU64 {
            self.atomic
                .get_or_init(|| loom::sync::atomic::AtomicU64::new(self.initial))
        }

        pub(crate) fn load(&self, ordering: Ordering) -> u64 {
            self.atomic().load(ordering)
        }

        #[cfg(feature = "std")]
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

        pub(crate) fn fetch_sub(&self, value: u64, ordering: Ordering) -> u64 {
            self.atomic().fetch_sub(value, ordering)
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

    impl fmt::Debug for AtomicU64 {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            self.load(Ordering::Relaxed).fmt(f)
        }
    }
}
