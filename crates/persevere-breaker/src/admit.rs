//! What a breaker lets through.

use crate::breaker::CircuitBreaker;
use crate::control::Control;
use crate::error::Rejected;
use crate::judge::Judge;
use crate::permit::Permit;
use crate::probes::{Refused, Ticket};
use crate::state::State;
use crate::trip::Trip;
use crate::word::Ordering;
use core::time::Duration;
use persevere_core::time::nanos as clock_nanos;
use persevere_core::{Backoff, Verdict};

impl<T: Trip, B: Backoff, C> CircuitBreaker<T, B, C> {
    /// Asks to make a call `now`. The permit is for the report of how it went.
    ///
    /// # Errors
    ///
    /// [`Rejected`] if the call is not to be made.
    #[inline]
    pub fn try_acquire(&self, now: Duration) -> Result<Permit<'_, T, B, C>, Rejected> {
        let ticket = match self.admit() {
            Some(ticket) => ticket,
            None => self.acquire(now)?,
        };
        Ok(Permit::new(self, ticket, now))
    }

    /// [`try_acquire`](CircuitBreaker::try_acquire), with a clock that is read only if it matters.
    #[inline]
    pub(crate) fn acquire_by(&self, clock: impl Fn() -> Duration) -> Result<Permit<'_, T, B, C>, Rejected> {
        let (ticket, entered) = match self.admit() {
            Some(ticket) => (ticket, Duration::ZERO),
            None => {
                let now = clock();
                (self.acquire(now)?, now)
            }
        };
        Ok(Permit::new(self, ticket, entered))
    }

    /// A ticket, if the breaker is closed and it does not matter when a call begins.
    #[inline(always)]
    pub(crate) fn admit(&self) -> Option<Ticket> {
        let control = self.control();
        control.is_plain().then_some(Ticket(control.0))
    }

    /// What the classifier says.
    #[inline]
    pub(crate) fn judge<V, E>(&self, outcome: &Result<V, E>) -> Verdict
    where
        C: Judge<V, E>,
    {
        self.built.classifier.judge(outcome)
    }

    /// Whether this is a success of which it does not matter when the call began and ended.
    #[inline(always)]
    pub(crate) fn is_plain(&self, ticket: Ticket, verdict: Verdict) -> bool {
        verdict == Verdict::Accept && !T::TIMED && (ticket.is_plain() || self.built.settings.slow.is_none())
    }

    /// Lets a call through a breaker that is not plainly closed, or does not. Most often it is open, or times its calls, and that
    /// is all.
    #[cold]
    pub(crate) fn acquire(&self, now: Duration) -> Result<Ticket, Rejected> {
        let control = self.control();
        if control.is_open() {
            let (now, until) = (clock_nanos(now), self.until.load(Ordering::Acquire));
            if now < until && self.control() == control {
                return Err(self.rejected(State::Open, until - now));
            }
        } else if control.is_closed() {
            return Ok(Ticket(control.0));
        }
        self.acquire_slowly(now)
    }

    #[inline(never)]
    fn acquire_slowly(&self, now: Duration) -> Result<Ticket, Rejected> {
        let nanos = clock_nanos(now);
        loop {
            let control = self.control();
            if control.admits_all() {
                // Of a breaker that is held closed this is no control word, so that nothing is counted.
                let ticket = if control.is_closed() {
                    control.0
                } else {
                    control.generation().tag(0)
                };
                return Ok(Ticket(ticket));
            }
            match control.state() {
                State::Open if !control.is_settling() => match self.open_until(control) {
                    Some(until) if nanos < until => return Err(self.rejected(State::Open, until - nanos)),
                    Some(_) => _ = self.go(control, State::HalfOpen),
                    None => {}
                },
                State::HalfOpen if !control.is_settling() => match self.take_place(control, nanos) {
                    Ok(ticket) => return Ok(ticket),
                    Err(Refused::Outdated) => {}
                    Err(Refused::Until(end)) => {
                        return Err(self.rejected(State::HalfOpen, end.saturating_sub(nanos)));
                    }
                },
                State::ForcedOpen => return Err(self.rejected(State::ForcedOpen, 0)),
                // Another thread is just writing what belongs to the state.
                state => return Err(self.rejected(state, 0)),
            }
        }
    }

    fn take_place(&self, control: Control, now: u64) -> Result<Ticket, Refused> {
        let settings = &self.built.settings;
        let (generation, lease) = (control.generation(), clock_nanos(settings.lease()));
        let (ticket, reclaimed) = self.probes.take(generation, settings.max_probes, now, lease)?;
        if reclaimed {
            self.counters.reclaimed();
        }
        if self.control().generation() == generation {
            Ok(ticket)
        } else {
            self.probes.give_back(ticket);
            Err(Refused::Outdated)
        }
    }

    fn rejected(&self, state: State, left: u64) -> Rejected {
        self.counters.rejected();
        Rejected::new(state, left)
    }
}
