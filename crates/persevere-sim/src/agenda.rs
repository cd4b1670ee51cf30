//! The events to come, in the order of their times.

use std::cmp::{Ordering, Reverse};
use std::collections::{BinaryHeap, VecDeque};

/// The events to come. Events of equal times come in the order in which they were added.
///
/// Events that are always added with one delay, such as timeouts, are in the order of their times already. They have a
/// lane, which is a queue. All others are in a heap.
#[derive(Debug)]
pub(crate) struct Agenda<E> {
    added: u64,
    heap: BinaryHeap<Reverse<Entry<E>>>,
    lanes: Vec<Lane<E>>,
}

/// The events with one delay.
#[derive(Debug)]
struct Lane<E> {
    delay: u64,
    queue: VecDeque<Entry<E>>,
}

#[derive(Debug)]
struct Entry<E> {
    at: u64,
    order: u64,
    event: E,
}

impl<E> Entry<E> {
    #[inline]
    fn key(&self) -> (u64, u64) {
        (self.at, self.order)
    }
}

impl<E> PartialEq for Entry<E> {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl<E> Eq for Entry<E> {}

impl<E> PartialOrd for Entry<E> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<E> Ord for Entry<E> {
    #[inline]
    fn cmp(&self, other: &Self) -> Ordering {
        self.key().cmp(&other.key())
    }
}

impl<E> Agenda<E> {
    /// An agenda without events, with a lane for each of the delays.
    pub(crate) fn new(delays: impl IntoIterator<Item = u64>) -> Agenda<E> {
        let mut delays: Vec<u64> = delays.into_iter().collect();
        delays.sort_unstable();
        delays.dedup();
        let lanes = delays.into_iter().map(|delay| Lane {
            delay,
            queue: VecDeque::new(),
        });
        Agenda {
            added: 0,
            heap: BinaryHeap::new(),
            lanes: lanes.collect(),
        }
    }

    /// Adds an event that comes `delay` nanoseconds after `now`.
    #[inline]
    pub(crate) fn add(&mut self, now: u64, delay: u64, event: E) {
        self.added += 1;
        let entry = Entry {
            at: now.saturating_add(delay),
            order: self.added,
            event,
        };
        // Invariant: a lane is ordered, since time does not go back and the delay is the same.
        match self.lanes.iter_mut().find(|lane| lane.delay == delay) {
            Some(lane) => lane.queue.push_back(entry),
            None => self.heap.push(Reverse(entry)),
        }
    }

    /// Removes the next event, with its time.
    #[inline]
    pub(crate) fn next(&mut self) -> Option<(u64, E)> {
        let mut first = self.heap.peek().map_or((u64::MAX, u64::MAX), |entry| entry.0.key());
        let mut from = None;
        for (index, lane) in self.lanes.iter().enumerate() {
            if let Some(key) = lane.queue.front().map(Entry::key).filter(|key| *key < first) {
                first = key;
                from = Some(index);
            }
        }
        let entry = match from {
            Some(index) => self.lanes[index].queue.pop_front(),
            None => self.heap.pop().map(|Reverse(entry)| entry),
        };
        entry.map(|entry| (entry.at, entry.event))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_come_in_the_order_of_their_times_and_then_as_added() {
        let mut agenda = Agenda::new([5]);
        agenda.add(0, 5, "b");
        agenda.add(0, 7, "d");
        agenda.add(0, 2, "a");
        agenda.add(1, 4, "c");
        agenda.add(2, 5, "e");
        let order: Vec<_> = std::iter::from_fn(|| agenda.next()).collect();
        assert_eq!(order, [(2, "a"), (5, "b"), (5, "c"), (7, "d"), (7, "e")]);
    }
}
