//! The last transitions, for those who watch.

use crate::control::Control;
use crate::generation::Generation;
use crate::state::State;
use crate::word::{Ordering, Word};

/// How many transitions are kept.
pub(crate) const KEPT: u32 = 16;

/// A ring of the last transitions, each at the place of its generation.
#[derive(Debug)]
pub(crate) struct Log {
    /// The generation (32 bits), and the states before and after.
    entries: [Word; KEPT as usize],
}

/// What the log knows of a transition.
pub(crate) enum Entry {
    Written {
        from: State,
        to: State,
    },
    /// It has happened, and whoever made it is about to write it.
    NotYet,
    /// Others have taken its place.
    Overwritten,
}

impl Log {
    pub(crate) const fn new() -> Log {
        Log {
            entries: [const { Word::new(0) }; KEPT as usize],
        }
    }

    pub(crate) fn write(&self, from: Control, to: Control) {
        let states = from.state().bits() << 3 | to.state().bits();
        let entry = to.generation().tag(states);
        let word = &self.entries[place(to.generation())];
        // One who comes late, after the ring has gone round, must not overwrite what is newer.
        let mut seen = word.load(Ordering::Relaxed);
        while Generation::of(seen).compare(to.generation()).is_le() {
            match word.compare_exchange(seen, entry, Ordering::Release, Ordering::Relaxed) {
                Ok(_) => return,
                Err(other) => seen = other,
            }
        }
    }

    pub(crate) fn read(&self, generation: Generation) -> Entry {
        let word = self.entries[place(generation)].load(Ordering::Acquire);
        match Generation::of(word).compare(generation) {
            core::cmp::Ordering::Less => Entry::NotYet,
            core::cmp::Ordering::Equal => Entry::Written {
                from: State::of_bits(word as u32 >> 3),
                to: State::of_bits(word as u32 & 0b111),
            },
            core::cmp::Ordering::Greater => Entry::Overwritten,
        }
    }
}

const fn place(generation: Generation) -> usize {
    (generation.0 % KEPT) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    fn closed(generation: u32) -> Control {
        Control(Generation(generation).tag(0))
    }

    #[test]
    fn what_is_overwritten_is_told_from_what_is_to_come() {
        let log = Log::new();
        let (early, late) = (Generation(1), Generation(1 + KEPT));
        assert!(matches!(log.read(early), Entry::NotYet));
        log.write(closed(0), closed(early.0));
        assert!(matches!(log.read(early), Entry::Written { .. }));
        assert!(matches!(log.read(late), Entry::NotYet));
        log.write(closed(KEPT), closed(late.0));
        assert!(matches!(log.read(early), Entry::Overwritten));
        // One who comes late changes nothing.
        log.write(closed(0), closed(early.0));
        assert!(matches!(log.read(late), Entry::Written { .. }));
    }
}
