//! The places of the probes of a half-open breaker, each with a lease.

use crate::generation::Generation;
use crate::ticket::Ticket;
use core::cmp::Ordering as Order;
use portable_atomic::{AtomicU64, Ordering};

/// The upper bound of [`Builder::max_probes`](crate::Builder::max_probes).
pub const MAX_PROBES: u32 = 8;

/// A place for each probe.
#[derive(Debug)]
pub(crate) struct Probes {
    places: [Place; MAX_PROBES as usize],
}

/// A place that at most one probe holds.
#[derive(Debug)]
struct Place {
    /// The ticket of the last holder, or the mark that it left when it returned the place. A ticket of an older
    /// generation holds nothing.
    holder: AtomicU64,
    /// When the lease of the holder ends, in nanoseconds.
    ///
    /// Invariant: moved forward, so that a slow thread cannot shorten the lease of another. Moved back only if it is
    /// further away than a lease.
    ends: AtomicU64,
}

/// A probe that took a place.
#[derive(Debug)]
pub(crate) struct Taken {
    pub(crate) ticket: Ticket,
    /// Whether the lease of the holder before had ended.
    pub(crate) is_reclaimed: bool,
}

/// Why no place was taken.
#[derive(Debug)]
pub(crate) enum NotTaken {
    /// All places are held. The first lease ends then.
    HeldUntil(u64),
    /// The breaker is in a later generation.
    Stale,
}

impl Probes {
    pub(crate) const fn new() -> Probes {
        Probes {
            places: [const {
                Place {
                    holder: AtomicU64::new(0),
                    ends: AtomicU64::new(0),
                }
            }; MAX_PROBES as usize],
        }
    }

    /// Takes one of the first `max` places `now`, for `lease` nanoseconds.
    pub(crate) fn take(&self, generation: Generation, max: u32, now: u64, lease: u64) -> Result<Taken, NotTaken> {
        let mut first_end = u64::MAX;
        for (index, place) in (0..max).zip(&self.places) {
            match place.take(index, generation, now, lease) {
                Err(NotTaken::HeldUntil(end)) => first_end = first_end.min(end),
                result => return result,
            }
        }
        Err(NotTaken::HeldUntil(first_end))
    }

    /// Whether the probe still holds its place.
    pub(crate) fn holds(&self, ticket: Ticket) -> bool {
        // Ordering: pairs with the exchange in `Place::take`.
        self.places[ticket.place()].holder.load(Ordering::Acquire) == ticket.0
    }

    /// Returns the place of the probe. Does nothing if the place was reclaimed.
    pub(crate) fn give_back(&self, ticket: Ticket) {
        let _ = self.places[ticket.place()].holder.compare_exchange(
            ticket.0,
            ticket.returned().0,
            Ordering::AcqRel,
            Ordering::Relaxed,
        );
    }
}

impl Place {
    fn take(&self, index: u32, generation: Generation, now: u64, lease: u64) -> Result<Taken, NotTaken> {
        // Ordering: pairs with the exchange below, so that the lease of this holder is read.
        let mut seen = Ticket(self.holder.load(Ordering::Acquire));
        loop {
            let is_reclaimed = match seen.generation().compare(generation) {
                Order::Greater => return Err(NotTaken::Stale),
                Order::Equal if seen.is_probe() => {
                    let end = self.ends.load(Ordering::Acquire);
                    if now < end {
                        return Err(NotTaken::HeldUntil(self.clamp(end, now.saturating_add(lease))));
                    }
                    true
                }
                _ => false,
            };
            // Written first: a thread that finds the place taken reads this lease, not the lease before.
            let latest = now.saturating_add(lease);
            let end = self.ends.fetch_max(latest, Ordering::AcqRel);
            self.clamp(end, latest);
            let ticket = seen.next(index, generation);
            match self
                .holder
                .compare_exchange(seen.0, ticket.0, Ordering::AcqRel, Ordering::Acquire)
            {
                Ok(_) => return Ok(Taken { ticket, is_reclaimed }),
                Err(other) => seen = Ticket(other),
            }
        }
    }

    /// Bounds the end of a lease to a whole lease from now. A later end comes from a longer lease before, or from a
    /// probe with a clock far ahead.
    fn clamp(&self, end: u64, latest: u64) -> u64 {
        if end > latest {
            // Ordering: as in `take`. If it fails, another thread has set the end.
            let _ = self
                .ends
                .compare_exchange(end, latest, Ordering::AcqRel, Ordering::Relaxed);
        }
        end.min(latest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The breaker has made two transitions since the thread read its generation.
    #[test]
    fn stale_generation_takes_no_place() {
        let probes = Probes::new();
        assert!(probes.take(Generation(5), 1, 0, 10).is_ok());
        assert!(matches!(probes.take(Generation(4), 1, 20, 10), Err(NotTaken::Stale)));
    }
}
