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
use persevere_core::time::nanos;
use persevere_core::{Backoff, Jitter, Policy};

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
            let (state, left) = match control.state() {
                // A state that settles rejects until the thread of the transition has written its data.
                state if control.is_settling() => (state, 0),
                State::Closed => return Ok(Ticket(control.0)),
                State::ForcedClosed => return Ok(Ticket::uncounted(control.generation())),
                State::ForcedOpen => (State::ForcedOpen, 0),
                State::Open => match self.open_until(control) {
                    Some(until) if now < until => (State::Open, self.open_left(control, until, now)),
                    Some(_) => {
                        self.go(control, State::HalfOpen);
                        continue;
                    }
                    None => continue,
                },
                State::HalfOpen => match self.take_place(control, now) {
                    Ok(ticket) => return Ok(ticket),
                    Err(NotTaken::Stale) => continue,
                    Err(NotTaken::HeldUntil(end)) => {
                        (State::HalfOpen, self.probe_left(control, end.saturating_sub(now)))
                    }
                },
            };
            self.counters.rejected.increment();
            if self.built.settings.report_only && state != State::ForcedOpen {
                return Ok(Ticket::uncounted(control.generation()));
            }
            return Err(Rejected::new(state, left));
        }
    }

    /// The time until the opening ends: never more than its whole length, even if the clock went back.
    fn open_left(&self, open: Control, until: u64, now: u64) -> u64 {
        let opening = self.openings.of(open);
        let (left, length) = (until - now, opening.length());
        if left <= length || self.control() != open {
            return left;
        }
        opening.clamp(until, now);
        length
    }

    /// The time after which to try again while all probes are out. The first of their leases ends after `left`.
    ///
    /// Most probes are reported long before their leases end. So the time is as long as the probe has taken. Calls that
    /// wait come back soon after a fast probe, and rarely during a slow probe. It is jittered, so that they do not all
    /// come back at once.
    fn probe_left(&self, half_open: Control, left: u64) -> u64 {
        let lease = self.lease(half_open);
        let taken = lease.saturating_sub(left);
        let interval = Duration::from_nanos(taken.max(lease / SHORTEST_INTERVAL).max(1));
        let mut policy = Policy::fixed(interval).jitter(Jitter::Equal);
        if let Some(seed) = self.built.open.seed {
            // Another draw for each rejection.
            policy = policy.seed(seed.wrapping_add(self.stats().rejected));
        }
        let jittered = policy.delays().next();
        nanos(jittered.unwrap_or(interval)).min(left)
    }

    /// The lease of a probe, in nanoseconds.
    fn lease(&self, half_open: Control) -> u64 {
        match self.built.settings.probe_lease {
            Some(lease) => nanos(lease),
            None => self.openings.of(half_open).lease(),
        }
    }

    fn take_place(&self, control: Control, now: u64) -> Result<Ticket, NotTaken> {
        let (max, lease) = (self.built.settings.max_probes, self.lease(control));
        let generation = control.generation();
        let taken = self.probes.take(generation, max, now, lease)?;
        if self.control().generation() != generation {
            self.probes.give_back(taken.ticket);
            return Err(NotTaken::Stale);
        }
        if taken.is_reclaimed {
            self.counters.reclaimed.increment();
        }
        Ok(taken.ticket)
    }
}

/// The share of a lease after which calls that wait for a probe first come back.
const SHORTEST_INTERVAL: u64 = 128;
