//! What a process has taken in the slices that count.

use std::collections::VecDeque;

/// Sums of the last slices, on the clock of the process.
#[derive(Debug)]
pub(crate) struct Window {
    /// The length of a slice, in nanoseconds.
    width: u64,
    /// How many slices count.
    counting: usize,
    /// The slice of the last entry.
    at: u64,
    /// The last slices, the newest last.
    slices: VecDeque<u64>,
}

impl Window {
    pub(crate) fn new(width: u64, counting: u32) -> Window {
        Window {
            width,
            counting: counting as usize,
            at: 0,
            slices: VecDeque::new(),
        }
    }

    /// The slice of a point in time. It never goes back.
    pub(crate) fn slice(&mut self, now: u64) -> u64 {
        let slice = (now / self.width).max(self.at);
        if slice - self.at >= self.counting as u64 {
            self.slices.clear();
        } else {
            for _ in self.at..slice {
                self.slices.push_back(0);
            }
        }
        self.at = slice;
        while self.slices.len() > self.counting {
            self.slices.pop_front();
        }
        if self.slices.is_empty() {
            self.slices.push_back(0);
        }
        slice
    }

    /// The sum of the slices that count.
    pub(crate) fn sum(&mut self, now: u64) -> u64 {
        self.slice(now);
        self.slices.iter().sum()
    }

    /// Adds permits that are taken now, and returns their slice.
    pub(crate) fn add(&mut self, permits: u32, now: u64) -> u64 {
        let slice = self.slice(now);
        if let Some(last) = self.slices.back_mut() {
            *last += u64::from(permits);
        }
        slice
    }

    /// Takes back permits of a slice, as many of them as are there.
    pub(crate) fn remove(&mut self, permits: u32, slice: u64) {
        let behind = usize::try_from(self.at.saturating_sub(slice)).unwrap_or(usize::MAX);
        let at = self.slices.len().checked_sub(1).and_then(|last| last.checked_sub(behind));
        if let Some(taken) = at.and_then(|at| self.slices.get_mut(at)) {
            *taken = taken.saturating_sub(u64::from(permits));
        }
    }

    /// The slices that count and are not empty: how many slices ago, and the permits.
    pub(crate) fn entries(&mut self, now: u64) -> Vec<(u32, u32)> {
        self.slice(now);
        let newest_first = (0..).zip(self.slices.iter().rev());
        let taken = newest_first.filter(|(_, permits)| **permits > 0);
        let whole = |permits: u64| u32::try_from(permits).unwrap_or(u32::MAX);
        taken.map(|(ago, permits)| (ago, whole(*permits))).collect()
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
        assert_eq!(window.add(5, 12), 1);
        assert_eq!(window.add(2, 29), 2);
        assert_eq!((window.sum(39), window.sum(40), window.sum(49), window.sum(50)), (7, 2, 2, 0));
        window.add(4, 1_000);
        assert_eq!((window.sum(1_000), window.sum(7)), (4, 4), "the clock went back");
    }

    #[test]
    fn permits_are_taken_back_from_their_slice() {
        let mut window = Window::new(10, 3);
        let first = window.add(5, 10);
        let second = window.add(3, 20);
        window.remove(2, first);
        window.remove(9, second);
        window.remove(1, 0);
        assert_eq!(window.entries(30), [(2, 3)]);
        assert_eq!((window.sum(20), window.sum(39), window.sum(40)), (3, 3, 0));
    }
}
