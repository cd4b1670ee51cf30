//! Reports: what the outcome of a call changes.

use crate::atomic::Ordering;
use crate::breaker::CircuitBreaker;
use crate::generation::Generation;
use crate::probes::Probes;
use crate::state::State;
use crate::ticket::{Admitted, Ticket};
use crate::trip::{Sample, Trip};
use core::time::Duration;
use persevere_core::classify::Judge;
use persevere_core::time::nanos;
use persevere_core::{Backoff, Verdict};

impl<T: Trip, B: Backoff, C, On> CircuitBreaker<T, B, C, On> {
    /// The classifier's verdict on `outcome`.
    #[inline]
    pub(crate) fn judge<V, E>(&self, outcome: &Result<V, E>) -> Verdict
    where
        On: Judge<C, V, E>,
    {
        On::judge(&self.built.classifier, outcome)
    }

    /// Reports a verdict, reading the clock only if the breaker depends on it.
    #[inline]
    pub(crate) fn report(&self, call: Admitted, verdict: Verdict, clock: impl FnOnce() -> Duration) {
        // Returns the place of a probe if the clock panics.
        let _place = self.place_of(call.ticket);
        match verdict {
            Verdict::Accept if !T::TIMED && self.ignores_duration(call.ticket) => {
                self.count(call.ticket, false, Duration::ZERO, Duration::ZERO);
            }
            Verdict::Accept => self.report_success(call, clock()),
            Verdict::Retry => self.report_failure(call, Duration::ZERO, clock()),
            Verdict::RetryAfter(hint) => self.report_failure(call, hint, clock()),
            _ => self.give_back(call.ticket),
        }
    }

    /// A success that took `slow_after` or longer counts as a failure.
    #[inline]
    pub(crate) fn report_success(&self, call: Admitted, now: Duration) {
        let is_slow = !self.ignores_duration(call.ticket)
            && self
                .built
                .settings
                .slow_after
                .is_some_and(|limit| now.saturating_sub(call.at) >= limit);
        self.count(call.ticket, is_slow, Duration::ZERO, now);
    }

    #[inline]
    pub(crate) fn report_failure(&self, call: Admitted, hint: Duration, now: Duration) {
        self.count(call.ticket, true, hint, now);
    }

    /// A call that ended without a report.
    #[cold]
    pub(crate) fn report_abandoned(&self, call: Admitted) {
        self.counters.abandoned.increment();
        self.give_back(call.ticket);
    }

    /// Returns the place of a probe, without a report.
    #[inline]
    pub(crate) fn give_back(&self, ticket: Ticket) {
        if ticket.is_probe() {
            self.probes.give_back(ticket);
        }
    }

    #[inline]
    fn ignores_duration(&self, ticket: Ticket) -> bool {
        ticket.is_untimed() || self.built.settings.slow_after.is_none()
    }

    /// Counts a call that succeeded or failed.
    #[inline]
    fn count(&self, ticket: Ticket, failed: bool, hint: Duration, now: Duration) {
        if self.control().0 != ticket.0 {
            return self.count_unless_stale(ticket, failed, hint, now);
        }
        let sample = Sample {
            generation: ticket.generation(),
            failed,
            now: if T::TIMED { nanos(now) } else { 0 },
        };
        if self.built.trip.record(&self.counts, sample) {
            self.open(ticket.generation(), hint, now);
        }
    }

    /// Counts a call whose breaker is no longer closed as it was: a probe, a stale call, or a call that does not count
    /// since the breaker is forced closed.
    #[cold]
    fn count_unless_stale(&self, ticket: Ticket, failed: bool, hint: Duration, now: Duration) {
        // Returned after the report, so that a breaker about to open admits no other probe, and if the backoff panics.
        let place = self.place_of(ticket);
        let generation = ticket.generation();
        if self.control().generation() != generation || (ticket.is_probe() && !self.probes.holds(ticket)) {
            self.counters.stale.increment();
        } else if ticket.is_probe() {
            if failed {
                self.open(generation, hint, now);
            } else {
                self.count_success(generation);
            }
        }
        drop(place);
    }

    fn count_success(&self, generation: Generation) {
        loop {
            let control = self.control();
            if control.generation() != generation {
                return;
            }
            let is_enough = control.successes() + 1 >= self.built.settings.successes_to_close;
            let is_counted = if is_enough {
                self.go(control, State::Closed)
            } else {
                self.exchange(control, control.with_success())
            };
            if is_counted {
                return;
            }
        }
    }

    /// Opens the breaker, unless it has made a transition since this generation.
    #[cold]
    fn open(&self, generation: Generation, hint: Duration, now: Duration) {
        // The backoff is code supplied by the caller, so it runs before anything has changed.
        let opening = self.control().next(State::Open).openings();
        let hint = hint.min(self.built.settings.longest_hint);
        let length = self.built.open.length(opening).max(hint);
        let until = nanos(now.saturating_add(length));
        loop {
            let control = self.control();
            if control.generation() != generation {
                return;
            }
            // Ordering: pairs with the load in `open_until`.
            let write = || self.until.store(until, Ordering::Release);
            if self.settle(control, control.next(State::Open), write) {
                return;
            }
        }
    }

    /// The place of a probe, returned when this is dropped.
    #[inline]
    fn place_of(&self, ticket: Ticket) -> Option<HeldPlace<'_>> {
        ticket.is_probe().then_some(HeldPlace {
            probes: &self.probes,
            ticket,
        })
    }
}

struct HeldPlace<'b> {
    probes: &'b Probes,
    ticket: Ticket,
}

impl Drop for HeldPlace<'_> {
    fn drop(&mut self) {
        self.probes.give_back(self.ticket);
    }
}
