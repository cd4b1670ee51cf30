//! Admission: whether a call may be made.

use crate::breaker::CircuitBreaker;
use crate::control::Control;
use crate::error::Rejected;
use crate::permit::Permit;
use crate::probes::NotTaken;
use crate::state::State;
use crate::ticket::{Admitted, Ticket};
use crate::trip::Trip;
use core::time::Duration;
use persevere_core::Backoff;
use persevere_core::time::nanos;

impl<T: Trip, B: Backoff, C, On> CircuitBreaker<T, B, C, On> {
    /// Admits a call that begins `now`, or rejects it. How the call ended is reported to the permit.
    ///
    /// # Errors
    ///
    /// [`Rejected`] if the breaker is open, or half-open with all its probes out.
    ///
    /// # Examples
    ///
    /// ```
    /// use persevere::breaker::CircuitBreaker;
    /// use std::time::Duration;
    ///
    /// let breaker = CircuitBreaker::consecutive_failures(1).build();
    /// let (start, end) = (Duration::from_secs(1), Duration::from_secs(2));
    /// breaker.try_acquire(start)?.failed(end);
    /// assert!(breaker.try_acquire(end).is_err());
    /// # Ok::<(), persevere::breaker::Rejected>(())
    /// ```
    #[inline]
    pub fn try_acquire(&self, now: Duration) -> Result<Permit<'_, T, B, C, On>, Rejected> {
        let Admitted { ticket, .. } = self.admit_call(|| now)?;
        Ok(Permit::new(self, Admitted { ticket, at: now }))
    }

    /// Admits a call, reading the clock only if the breaker depends on it.
    #[inline]
    pub(crate) fn admit_call(&self, clock: impl FnOnce() -> Duration) -> Result<Admitted, Rejected> {
        let control = self.control();
        // perf: a healthy breaker reads one word and no clock (`breakers/healthy`).
        if control.is_closed_untimed() {
            return Ok(Admitted {
                ticket: Ticket(control.0),
                at: Duration::ZERO,
            });
        }
        let now = clock();
        let ticket = self.admit_at(nanos(now))?;
        Ok(Admitted { ticket, at: now })
    }

    #[cold]
    fn admit_at(&self, now: u64) -> Result<Ticket, Rejected> {
        loop {
            let control = self.control();
            match control.state() {
                // A state that settles rejects until the thread of the transition has written its data.
                state if control.is_settling() => return Err(self.reject(state, 0)),
                State::Closed => return Ok(Ticket(control.0)),
                // Equals no control word, so that no report of it counts.
                State::ForcedClosed => return Ok(Ticket(control.generation().tag(0))),
                State::ForcedOpen => return Err(self.reject(State::ForcedOpen, 0)),
                State::Open => match self.open_until(control) {
                    Some(until) if now < until => return Err(self.reject(State::Open, until - now)),
                    Some(_) => _ = self.go(control, State::HalfOpen),
                    None => {}
                },
                State::HalfOpen => match self.take_place(control, now) {
                    Ok(ticket) => return Ok(ticket),
                    Err(NotTaken::Stale) => {}
                    Err(NotTaken::HeldUntil(end)) => {
                        return Err(self.reject(State::HalfOpen, end.saturating_sub(now)));
                    }
                },
            }
        }
    }

    fn take_place(&self, control: Control, now: u64) -> Result<Ticket, NotTaken> {
        let settings = &self.built.settings;
        let lease = settings.probe_lease.unwrap_or_else(|| self.built.open.lease());
        let generation = control.generation();
        let taken = self.probes.take(generation, settings.max_probes, now, nanos(lease))?;
        if taken.is_reclaimed {
            self.counters.reclaimed.increment();
        }
        if self.control().generation() == generation {
            Ok(taken.ticket)
        } else {
            self.probes.give_back(taken.ticket);
            Err(NotTaken::Stale)
        }
    }

    fn reject(&self, state: State, left: u64) -> Rejected {
        self.counters.rejected.increment();
        Rejected::new(state, left)
    }
}
