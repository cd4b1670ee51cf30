//! The atomic integers that all shared state is made of.

#[cfg(not(feature = "loom"))]
pub(crate) use portable_atomic::{AtomicU32, AtomicU64, Ordering};

#[cfg(feature = "loom")]
pub(crate) use model::{AtomicU32, AtomicU64, Ordering};

/// The atomics of the model checker have no `const` constructor, so each is created at its first use. A test prints a
/// latency (`Debug` loads every atomic) before it shares it, so that this happens on one thread.
#[cfg(feature = "loom")]
mod model {
    extern crate std;

    use core::fmt;
    use core::mem::ManuallyDrop;
    pub(crate) use loom::sync::atomic::Ordering;
    use std::sync::OnceLock;

    macro_rules! atomic {
        ($name:ident, $integer:ty) => {
            pub(crate) struct $name {
                initial: $integer,
                // Not dropped: a `const fn` may not take and return a value that has a destructor.
                atomic: ManuallyDrop<OnceLock<loom::sync::atomic::$name>>,
            }

            impl $name {
                pub(crate) const fn new(initial: $integer) -> $name {
                    $name {
                        initial,
                        atomic: ManuallyDrop::new(OnceLock::new()),
                    }
                }

                fn atomic(&self) -> &loom::sync::atomic::$name {
                    self.atomic
                        .get_or_init(|| loom::sync::atomic::$name::new(self.initial))
                }

                pub(crate) fn load(&self, ordering: Ordering) -> $integer {
                    self.atomic().load(ordering)
                }

                pub(crate) fn store(&self, value: $integer, ordering: Ordering) {
                    self.atomic().store(value, ordering);
                }

                pub(crate) fn fetch_add(&self, value: $integer, ordering: Ordering) -> $integer {
                    self.atomic().fetch_add(value, ordering)
                }
            }

            impl fmt::Debug for $name {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    self.load(Ordering::Relaxed).fmt(f)
                }
            }
        };
    }

    atomic!(AtomicU32, u32);
    atomic!(AtomicU64, u64);

    impl AtomicU64 {
        pub(crate) fn compare_exchange(
            &self,
            current: u64,
            new: u64,
            success: Ordering,
            failure: Ordering,
        ) -> Result<u64, u64> {
            self.atomic().compare_exchange(current, new, success, failure)
        }
    }
}
