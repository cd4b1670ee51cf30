//! Tickets: which call a report belongs to.

use crate::control::Control;
use crate::generation::Generation;
use core::time::Duration;

/// Identifies an admitted call in one word.
///
/// The ticket of a probe holds the generation (32 bits), how many probes have held its place (24), and the place (3).
/// Its last bit is 1. The ticket of any other call ends in 0. It is the control word of the breaker that admitted it,
/// so that a report is compared with the control word alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ticket(pub(crate) u64);

/// An admitted call: its ticket, and when it was admitted.
#[derive(Debug, Clone, Copy)]
pub struct Admitted {
    pub(crate) ticket: Ticket,
    /// Zero if the breaker does not depend on it.
    pub(crate) at: Duration,
}

const PROBE: u32 = 1;
const UNCOUNTED: u32 = 0b10;
const PLACE: u32 = 0b1110;
const HOLDER: u32 = 1 << 4;
const MASK: u32 = (1 << 28) - 1;

impl Ticket {
    #[inline]
    pub(crate) const fn generation(self) -> Generation {
        Generation::of(self.0)
    }

    /// The ticket of a call that is admitted and not counted: it equals no control word.
    pub(crate) const fn uncounted(generation: Generation) -> Ticket {
        Ticket(generation.tag(UNCOUNTED))
    }

    /// Whether the call is a probe, which holds a place.
    #[inline]
    pub(crate) const fn is_probe(self) -> bool {
        self.0 as u32 & PROBE != 0
    }

    /// Whether a closed breaker without [`slow_after`](crate::Builder::slow_after) admitted the call.
    #[inline]
    pub(crate) const fn is_untimed(self) -> bool {
        Control(self.0).is_closed_untimed()
    }

    /// The mark that the probe leaves at its place.
    pub(crate) const fn returned(self) -> Ticket {
        Ticket(self.0 & !(PROBE as u64))
    }

    /// The ticket of the next probe at this place.
    pub(crate) const fn next(self, place: u32, generation: Generation) -> Ticket {
        let holders = (self.0 as u32).wrapping_add(HOLDER) & MASK & !(PLACE | PROBE);
        Ticket(generation.tag(holders | place << 1 | PROBE))
    }

    pub(crate) const fn place(self) -> usize {
        ((self.0 as u32 & PLACE) >> 1) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probes::MAX_PROBES;
    use crate::state::State;

    #[test]
    fn ticket_of_probe_differs_by_place_and_holder() {
        let generation = Generation(u32::MAX);
        let mut ticket = Ticket(0);
        for place in (0..MAX_PROBES).cycle().take(100) {
            let next = ticket.returned().next(place, generation);
            assert_ne!(next, ticket);
            assert!(next.is_probe() && !next.returned().is_probe());
            assert_eq!((next.place(), next.generation()), (place as usize, generation));
            ticket = next;
        }
        assert_eq!(MAX_PROBES - 1, PLACE >> 1);
    }

    #[test]
    fn ticket_of_probe_equals_no_control_word() {
        let last = Ticket(Generation(0).tag(MASK)).next(7, Generation(0));
        assert!(last.0 as u32 <= MASK, "the count of holders wraps");
        for control in [Control::new(false), Control::new(true)] {
            for state in [State::Open, State::HalfOpen, State::ForcedOpen, State::ForcedClosed] {
                assert!(control.next(state).0 as u32 > MASK);
            }
            assert!(!Ticket(control.next(State::Closed).0).is_probe());
        }
    }
}
