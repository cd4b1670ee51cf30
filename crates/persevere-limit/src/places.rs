//! The places of a limit of the concurrent calls.

use portable_atomic::{AtomicU32, Ordering};

/// How many places are taken.
pub(crate) struct Places(AtomicU32);

impl Places {
    pub(crate) const fn new() -> Places {
        Places(AtomicU32::new(0))
    }

    /// Takes one of `limit` places, and returns how many are taken with it; `None` if there is none.
    pub(crate) fn take(&self, limit: u32) -> Option<u32> {
        // Ordering: acquire, pairs with the release of `give_back`, so that a call reads what the call before it in its
        // place wrote.
        let taken = self.0.fetch_update(Ordering::Acquire, Ordering::Relaxed, |taken| {
            (taken < limit).then(|| taken + 1)
        });
        taken.ok().map(|others| others + 1)
    }

    pub(crate) fn give_back(&self) {
        // Ordering: release, pairs with the acquire of `take`.
        self.0.fetch_sub(1, Ordering::Release);
    }

    pub(crate) fn taken(&self) -> u32 {
        // Ordering: an estimate by the time it is returned.
        self.0.load(Ordering::Relaxed)
    }
}
