//! The permits that a process holds, taken without a lock.

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, AtomicUsize, Ordering};

/// A number of permits that are valid until a point in time.
#[derive(Debug, Default)]
struct Place {
    /// The generation (32 bits), which every filling changes, and the permits that are left.
    word: AtomicU64,
    /// Until when they are valid, in nanoseconds.
    until: AtomicU64,
}

/// The places of a lease and of the next.
const PLACES: usize = 2;

/// The permits that a process holds. Any thread takes from them. One thread at a time fills and empties them.
#[derive(Debug, Default)]
pub(crate) struct Lease {
    places: [Place; PLACES],
    /// The place to take from first: the place that ends first.
    first: AtomicUsize,
    /// The number of permits below which more are requested.
    low: AtomicU32,
    /// Whether more permits are requested.
    is_low: AtomicBool,
}

/// Permits that were taken, to be put back.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Taken {
    place: u8,
    generation: u32,
}

impl Lease {
    /// Takes the given number of permits. Also returns whether the caller is to request more.
    // perf: inlined, as all up to the gate, because the permit is then built in place (`cargo xtask fleet`, `leased_permit`).
    #[inline]
    pub(crate) fn take(&self, permits: u32, now: u64) -> Option<(Taken, bool)> {
        // Ordering: a hint.
        let first = self.first.load(Ordering::Relaxed) & 1;
        let taken = self.take_from(first, permits, now);
        taken.or_else(|| self.take_from(1 - first, permits, now))
    }

    #[inline]
    fn take_from(&self, at: usize, permits: u32, now: u64) -> Option<(Taken, bool)> {
        let (generation, left) = self.places[at].take(permits, now)?;
        // Ordering: hints.
        let is_low = left < self.low.load(Ordering::Relaxed) && self.is_first_to_ask(now);
        let place = at as u8;
        Some((Taken { place, generation }, is_low))
    }

    /// Whether there are too few permits, and no caller has requested more.
    fn is_first_to_ask(&self, now: u64) -> bool {
        // Ordering: hints.
        !self.is_low.load(Ordering::Relaxed)
            && self.left(now) < self.low.load(Ordering::Relaxed)
            && !self.is_low.swap(true, Ordering::Relaxed)
    }

    /// Puts permits back, unless their place was filled or emptied since.
    pub(crate) fn put_back(&self, taken: Taken, permits: u32) {
        let word = &self.places[usize::from(taken.place)].word;
        // Ordering: a number of the same lease, whose time is known.
        let _ = word.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |word| {
            let is_same = generation(word) == taken.generation;
            is_same.then(|| word + u64::from(permits.min(u32::MAX - left(word))))
        });
    }

    /// How many permits are valid.
    pub(crate) fn left(&self, now: u64) -> u32 {
        let valid = self.places.iter().map(|place| place.left(now));
        valid.fold(0, u32::saturating_add)
    }

    /// How many permits are in a place, valid or not.
    pub(crate) fn held(&self, at: usize) -> u32 {
        left(self.places[at].word.load(Ordering::Relaxed))
    }

    /// Until when the permits of a place are valid.
    pub(crate) fn until(&self, at: usize) -> u64 {
        self.places[at].until.load(Ordering::Relaxed)
    }

    /// Empties a place, and returns what was in it.
    pub(crate) fn empty(&self, at: usize) -> u32 {
        self.first.store(Lease::other(at), Ordering::Relaxed);
        // Ordering: pairs with `take`, so that either takes each permit.
        let word = self.places[at]
            .word
            .fetch_update(Ordering::AcqRel, Ordering::Relaxed, |word| {
                Some(u64::from(generation(word).wrapping_add(1)) << 32)
            });
        word.map_or(0, left)
    }

    /// Fills a place that was emptied.
    pub(crate) fn fill(&self, at: usize, permits: u32, until: u64) {
        let place = &self.places[at];
        let generation = generation(place.word.load(Ordering::Relaxed)).wrapping_add(1);
        place.until.store(until, Ordering::Relaxed);
        // Ordering: pairs with the load of `take`, so that a thread that reads the permits also reads how long they are
        // valid. No other thread changes the word of an empty place, except for the permits that are put back, and they
        // are of an earlier generation.
        place
            .word
            .store(u64::from(generation) << 32 | u64::from(permits), Ordering::Release);
        let other = Lease::other(at);
        let is_other_first = self.held(other) > 0 && self.until(other) < until;
        self.first
            .store(if is_other_first { other } else { at }, Ordering::Relaxed);
    }

    /// Sets the number of permits below which more are requested, and lets the next caller request them.
    pub(crate) fn ask_below(&self, low: u32) {
        self.low.store(low, Ordering::Relaxed);
        self.is_low.store(false, Ordering::Relaxed);
    }

    /// The places.
    pub(crate) fn places() -> std::ops::Range<usize> {
        0..PLACES
    }

    /// The other of the two places.
    pub(crate) const fn other(at: usize) -> usize {
        1 - at
    }
}

impl Place {
    #[inline]
    fn take(&self, permits: u32, now: u64) -> Option<(u32, u32)> {
        let mut word = self.word.load(Ordering::Acquire);
        loop {
            // Ordering: pairs with `fill`. If the place was filled since, the exchange below fails.
            if left(word) < permits || now >= self.until.load(Ordering::Relaxed) {
                return None;
            }
            let next = word - u64::from(permits);
            match self
                .word
                .compare_exchange_weak(word, next, Ordering::AcqRel, Ordering::Acquire)
            {
                Ok(_) => return Some((generation(word), left(next))),
                Err(other) => word = other,
            }
        }
    }

    fn left(&self, now: u64) -> u32 {
        let word = self.word.load(Ordering::Acquire);
        let is_valid = now < self.until.load(Ordering::Relaxed);
        if is_valid { left(word) } else { 0 }
    }
}

const fn generation(word: u64) -> u32 {
    (word >> 32) as u32
}

const fn left(word: u64) -> u32 {
    word as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::thread;

    #[test]
    fn permits_are_taken_until_their_time() {
        let lease = Lease::default();
        assert!(lease.take(1, 0).is_none(), "empty");
        lease.fill(0, 3, 100);
        assert!(lease.take(2, 99).is_some());
        assert!(lease.take(2, 99).is_none(), "too few");
        assert!(lease.take(1, 100).is_none(), "too late");
        assert_eq!((lease.left(99), lease.left(100), lease.held(0)), (1, 0, 1));
        assert_eq!((lease.empty(0), lease.empty(0)), (1, 0));
    }

    #[test]
    fn permits_of_an_emptied_place_are_not_put_back() {
        let lease = Lease::default();
        lease.fill(1, 5, 100);
        let (first, _) = lease.take(2, 0).unwrap();
        lease.put_back(first, 2);
        assert_eq!(lease.held(1), 5);
        let (second, _) = lease.take(2, 0).unwrap();
        assert_eq!(lease.empty(1), 3);
        lease.put_back(second, 2);
        assert_eq!(lease.held(1), 0);
    }

    #[test]
    fn permits_that_end_first_are_taken_first() {
        let lease = Lease::default();
        lease.fill(0, 2, 200);
        lease.fill(1, 2, 100);
        let held = |lease: &Lease| (lease.held(0), lease.held(1));
        lease.take(1, 0).unwrap();
        assert_eq!(held(&lease), (2, 1));
        lease.take(2, 0).unwrap();
        assert_eq!(held(&lease), (0, 1), "more than the first has left");
        lease.empty(1);
        lease.fill(1, 2, 300);
        lease.fill(0, 2, 400);
        lease.take(1, 0).unwrap();
        assert_eq!(held(&lease), (2, 1));
    }

    #[test]
    fn one_caller_takes_more() {
        let lease = Lease::default();
        lease.ask_below(5);
        lease.fill(0, 6, 100);
        let asked: Vec<bool> = (0..4).map(|_| lease.take(1, 0).unwrap().1).collect();
        assert_eq!(asked, [false, true, false, false]);
    }

    #[test]
    fn each_permit_is_taken_once_while_places_are_emptied_and_filled() {
        let lease = Lease::default();
        let (mut filled, mut emptied) = (0, 0);
        let taken: u64 = thread::scope(|scope| {
            let takers =
                [(); 2].map(|()| scope.spawn(|| (0..200_000).filter(|_| lease.take(1, 0).is_some()).count() as u64));
            while !takers.iter().all(|taker| taker.is_finished()) {
                for at in Lease::places() {
                    emptied += u64::from(lease.empty(at));
                    lease.fill(at, 50, 1);
                    filled += 50;
                }
            }
            takers.into_iter().map(|taker| taker.join().unwrap()).sum()
        });
        emptied += Lease::places().map(|at| u64::from(lease.empty(at))).sum::<u64>();
        assert_eq!(filled, taken + emptied);
    }
}
