//! Openings: how long each lasts, and the lease of its probes.

use crate::control::Control;
use crate::state::State;
use portable_atomic::{AtomicU64, Ordering};

/// The last openings, each at the place of its generation.
///
/// A thread that settles an opening may be slow while another forces the breaker to the next. Then each writes its own
/// opening.
#[derive(Debug)]
pub(crate) struct Openings {
    kept: [Opening; KEPT as usize],
}

const KEPT: u32 = 4;

impl Openings {
    pub(crate) const fn new() -> Openings {
        Openings {
            kept: [const { Opening::new() }; KEPT as usize],
        }
    }

    /// The opening of this state: of an open breaker its own opening, of a half-open breaker the opening before.
    #[inline]
    pub(crate) fn of(&self, control: Control) -> &Opening {
        let generation = match control.state() {
            State::HalfOpen => control.generation().0.wrapping_sub(1),
            _ => control.generation().0,
        };
        &self.kept[(generation % KEPT) as usize]
    }
}

/// An opening, in nanoseconds.
///
/// Invariant: written by the thread that settles the state, and by no other, except that `until` may be clamped.
#[derive(Debug)]
pub(crate) struct Opening {
    /// When it ends.
    until: AtomicU64,
    /// How long it lasts in all.
    length: AtomicU64,
    /// How long a probe may hold its place afterwards.
    lease: AtomicU64,
}

impl Opening {
    const fn new() -> Opening {
        Opening {
            until: AtomicU64::new(0),
            length: AtomicU64::new(0),
            lease: AtomicU64::new(0),
        }
    }

    pub(crate) fn write(&self, now: u64, length: u64, lease: u64) {
        // Ordering: pairs with the loads below, together with the control word that is written next.
        self.until.store(now.saturating_add(length), Ordering::Release);
        self.length.store(length, Ordering::Release);
        self.lease.store(lease, Ordering::Release);
    }

    pub(crate) fn until(&self) -> u64 {
        self.until.load(Ordering::Acquire)
    }

    pub(crate) fn length(&self) -> u64 {
        self.length.load(Ordering::Acquire)
    }

    pub(crate) fn lease(&self) -> u64 {
        self.lease.load(Ordering::Acquire)
    }

    /// Moves the end back to the end of an opening that starts `now`. More than that can only be left if the clock went
    /// back.
    pub(crate) fn clamp(&self, until: u64, now: u64) {
        let clamped = now.saturating_add(self.length());
        let _ = self
            .until
            .compare_exchange(until, clamped, Ordering::AcqRel, Ordering::Relaxed);
    }
}
