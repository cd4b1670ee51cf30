//! Generations: they distinguish current reports from stale ones.

use core::cmp::Ordering;

/// The number of transitions so far, modulo 2^32. It is the upper half of every word that belongs to a generation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Generation(pub(crate) u32);

impl Generation {
    /// The generation in the upper half of a word.
    #[inline]
    pub(crate) const fn of(word: u64) -> Generation {
        Generation((word >> 32) as u32)
    }

    /// A word of this generation.
    #[inline]
    pub(crate) const fn tag(self, value: u32) -> u64 {
        (self.0 as u64) << 32 | value as u64
    }

    #[inline]
    pub(crate) const fn next(self) -> Generation {
        Generation(self.0.wrapping_add(1))
    }

    /// Compares two generations, around the wrap too: no thread sleeps through 2^31 transitions.
    #[inline]
    pub(crate) fn compare(self, other: Generation) -> Ordering {
        (self.0.wrapping_sub(other.0) as i32).cmp(&0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generations_compare_around_the_wrap() {
        for start in [0, 7, u32::MAX - 1, u32::MAX, 1 << 31] {
            let generation = Generation(start);
            assert_eq!(generation.compare(generation), Ordering::Equal);
            assert_eq!(generation.next().compare(generation), Ordering::Greater);
            assert_eq!(generation.compare(generation.next()), Ordering::Less);
        }
    }

    #[test]
    fn word_returns_both_halves() {
        let word = Generation(u32::MAX).tag(7);
        assert_eq!((Generation::of(word), word as u32), (Generation(u32::MAX), 7));
    }
}
