//! Retries that were withdrawn in the current slice, and given back.

use portable_atomic::{AtomicU64, Ordering};

/// The retries that were given back in the current slice.
///
/// Only the slice of its withdrawal may get a retry back: there it is as if it had never been withdrawn. In a later slice
/// it would be available in windows that no longer hold the withdrawal.
#[derive(Debug)]
pub(crate) struct Returned {
    /// The slice, modulo 2^32, and the number of retries (32 bits each). All changes are ordered by this one word.
    state: AtomicU64,
}

const fn word(slice: u32, retries: u32) -> u64 {
    (slice as u64) << 32 | retries as u64
}

const fn parts(word: u64) -> (u32, u32) {
    ((word >> 32) as u32, word as u32)
}

impl Returned {
    pub(crate) const fn new() -> Returned {
        Returned {
            state: AtomicU64::new(0),
        }
    }

    /// The slice, and the retries that were given back in it.
    #[inline]
    pub(crate) fn get(&self) -> (u32, u32) {
        parts(self.state.load(Ordering::Acquire))
    }

    /// Gives a retry back, if its slice is still the current one.
    pub(crate) fn add(&self, slice: u32) {
        // Ordering: pairs with `turn_to`, which then reads a counter that holds the withdrawal.
        let _ = self.state.fetch_update(Ordering::AcqRel, Ordering::Acquire, |state| {
            let (current, retries) = parts(state);
            (current == slice).then_some(word(slice, retries.saturating_add(1)))
        });
    }

    /// Takes a retry that was given back in this slice, and returns whether there was one.
    pub(crate) fn take(&self, slice: u32) -> bool {
        let taken = self.state.fetch_update(Ordering::AcqRel, Ordering::Acquire, |state| {
            let (current, retries) = parts(state);
            (current == slice && retries > 0).then(|| word(slice, retries - 1))
        });
        taken.is_ok()
    }

    /// Starts another slice, and returns the retries that are left of the slice before.
    pub(crate) fn turn_to(&self, slice: u32) -> u32 {
        let before = self
            .state
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |_| Some(word(slice, 0)));
        before.map_or(0, |state| parts(state).1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_is_taken_once_and_in_its_slice_alone() {
        let returned = Returned::new();
        returned.add(1);
        assert_eq!(returned.get(), (0, 0), "another slice");
        returned.add(0);
        returned.add(0);
        assert!(!returned.take(1) && returned.take(0));
        assert_eq!(returned.turn_to(1), 1);
        assert!(!returned.take(0) && !returned.take(1));
    }
}
