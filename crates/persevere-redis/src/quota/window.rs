//! The permits that a process has taken in the slices that count.

use std::collections::BTreeMap;

/// Sums of slices, on the clock of the process.
#[derive(Debug)]
pub(crate) struct Window {
    /// The length of a slice, in nanoseconds.
    width: u64,
    /// How many slices count.
    counting: u64,
    /// The latest slice that was read.
    at: u64,
    /// The permits of the slices that count, and of later ones.
    slices: BTreeMap<u64, u64>,
}

impl Window {
    pub(crate) fn new(width: u64, counting: u32) -> Window {
        Window {
            width,
            counting: counting.into(),
            at: 0,
            slices: BTreeMap::new(),
        }
    }

    /// The slice of a point in time. It never goes back.
    pub(crate) fn slice(&mut self, now: u64) -> u64 {
        self.at = self.at.max(now / self.width);
        let first = (self.at + 1).saturating_sub(self.counting);
        self.slices = self.slices.split_off(&first);
        self.at
    }

    /// The sum of the slices that count.
    pub(crate) fn sum(&mut self, now: u64) -> u64 {
        self.slice(now);
        self.slices.values().sum()
    }

    /// Adds permits that are taken now and valid until a point in time. Returns the slice for which they count: the
    /// last but one in which they are valid.
    pub(crate) fn add(&mut self, permits: u32, until: u64, now: u64) -> u64 {
        let last_but_one = until.div_ceil(self.width).saturating_sub(2);
        let slice = self.slice(now).max(last_but_one);
        *self.slices.entry(slice).or_default() += u64::from(permits);
        slice
    }

    /// Takes back permits of a slice, as many of them as are there.
    pub(crate) fn remove(&mut self, permits: u32, slice: u64) {
        if let Some(taken) = self.slices.get_mut(&slice) {
            *taken = taken.saturating_sub(u64::from(permits));
        }
    }

    /// The slices that count and are not empty: how many slices ago, and the permits.
    pub(crate) fn entries(&mut self, now: u64) -> Vec<(u32, u32)> {
        let at = self.slice(now);
        let whole = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
        let taken = self.slices.iter().filter(|(_, permits)| **permits > 0);
        let ago = |slice: u64| whole(at.saturating_sub(slice));
        taken.map(|(slice, permits)| (ago(*slice), whole(*permits))).collect()
    }

    /// The end of the slice after this one: until when permits that are taken now may be used.
    pub(crate) fn valid_until(&mut self, now: u64) -> u64 {
        (self.slice(now) + 2).saturating_mul(self.width)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn permits_count_for_the_given_number_of_slices() {
        let mut window = Window::new(10, 3);
        assert_eq!(window.add(5, 30, 12), 1);
        assert_eq!(window.add(2, 40, 29), 2);
        assert_eq!(
            (window.sum(39), window.sum(40), window.sum(49), window.sum(50)),
            (7, 2, 2, 0)
        );
        window.add(4, 1_020, 1_000);
        assert_eq!((window.sum(1_000), window.sum(7)), (4, 4), "the clock went back");
    }

    #[test]
    fn permits_that_are_valid_for_longer_count_from_now_on() {
        let mut window = Window::new(10, 3);
        assert_eq!(window.add(5, 71, 10), 6);
        assert_eq!((window.sum(10), window.sum(80), window.sum(90)), (5, 5, 0));
    }

    #[test]
    fn permits_are_taken_back_from_their_slice() {
        let mut window = Window::new(10, 3);
        let first = window.add(5, 30, 10);
        let second = window.add(3, 40, 20);
        window.remove(2, first);
        window.remove(9, second);
        window.remove(1, 0);
        assert_eq!(window.entries(30), [(2, 3)]);
        assert_eq!((window.sum(20), window.sum(39), window.sum(40)), (3, 3, 0));
    }
}
