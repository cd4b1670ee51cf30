//! What the report of a call changes.

use crate::breaker::CircuitBreaker;
use crate::generation::Generation;
use crate::probes::{Probes, Ticket};
use crate::state::State;
use crate::trip::{Sample, Trip};
use crate::word::Ordering;
use core::time::Duration;
use persevere_core::Backoff;
use persevere_core::time::nanos as clock_nanos;

impl<T: Trip, B: Backoff, C> CircuitBreaker<T, B, C> {
    /// Counts the outcome of a call.
    #[inline(always)]
    pub(crate) fn record(&self, ticket: Ticket, failed: bool, hint: Duration, now: Duration) {
        if self.control().0 != ticket.0 {
            return self.record_other(ticket, failed, hint, now);
        }
        let sample = Sample {
            generation: ticket.generation(),
            failed,
            now: if T::TIMED { clock_nanos(now) } else { 0 },
        };
        if self.built.trip.record(&self.counts, sample) {
            self.open(ticket.generation(), hint, now);
        }
    }

    /// Counts the outcome of a call of which the breaker is not still closed: a probe, one that is late, or one that does
    /// not count since the breaker is held closed.
    #[cold]
    fn record_other(&self, ticket: Ticket, failed: bool, hint: Duration, now: Duration) {
        // The place is given back after the report, so that none can take it for one more call to what has failed; and
        // also if the backoff panics.
        let place = ticket.is_held().then_some(HeldPlace {
            probes: &self.probes,
            ticket,
        });
        let generation = ticket.generation();
        if self.control().generation() != generation || (ticket.is_held() && !self.probes.holds(ticket)) {
            self.counters.late();
        } else if ticket.is_held() {
            if failed {
                self.open(generation, hint, now);
            } else {
                self.count_success(generation);
            }
        }
        drop(place);
    }

    /// A permit was dropped without a report.
    #[cold]
    pub(crate) fn dropped(&self, ticket: Ticket, entered: Duration) {
        if persevere_core::panicking() {
            return self.record(ticket, true, Duration::ZERO, entered);
        }
        self.counters.abandoned();
        if ticket.is_held() {
            self.probes.give_back(ticket);
        }
    }

    fn count_success(&self, generation: Generation) {
        loop {
            let control = self.control();
            if control.generation() != generation {
                return;
            }
            let is_enough = control.successes() + 1 >= self.built.settings.successes_to_close;
            let gone = if is_enough {
                self.go(control, State::Closed)
            } else {
                self.exchange(control, control.with_success())
            };
            if gone {
                return;
            }
        }
    }

    /// Opens the breaker, unless it has gone on since this generation.
    #[cold]
    fn open(&self, generation: Generation, hint: Duration, now: Duration) {
        // The backoff is the user's code, so it is asked before anything has changed.
        let opens = self.control().next(State::Open).opens();
        let time = self.open_time(opens).max(hint.min(self.built.settings.max_hint));
        let until = clock_nanos(now.saturating_add(time));
        loop {
            let control = self.control();
            if control.generation() != generation {
                return;
            }
            let write = || self.until.store(until, Ordering::Release);
            if self.settle(control, control.next(State::Open), write) {
                return;
            }
        }
    }

    /// The open time of this opening since the breaker was closed, from 1. The schedule is walked through from its
    /// start, since it has no state that could be kept.
    fn open_time(&self, opens: u32) -> Duration {
        let delays = self.built.open.delays();
        delays.take(opens as usize).last().unwrap_or(Duration::ZERO)
    }
}

/// Gives a place back when it is dropped.
struct HeldPlace<'b> {
    probes: &'b Probes,
    ticket: Ticket,
}

impl Drop for HeldPlace<'_> {
    fn drop(&mut self) {
        self.probes.give_back(self.ticket);
    }
}
