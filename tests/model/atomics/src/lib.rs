//! The model checker's atomics with the names of `portable-atomic`, in whose place the packages beside this one compile
//! the sources of the published crates.
//!
//! Loom's atomics have no `const` constructor, so each is created at its first use. A test uses every atomic once before it
//! shares what it tests, so that this happens on one thread.

#![allow(missing_docs, clippy::missing_errors_doc)]

pub use loom::sync::atomic::{Ordering, fence};

use std::fmt;
use std::mem::ManuallyDrop;
use std::sync::OnceLock;

macro_rules! atomic {
    ($name:ident, $integer:ty) => {
        pub struct $name {
            initial: $integer,
            // Not dropped: a `const fn` may not take and return a value that has a destructor.
            atomic: ManuallyDrop<OnceLock<loom::sync::atomic::$name>>,
        }

        impl $name {
            #[must_use]
            pub const fn new(initial: $integer) -> $name {
                $name {
                    initial,
                    atomic: ManuallyDrop::new(OnceLock::new()),
                }
            }

            fn atomic(&self) -> &loom::sync::atomic::$name {
                self.atomic
                    .get_or_init(|| loom::sync::atomic::$name::new(self.initial))
            }

            pub fn load(&self, ordering: Ordering) -> $integer {
                self.atomic().load(ordering)
            }

            pub fn store(&self, value: $integer, ordering: Ordering) {
                self.atomic().store(value, ordering);
            }

            pub fn compare_exchange(
                &self,
                current: $integer,
                new: $integer,
                success: Ordering,
                failure: Ordering,
            ) -> Result<$integer, $integer> {
                self.atomic().compare_exchange(current, new, success, failure)
            }

            pub fn fetch_add(&self, value: $integer, ordering: Ordering) -> $integer {
                self.atomic().fetch_add(value, ordering)
            }

            pub fn fetch_sub(&self, value: $integer, ordering: Ordering) -> $integer {
                self.atomic().fetch_sub(value, ordering)
            }

            pub fn fetch_max(&self, value: $integer, ordering: Ordering) -> $integer {
                self.atomic().fetch_max(value, ordering)
            }

            pub fn fetch_update(
                &self,
                set: Ordering,
                fetch: Ordering,
                update: impl FnMut($integer) -> Option<$integer>,
            ) -> Result<$integer, $integer> {
                self.atomic().fetch_update(set, fetch, update)
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
