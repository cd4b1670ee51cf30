//! The state of a breaker as a plain value, to be kept over a restart.

use crate::breaker::CircuitBreaker;
use crate::control::MAX_OPENS;
use crate::state::State;
use crate::trip::Trip;
use crate::trip::sealed::Window;
use crate::word::Ordering;
use core::time::Duration;
use persevere_core::time::nanos as clock_nanos;

/// The state of a breaker as a plain value; made by [`CircuitBreaker::snapshot`].
///
/// It has no point in time in it, only what is left, so it can be restored in another process with another clock. The
/// fields are public, to be written to wherever it is kept; `window` is what the breaker's [`Trip`] counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Snapshot<W = u32> {
    /// What the breaker is.
    pub state: State,
    /// How long it stays open, if it is open.
    pub open_for: Duration,
    /// How often it has opened since it was last closed.
    pub opens: u32,
    /// How many probes have succeeded, if it is half-open.
    pub successes: u32,
    /// What is counted, if it is closed.
    pub window: W,
}

/// What a [`CircuitBreaker`] with the condition `T` has in its [`Snapshot`].
pub type Saved<T> = <T as Window>::Saved;

impl<T: Trip, B, C> CircuitBreaker<T, B, C> {
    /// What [`restore`](CircuitBreaker::restore) needs to go on from here. Calls that are out are not in it.
    ///
    /// ```
    /// use persevere_breaker::CircuitBreaker;
    /// use std::time::Duration;
    ///
    /// let breaker = CircuitBreaker::consecutive_failures(1).open_for(Duration::from_secs(60)).build();
    /// breaker.try_acquire(Duration::from_secs(100)).unwrap().failure(Duration::from_secs(100));
    /// let snapshot = breaker.snapshot(Duration::from_secs(120));
    ///
    /// let restarted = CircuitBreaker::consecutive_failures(1).open_for(Duration::from_secs(60)).build();
    /// restarted.restore(&snapshot, Duration::ZERO);
    /// let rejected = restarted.try_acquire(Duration::from_secs(10)).unwrap_err();
    /// assert_eq!(rejected.retry_after(), Some(Duration::from_secs(30)));
    /// ```
    #[must_use]
    pub fn snapshot(&self, now: Duration) -> Snapshot<Saved<T>> {
        let now = clock_nanos(now);
        loop {
            let control = self.control();
            let window = if control.is_closed() {
                self.built.trip.save(&self.counts, control.generation(), now)
            } else {
                Saved::<T>::default()
            };
            let until = self.until.load(Ordering::Acquire);
            if self.control().generation() != control.generation() {
                continue;
            }
            let is_open = control.state() == State::Open && !control.is_settling();
            return Snapshot {
                state: control.state(),
                open_for: Duration::from_nanos(if is_open { until.saturating_sub(now) } else { 0 }),
                opens: control.opens(),
                successes: control.successes(),
                window,
            };
        }
    }

    /// Goes on from a snapshot `now`. This is a transition like any other: a call that was let through before changes
    /// nothing after. Numbers that the breaker could not have come to are brought into range.
    pub fn restore(&self, snapshot: &Snapshot<Saved<T>>, now: Duration) {
        let until = clock_nanos(now.saturating_add(snapshot.open_for));
        let opens = match snapshot.state {
            State::Open | State::HalfOpen => snapshot.opens.clamp(1, MAX_OPENS),
            _ => 0,
        };
        let successes = match snapshot.state {
            State::HalfOpen => snapshot.successes.min(self.built.settings.successes_to_close - 1),
            _ => 0,
        };
        loop {
            let control = self.control();
            let restored = control.settled(snapshot.state, opens, successes);
            let write = || {
                self.until.store(until, Ordering::Release);
                self.built
                    .trip
                    .restore(&self.counts, &snapshot.window, restored.generation(), clock_nanos(now));
            };
            if self.settle(control, restored, write) {
                return;
            }
        }
    }
}
