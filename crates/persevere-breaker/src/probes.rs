//! The places of the probes of a half-open breaker, each with a lease.

use crate::control::Control;
use crate::generation::Generation;
use crate::word::{Ordering, Word};
use core::cmp::Ordering as Order;

/// The most probes that a breaker lets through at once, whatever its [`max_probes`](crate::Builder::max_probes).
pub const MAX_PROBES: usize = 8;

/// As many places as there may be probes.
#[derive(Debug)]
pub(crate) struct Probes {
    places: [Place; MAX_PROBES],
}

/// A place that at most one probe holds.
#[derive(Debug)]
struct Place {
    /// The ticket of the last holder, without the lowest bit if it has given the place back. A place of an older
    /// generation is free: what was let through then is no probe of this one.
    holder: Word,
    /// When the lease of the holder ends. It is only ever moved forward, so that a thread which comes late cannot
    /// shorten the lease of another.
    ends: Word,
}

/// Why no place was taken.
#[derive(Debug)]
pub(crate) enum Refused {
    /// All are held, the first until then.
    Until(u64),
    /// The breaker has gone on to another generation.
    Outdated,
}

/// What says which call a permit was for, in one word: the generation (32 bits), and for a probe how many have held its
/// place (24), which place that is (3), and 1. That of any other call ends in 0, and is the control word of the breaker which
/// was closed, so a report is compared with that alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ticket(pub(crate) u64);

const HELD: u32 = 1;
const PLACE: u32 = 0b1110;
const HOLDER: u32 = 1 << 4;
const MASK: u32 = (1 << 28) - 1;

impl Ticket {
    #[inline]
    pub(crate) const fn generation(self) -> Generation {
        Generation::of(self.0)
    }

    /// Whether it is that of a probe, which holds a place.
    #[inline]
    pub(crate) const fn is_held(self) -> bool {
        self.0 as u32 & HELD != 0
    }

    /// Whether it is that of a call of which no one asks how long it takes.
    #[inline(always)]
    pub(crate) const fn is_plain(self) -> bool {
        Control(self.0).is_plain()
    }

    const fn given_back(self) -> Ticket {
        Ticket(self.0 & !(HELD as u64))
    }

    /// That of the next holder of this place.
    const fn next(self, place: u32, generation: Generation) -> Ticket {
        let holders = (self.0 as u32).wrapping_add(HOLDER) & MASK & !(PLACE | HELD);
        Ticket(generation.tag(holders | place << 1 | HELD))
    }

    const fn place(self) -> usize {
        ((self.0 as u32 & PLACE) >> 1) as usize
    }
}

impl Probes {
    pub(crate) const fn new() -> Probes {
        Probes {
            places: [const {
                Place {
                    holder: Word::new(0),
                    ends: Word::new(0),
                }
            }; MAX_PROBES],
        }
    }

    /// Takes one of the first `most` places `now`, for `lease`. Says also whether it was taken from a holder whose
    /// lease has ended.
    pub(crate) fn take(
        &self,
        generation: Generation,
        most: u8,
        now: u64,
        lease: u64,
    ) -> Result<(Ticket, bool), Refused> {
        let mut first_end = u64::MAX;
        for (index, place) in (0..u32::from(most)).zip(&self.places) {
            match place.take(index, generation, now, lease) {
                Err(Refused::Until(end)) => first_end = first_end.min(end),
                result => return result,
            }
        }
        Err(Refused::Until(first_end))
    }

    /// Whether the place is still held by who took it, and not reclaimed.
    pub(crate) fn holds(&self, ticket: Ticket) -> bool {
        self.places[ticket.place()].holder.load(Ordering::Acquire) == ticket.0
    }

    /// Gives the place back, unless it was reclaimed.
    pub(crate) fn give_back(&self, ticket: Ticket) {
        // Reclaimed means that there is nothing to be given back.
        let _ = self.places[ticket.place()].holder.compare_exchange(
            ticket.0,
            ticket.given_back().0,
            Ordering::AcqRel,
            Ordering::Relaxed,
        );
    }
}

impl Place {
    fn take(&self, index: u32, generation: Generation, now: u64, lease: u64) -> Result<(Ticket, bool), Refused> {
        let mut seen = Ticket(self.holder.load(Ordering::Acquire));
        loop {
            let reclaimed = match seen.generation().compare(generation) {
                Order::Greater => return Err(Refused::Outdated),
                Order::Equal if seen.is_held() => {
                    let end = self.ends.load(Ordering::Acquire);
                    if now < end {
                        return Err(Refused::Until(end));
                    }
                    true
                }
                _ => false,
            };
            // Before the place is taken: who sees it taken sees this lease, not that of the holder before.
            self.ends.fetch_max(now.saturating_add(lease), Ordering::AcqRel);
            let ticket = seen.next(index, generation);
            match self
                .holder
                .compare_exchange(seen.0, ticket.0, Ordering::AcqRel, Ordering::Acquire)
            {
                Ok(_) => return Ok((ticket, reclaimed)),
                Err(other) => seen = Ticket(other),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::State;

    #[test]
    fn a_ticket_is_for_its_place_and_holder_alone() {
        let generation = Generation(u32::MAX);
        let mut ticket = Ticket(0);
        for place in (0..MAX_PROBES as u32).cycle().take(100) {
            let next = ticket.given_back().next(place, generation);
            assert_ne!(next, ticket);
            assert!(next.is_held() && !next.given_back().is_held());
            assert_eq!((next.place(), next.generation()), (place as usize, generation));
            ticket = next;
        }
        assert_eq!(MAX_PROBES as u32 - 1, PLACE >> 1);
    }

    /// The breaker has gone on, twice, since it was looked at.
    #[test]
    fn a_place_is_not_given_to_an_older_generation() {
        let probes = Probes::new();
        assert!(probes.take(Generation(5), 1, 0, 10).is_ok());
        assert!(matches!(probes.take(Generation(4), 1, 20, 10), Err(Refused::Outdated)));
    }

    #[test]
    fn no_control_word_is_taken_for_a_ticket_of_a_probe() {
        let last = Ticket(Generation(0).tag(MASK)).next(7, Generation(0));
        assert!(last.0 as u32 <= MASK, "it begins anew");
        for control in [Control::new(false), Control::new(true)] {
            for state in [State::Open, State::HalfOpen, State::ForcedOpen, State::ForcedClosed] {
                assert!(control.next(state).0 as u32 > MASK);
            }
            assert!(!Ticket(control.next(State::Closed).0).is_held());
        }
    }
}
