//! Watching the transitions of a breaker.

use crate::breaker::CircuitBreaker;
use crate::generation::Generation;
use crate::log::{Entry, KEPT, Log};
use crate::state::State;
use crate::trip::Trip;
use crate::word::{Ordering, Word};

/// One change of a breaker's state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Transition {
    /// The number of this transition in the life of the breaker, from 1, modulo 2^32.
    pub sequence: u32,
    /// What the breaker was.
    pub from: State,
    /// What it became. The same as `from` if it was reset.
    pub to: State,
}

/// The transitions of a breaker as they come; made by [`CircuitBreaker::watch`].
///
/// An iterator that yields each transition since it was made exactly once and in order, and `None` when there is none
/// yet: ask again later. Any number of watches may look at one breaker. None of them slows a call or a transition down,
/// and no code of yours runs within one: the breaker keeps the last 16, and a watch that falls further behind counts what
/// it has [missed](Watch::missed).
///
/// ```
/// use persevere_breaker::{CircuitBreaker, State};
/// use std::time::Duration;
///
/// let breaker = CircuitBreaker::consecutive_failures(1).open_for(Duration::from_secs(60)).build();
/// let mut watch = breaker.watch();
/// assert_eq!(watch.next(), None);
///
/// breaker.try_acquire(Duration::ZERO).unwrap().failure(Duration::ZERO);
/// let later = Duration::from_secs(60);
/// breaker.try_acquire(later).unwrap().success(later);
///
/// let states: Vec<_> = watch.by_ref().map(|transition| (transition.sequence, transition.to)).collect();
/// assert_eq!(states, [(1, State::Open), (2, State::HalfOpen), (3, State::Closed)]);
/// ```
#[derive(Debug, Clone)]
#[must_use = "a watch does nothing unless it is asked"]
pub struct Watch<'b> {
    control: &'b Word,
    log: &'b Log,
    seen: Generation,
    missed: u64,
}

impl Watch<'_> {
    /// How many transitions were no longer kept when this came to them.
    #[must_use]
    pub fn missed(&self) -> u64 {
        self.missed
    }
}

impl Iterator for Watch<'_> {
    type Item = Transition;

    fn next(&mut self) -> Option<Transition> {
        loop {
            let current = Generation::of(self.control.load(Ordering::Acquire));
            let behind = current.0.wrapping_sub(self.seen.0);
            if behind == 0 {
                return None;
            }
            if behind > KEPT {
                self.missed += u64::from(behind - KEPT);
                self.seen = Generation(current.0.wrapping_sub(KEPT));
            }
            let next = self.seen.next();
            match self.log.read(next) {
                Entry::NotYet => return None,
                Entry::Written { from, to } => {
                    self.seen = next;
                    return Some(Transition {
                        sequence: next.0,
                        from,
                        to,
                    });
                }
                Entry::Overwritten => {
                    self.seen = next;
                    self.missed += 1;
                }
            }
        }
    }
}

impl<T: Trip, B, C> CircuitBreaker<T, B, C> {
    /// Watches the transitions from now on.
    pub fn watch(&self) -> Watch<'_> {
        Watch {
            control: &self.control,
            log: &self.log,
            seen: self.control().generation(),
            missed: 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::Control;

    fn closed(generation: u32) -> Control {
        Control(Generation(generation).tag(0))
    }

    /// The breaker has gone on, and whoever made it go on is about to write that down.
    #[test]
    fn what_is_not_written_yet_is_told_later() {
        let (log, control) = (Log::new(), Word::new(closed(1).0));
        let mut watch = Watch {
            control: &control,
            log: &log,
            seen: Generation(0),
            missed: 0,
        };
        assert_eq!(watch.next(), None);
        log.write(closed(0), closed(1));
        assert_eq!(watch.next().map(|transition| transition.sequence), Some(1));
        assert_eq!((watch.missed(), watch.next()), (0, None));
    }

    /// The ring goes on between the moment at which a watch reads how far the breaker is and that at which it reads the
    /// ring.
    #[test]
    fn what_is_overwritten_in_between_is_missed() {
        let log = Log::new();
        log.write(closed(0), closed(1));
        log.write(closed(1), closed(2));
        log.write(closed(KEPT), closed(1 + KEPT));
        let control = Word::new(closed(2).0);
        let mut watch = Watch {
            control: &control,
            log: &log,
            seen: Generation(0),
            missed: 0,
        };
        assert_eq!(watch.next().map(|transition| transition.sequence), Some(2));
        assert_eq!((watch.missed(), watch.next()), (1, None));
    }
}
