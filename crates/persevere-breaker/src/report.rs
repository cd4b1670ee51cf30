//! Reports: what the outcome of a call changes.

use crate::breaker::CircuitBreaker;
use crate::control::Control;
use crate::generation::Generation;
use crate::outcome::Outcome;
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

    /// Reports the outcome of a call, reading the clock only if the breaker depends on it.
    #[inline]
    pub(crate) fn report(&self, call: Admitted, outcome: Outcome, clock: impl FnOnce() -> Duration) {
        // perf: the success of a healthy call reads one word and no clock (`breaker/persevere/consecutive`).
        if matches!(outcome, Outcome::Succeeded) && !T::TIMED && call.ticket.is_untimed() {
            self.count(call.ticket, false, Duration::ZERO, Duration::ZERO);
        } else {
            self.report_at(call, outcome, clock);
        }
    }

    #[cold]
    fn report_at(&self, call: Admitted, outcome: Outcome, clock: impl FnOnce() -> Duration) {
        match outcome {
            // perf: a call of a closed breaker has no place to return, and no duration (`sync/persevere/breaker`).
            Outcome::Failed(hint) if call.ticket.is_untimed() => self.count(call.ticket, true, hint, clock()),
            outcome => self.report_holding_place(call, outcome, clock),
        }
    }

    #[cold]
    fn report_holding_place(&self, call: Admitted, outcome: Outcome, clock: impl FnOnce() -> Duration) {
        // Returned after the report, so that a breaker about to open admits no other probe. Also if the clock or the
        // backoff panics.
        let _place = self.place_of(call.ticket);
        match outcome {
            Outcome::Succeeded if self.ignores_duration(call.ticket) && (!T::TIMED || call.ticket.is_probe()) => {
                self.count(call.ticket, false, Duration::ZERO, Duration::ZERO);
            }
            Outcome::Succeeded => {
                let now = clock();
                let is_slow = self.is_slow(call, now);
                self.count(call.ticket, is_slow, Duration::ZERO, now);
            }
            Outcome::Failed(hint) => {
                let now = clock();
                self.is_slow(call, now);
                self.count(call.ticket, true, hint, now);
            }
            Outcome::Ignored => {}
            Outcome::Superseded => {
                self.counters.superseded.increment();
                self.report_unfinished(call, clock);
            }
            Outcome::Abandoned => {
                self.counters.abandoned.increment();
                self.report_unfinished(call, clock);
            }
        }
    }

    /// Reports a call that its caller did not wait for: a failure if it was slow by then, otherwise neither success nor
    /// failure.
    fn report_unfinished(&self, call: Admitted, clock: impl FnOnce() -> Duration) {
        if !self.ignores_duration(call.ticket) {
            let now = clock();
            if self.is_slow(call, now) {
                self.count(call.ticket, true, Duration::ZERO, now);
            }
        }
    }

    /// A call that was dropped without a report, by code that has no clock.
    #[cold]
    pub(crate) fn drop_call(&self, call: Admitted) {
        self.counters.abandoned.increment();
        if call.ticket.is_probe() {
            self.probes.give_back(call.ticket);
        }
    }

    /// Whether the call took `slow_after` or longer. Counts it if so.
    fn is_slow(&self, call: Admitted, now: Duration) -> bool {
        let took = now.saturating_sub(call.at);
        let is_slow = !call.ticket.is_untimed() && self.built.settings.slow_after.is_some_and(|limit| took >= limit);
        if is_slow {
            self.counters.slow.increment();
        }
        is_slow
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
            now: if T::TIMED || failed { nanos(now) } else { 0 },
        };
        let is_tripped = self.built.trip.record(&self.counts, sample);
        if is_tripped || (self.built.settings.open_on_hints && !hint.is_zero()) {
            self.open(ticket.generation(), hint, now);
        }
    }

    /// Counts a call whose breaker is no longer closed as it was: a probe, a stale call, or a call that is not counted.
    #[cold]
    fn count_unless_stale(&self, ticket: Ticket, failed: bool, hint: Duration, now: Duration) {
        let generation = ticket.generation();
        if self.control().generation() != generation || (ticket.is_probe() && !self.probes.holds(ticket)) {
            self.counters.stale.increment();
        } else if ticket.is_probe() {
            self.count_probe(generation, failed, hint, now);
        }
    }

    fn count_probe(&self, generation: Generation, failed: bool, hint: Duration, now: Duration) {
        let settings = &self.built.settings;
        loop {
            let control = self.control();
            if control.generation() != generation {
                return;
            }
            let counted = control.with_probe(failed);
            let is_done = if failed && counted.probes().failures >= settings.failures_to_reopen {
                return self.open(generation, hint, now);
            } else if !failed && counted.probes().successes >= settings.successes_to_close {
                self.go(control, State::Closed)
            } else {
                self.exchange(control, counted)
            };
            if is_done {
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
        let (length, lease) = self.built.open.length_and_lease(opening);
        let length = length.max(hint);
        loop {
            let control = self.control();
            if control.generation() != generation || self.open_from(control, now, length, lease) {
                return;
            }
        }
    }

    /// Makes the transition to open; returns `false` if another thread made one first.
    pub(crate) fn open_from(&self, from: Control, now: Duration, length: Duration, lease: Duration) -> bool {
        let to = from.next(State::Open);
        self.settle(from, to, || {
            self.openings.of(to).write(nanos(now), nanos(length), nanos(lease));
        })
    }

    /// The place of a probe, returned when this is dropped.
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
