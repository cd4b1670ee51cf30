//! A count in two words, for targets that have no atomics of 64 bits.

use core::sync::atomic::{AtomicU32, Ordering};

/// A count that only grows.
// Invariant: `low` holds the lowest 32 bits, and `high` how often `low` has passed a multiple of 2^31. So bit 31 of
// `low` and bit 0 of `high` are equal, except while an addition has written one of them, which a reader detects. A
// reading is 2^32 short if it interrupts two such additions at once.
pub(super) struct Halves {
    low: AtomicU32,
    high: AtomicU32,
}

/// The largest count: 32 bits in `high`, 31 below it.
const MAX: u64 = u64::MAX >> 1;

impl Halves {
    pub(super) const fn new() -> Halves {
        Halves {
            low: AtomicU32::new(0),
            high: AtomicU32::new(0),
        }
    }

    #[inline]
    pub(super) fn increment(&self) {
        self.add_low(1);
    }

    /// Adds `n`, and saturates.
    pub(super) fn add(&self, n: u64) {
        let n = n.min(MAX.saturating_sub(self.load()));
        // Even, so that bit 0 stays.
        self.high.fetch_add((n >> 32 << 1) as u32, Ordering::Release);
        let low = n as u32;
        self.add_low(low / 2);
        self.add_low(low - low / 2);
    }

    /// Adds at most 2^31, and so passes at most one multiple of it.
    #[inline]
    fn add_low(&self, n: u32) {
        let before = self.low.fetch_add(n, Ordering::Release);
        if (before ^ before.wrapping_add(n)) >> 31 == 1 {
            self.high.fetch_add(1, Ordering::Release);
        }
    }

    pub(super) fn load(&self) -> u64 {
        loop {
            let high = self.high.load(Ordering::Acquire);
            let low = self.low.load(Ordering::Acquire);
            if self.high.load(Ordering::Acquire) == high {
                let late = (high ^ (low >> 31)) & 1;
                return (u64::from(high) + u64::from(late)) >> 1 << 32 | u64::from(low);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::*;
    use proptest::prelude::*;
    use std::thread;
    use std::vec::Vec;

    /// Any number, mostly near the numbers at which bits are carried.
    fn number() -> impl Strategy<Value = u64> {
        let edges = [0, 1 << 31, 1 << 32, 3 << 31, 1 << 33, MAX, u64::MAX];
        let near = (prop::sample::select(edges.to_vec()), 0u64..3, any::<bool>());
        let near = near.prop_map(|(edge, by, up)| {
            if up {
                edge.saturating_add(by)
            } else {
                edge.saturating_sub(by)
            }
        });
        prop_oneof![
            near,
            any::<u32>().prop_map(u64::from),
            any::<u64>().prop_map(|n| n >> 8)
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn two_halves_are_a_whole(numbers in prop::collection::vec(number(), 0..20)) {
            let (halves, mut sum) = (Halves::new(), 0u64);
            for n in numbers {
                if n == 1 && sum < MAX {
                    halves.increment();
                } else {
                    halves.add(n);
                }
                sum = sum.saturating_add(n).min(MAX);
                prop_assert_eq!(halves.load(), sum);
            }
        }

        #[test]
        fn reading_between_the_halves_is_whole(sum in 0..MAX >> 1, n in 1u32..1 << 31) {
            let halves = Halves::new();
            halves.add(sum);
            halves.low.fetch_add(n, Ordering::Relaxed);
            prop_assert_eq!(halves.load(), sum + u64::from(n));
        }
    }

    #[test]
    fn nothing_is_lost_between_threads() {
        const STEP: u64 = (1 << 30) + 1;
        let halves = Halves::new();
        thread::scope(|scope| {
            let adding: Vec<_> = (0..4)
                .map(|_| {
                    scope.spawn(|| {
                        for _ in 0..10_000 {
                            halves.add(STEP);
                            halves.increment();
                        }
                    })
                })
                .collect();
            while !adding.iter().all(thread::ScopedJoinHandle::is_finished) {
                assert!(halves.load() <= 40_000 * (STEP + 1));
            }
        });
        assert_eq!(halves.load(), 40_000 * (STEP + 1));
    }
}
