//! Runs within an attempt of another run: found in debug builds with std, on one thread.

#[cfg(all(feature = "std", debug_assertions))]
mod found {
    use core::cell::Cell;
    use core::sync::atomic::{AtomicBool, Ordering};

    std::thread_local! {
        /// How many attempts of runs that retry this thread is within.
        static DEPTH: Cell<u32> = const { Cell::new(0) };
    }

    /// While it lives, its thread is within an attempt.
    pub(crate) struct Within(u32);

    /// Notes that this thread is within an attempt, if its run retries.
    pub(crate) fn enter(retries: bool) -> Within {
        let added = u32::from(retries);
        // While the thread ends, nothing is noted.
        let _ = DEPTH.try_with(|depth| depth.set(depth.get() + added));
        Within(added)
    }

    impl Drop for Within {
        fn drop(&mut self) {
            let _ = DEPTH.try_with(|depth| depth.set(depth.get().saturating_sub(self.0)));
        }
    }

    /// Whether this thread is within an attempt of a run that retries.
    #[must_use]
    pub fn is_within() -> bool {
        DEPTH.try_with(Cell::get).is_ok_and(|depth| depth > 0)
    }

    /// Reports a run that begins within an attempt of another: the first of the process.
    pub(crate) fn check() {
        static REPORTED: AtomicBool = AtomicBool::new(false);
        if is_within() && !REPORTED.swap(true, Ordering::Relaxed) {
            std::eprintln!(
                "persevere: a run that retries began within an attempt of another, so that their attempts multiply. Retry in \
                 one layer, or give one of the policies `max_attempts(1)`. (Debug builds print this once.)"
            );
        }
    }
}

#[cfg(not(all(feature = "std", debug_assertions)))]
mod found {
    /// Nothing, in release builds and without std.
    pub(crate) struct Within;

    #[inline(always)]
    pub(crate) fn enter(_: bool) -> Within {
        Within
    }

    /// `false`, in release builds and without std.
    #[must_use]
    pub fn is_within() -> bool {
        false
    }

    #[inline(always)]
    pub(crate) fn check() {}
}

pub use found::is_within;
pub(crate) use found::{check, enter};
