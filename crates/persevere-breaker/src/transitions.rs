//! The last transitions of a breaker, and an iterator over them.

use crate::control::Control;
use crate::generation::Generation;
use crate::state::State;
use portable_atomic::{AtomicU64, Ordering, fence};

/// One change of a breaker's state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Transition {
    /// The number of this transition in the life of the breaker, from 1, modulo 2^32.
    pub sequence: u32,
    /// The state before.
    pub from: State,
    /// The state after. The same as `from` if the breaker was reset.
    pub to: State,
}

/// The transitions of a breaker as they happen; returned by
/// [`CircuitBreaker::transitions`](crate::CircuitBreaker::transitions).
///
/// An iterator that yields each transition since its creation exactly once and in order, and `None` when there is none
/// yet. It is not fused, so poll it again later. Any number of iterators may read one breaker, and none slows a call or
/// a transition down. The breaker keeps the last 16 transitions, and an iterator that falls further behind counts what
/// it has [missed](Transitions::missed).
///
/// ```
/// use persevere::breaker::{CircuitBreaker, State};
/// use std::time::Duration;
///
/// let breaker = CircuitBreaker::consecutive_failures(1).open_for(Duration::from_secs(60)).build();
/// let mut transitions = breaker.transitions();
/// assert_eq!(transitions.next(), None);
///
/// breaker.try_acquire(Duration::ZERO)?.failed(Duration::ZERO);
/// let later = Duration::from_secs(60);
/// breaker.try_acquire(later)?.succeeded(later);
///
/// let states: Vec<_> = transitions.by_ref().map(|it| (it.sequence, it.to)).collect();
/// assert_eq!(states, [(1, State::Open), (2, State::HalfOpen), (3, State::Closed)]);
/// # Ok::<(), persevere::breaker::Rejected>(())
/// ```
#[derive(Debug, Clone)]
#[must_use = "iterators are lazy: poll it for transitions"]
pub struct Transitions<'b> {
    control: &'b AtomicU64,
    ring: &'b Ring,
    seen: Generation,
    missed: u64,
}

impl<'b> Transitions<'b> {
    /// The transitions from now on.
    pub(crate) fn new(control: &'b AtomicU64, ring: &'b Ring) -> Self {
        Transitions {
            control,
            ring,
            seen: Generation::of(control.load(Ordering::Acquire)),
            missed: 0,
        }
    }

    /// The number of transitions that the breaker no longer kept when this iterator reached them.
    #[must_use]
    pub fn missed(&self) -> u64 {
        self.missed
    }
}

impl Iterator for Transitions<'_> {
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
            match self.ring.read(next) {
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

/// How many transitions are kept.
const KEPT: u32 = 16;

/// A ring of the last transitions, each at the place of its generation.
#[derive(Debug)]
pub(crate) struct Ring {
    /// The generation (32 bits), and the states before and after.
    entries: [AtomicU64; KEPT as usize],
}

/// The entry of a transition in the ring.
enum Entry {
    Written {
        from: State,
        to: State,
    },
    /// The transition has happened, and its thread is about to write it.
    NotYet,
    /// A later transition has taken its place.
    Overwritten,
}

impl Ring {
    pub(crate) const fn new() -> Ring {
        Ring {
            entries: [const { AtomicU64::new(0) }; KEPT as usize],
        }
    }

    pub(crate) fn write(&self, from: Control, to: Control) {
        let states = from.state().bits() << 3 | to.state().bits();
        let entry = to.generation().tag(states);
        let slot = &self.entries[place(to.generation())];
        // A slow thread, after the ring has gone round, must not overwrite a later transition.
        let mut seen = slot.load(Ordering::Relaxed);
        while Generation::of(seen).compare(to.generation()).is_le() {
            // Ordering: pairs with the load in `read`.
            match slot.compare_exchange(seen, entry, Ordering::Release, Ordering::Relaxed) {
                Ok(_) => return,
                Err(other) => seen = other,
            }
        }
    }

    fn read(&self, generation: Generation) -> Entry {
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

/// Delivers transitions to a hook, from one thread at a time and in order.
#[derive(Debug)]
pub(crate) struct Delivery {
    /// The generation of the last delivered transition, and whether a thread is delivering.
    state: AtomicU64,
}

const IDLE: u32 = 0;
const BUSY: u32 = 1;

impl Delivery {
    pub(crate) const fn new() -> Delivery {
        Delivery {
            state: AtomicU64::new(0),
        }
    }

    /// Delivers the transitions that are written and not delivered yet, unless another thread is delivering, which then
    /// delivers these too. Called after a transition is written.
    pub(crate) fn run(&self, control: &AtomicU64, ring: &Ring, hook: &dyn Fn(Transition)) {
        loop {
            // Ordering: pairs with itself. Either this thread reads the transition of another, or the other finds this
            // thread idle.
            fence(Ordering::SeqCst);
            let state = self.state.load(Ordering::Acquire);
            let seen = Generation::of(state);
            if state as u32 == BUSY || matches!(ring.read(seen.next()), Entry::NotYet) {
                return;
            }
            let busy = seen.tag(BUSY);
            if self
                .state
                .compare_exchange(state, busy, Ordering::AcqRel, Ordering::Relaxed)
                .is_err()
            {
                continue;
            }
            let mut turn = Turn {
                state: &self.state,
                transitions: Transitions {
                    control,
                    ring,
                    seen,
                    missed: 0,
                },
            };
            for transition in turn.transitions.by_ref() {
                hook(transition);
            }
        }
    }
}

/// The turn of a thread to deliver, which ends when this is dropped, by a panic of the hook too.
struct Turn<'b> {
    state: &'b AtomicU64,
    transitions: Transitions<'b>,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.state.store(self.transitions.seen.tag(IDLE), Ordering::Release);
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
    fn slow_write_changes_no_later_transition() {
        let ring = Ring::new();
        let (early, late) = (Generation(1), Generation(1 + KEPT));
        assert!(matches!(ring.read(early), Entry::NotYet));
        ring.write(closed(0), closed(early.0));
        assert!(matches!(ring.read(early), Entry::Written { .. }));
        assert!(matches!(ring.read(late), Entry::NotYet));
        ring.write(closed(KEPT), closed(late.0));
        assert!(matches!(ring.read(early), Entry::Overwritten));
        ring.write(closed(0), closed(early.0));
        assert!(matches!(ring.read(late), Entry::Written { .. }));
    }

    /// The thread of the transition has not written it to the ring yet.
    #[test]
    fn unwritten_transition_is_yielded_later() {
        let (ring, control) = (Ring::new(), AtomicU64::new(0));
        let mut transitions = Transitions::new(&control, &ring);
        control.store(closed(1).0, Ordering::Relaxed);
        assert_eq!(transitions.next(), None);
        ring.write(closed(0), closed(1));
        assert_eq!(transitions.next().map(|it| it.sequence), Some(1));
        assert_eq!((transitions.missed(), transitions.next()), (0, None));
    }

    /// The ring goes round between the loads of the control word and of the ring.
    #[test]
    fn overwritten_transition_is_missed() {
        let (ring, control) = (Ring::new(), AtomicU64::new(0));
        let mut transitions = Transitions::new(&control, &ring);
        ring.write(closed(0), closed(1));
        ring.write(closed(1), closed(2));
        ring.write(closed(KEPT), closed(1 + KEPT));
        control.store(closed(2).0, Ordering::Relaxed);
        assert_eq!(transitions.next().map(|it| it.sequence), Some(2));
        assert_eq!((transitions.missed(), transitions.next()), (1, None));
    }
}
