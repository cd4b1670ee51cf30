//! Parts in a wrong order: found in debug builds with std, on one thread.

#[cfg(all(feature = "std", debug_assertions))]
mod found {
    #[cfg(feature = "global-observer")]
    use crate::observe::global;
    use crate::observe::{Misplaced, Observer};
    use core::cell::Cell;
    use core::sync::atomic::{AtomicBool, Ordering};

    std::thread_local! {
        /// How many attempts of runs that retry enclose this thread.
        static DEPTH: Cell<u32> = const { Cell::new(0) };
        /// Whether a rejection was returned as an error since the current step of this thread began.
        static REJECTED: Cell<bool> = const { Cell::new(false) };
    }

    /// While it lives, its thread is within a step of a call.
    pub(crate) struct Within(u32);

    /// Notes that this thread is within a step of a call: of an attempt of a run that retries, or of another.
    pub(crate) fn enter(retries: bool) -> Within {
        forget_rejection();
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

    /// Whether a rejection was returned as an error in the last step of a call on this thread.
    #[must_use]
    pub fn has_rejected() -> bool {
        REJECTED.try_with(Cell::get).unwrap_or(false)
    }

    /// Notes that a rejection is returned as an error.
    pub fn note_rejection() {
        let _ = REJECTED.try_with(|rejected| rejected.set(true));
    }

    pub(crate) fn forget_rejection() {
        let _ = REJECTED.try_with(|rejected| rejected.set(false));
    }

    /// Called by a breaker for each error that it counts.
    pub fn counted(is_failure: impl FnOnce() -> bool) {
        if has_rejected() && is_failure() {
            report::<(), _>(&(), Misplaced::CountedRejection);
        }
    }

    /// Reports that parts are misplaced, the first time in the process. The report goes to the observer of the run, or
    /// else to the observer of the program, or else to standard error.
    #[cold]
    pub(crate) fn report<E, O: Observer<E>>(observer: &O, misplaced: Misplaced) {
        static REPORTED: [AtomicBool; 3] = [const { AtomicBool::new(false) }; 3];
        // Ordering: a flag alone.
        if REPORTED[misplaced as usize].swap(true, Ordering::Relaxed) || observer.on_misplaced(misplaced) {
            return;
        }
        #[cfg(feature = "global-observer")]
        if global::misplaced(misplaced) {
            return;
        }
        std::eprintln!("persevere: {misplaced}. (Debug builds print this once.)");
    }
}

#[cfg(not(all(feature = "std", debug_assertions)))]
mod found {
    use crate::observe::{Misplaced, Observer};

    /// Nothing, in release builds and without std.
    pub(crate) struct Within;

    #[inline(always)]
    pub(crate) fn enter(_: bool) -> Within {
        Within
    }

    /// `false`, in release builds and without std.
    #[must_use]
    #[inline(always)]
    pub fn is_within() -> bool {
        false
    }

    /// `false`, in release builds and without std.
    #[must_use]
    #[inline(always)]
    pub fn has_rejected() -> bool {
        false
    }

    /// Does nothing, in release builds and without std.
    #[inline(always)]
    pub fn note_rejection() {}

    #[inline(always)]
    pub(crate) fn forget_rejection() {}

    /// Does nothing, in release builds and without std.
    #[inline(always)]
    pub fn counted(_: impl FnOnce() -> bool) {}

    #[inline(always)]
    pub(crate) fn report<E, O: Observer<E>>(_: &O, _: Misplaced) {}
}

pub use found::{counted, has_rejected, is_within, note_rejection};
pub(crate) use found::{enter, forget_rejection, report};
