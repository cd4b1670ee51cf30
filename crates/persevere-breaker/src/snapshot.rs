//! The state of a breaker as a plain value, to be kept over a restart.

use crate::atomic::Ordering;
use crate::breaker::CircuitBreaker;
use crate::control::MAX_OPENINGS;
use crate::state::State;
use crate::trip::sealed::Window;
use crate::trip::{ConsecutiveFailures, Trip};
use core::time::Duration;
use persevere_core::time::nanos;

/// The state of a breaker as a plain value; returned by [`CircuitBreaker::snapshot`].
///
/// It holds no point in time, only what is left, so that it can be restored in another process with another clock. The
/// fields are public, to be written to wherever the snapshot is kept, and a default can be filled in from there.
///
/// # Examples
///
/// ```
/// use persevere::breaker::{CircuitBreaker, Snapshot, State};
/// use std::time::Duration;
///
/// let mut snapshot = Snapshot::default();
/// snapshot.state = State::Open;
/// snapshot.open_for = Duration::from_secs(30);
/// snapshot.openings = 1;
///
/// let breaker = CircuitBreaker::default();
/// breaker.restore(&snapshot, Duration::ZERO);
/// assert_eq!(breaker.state(Duration::from_secs(29)), State::Open);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Snapshot<W = Saved<ConsecutiveFailures>> {
    /// The state.
    pub state: State,
    /// How long an open breaker stays open.
    pub open_for: Duration,
    /// The number of openings since the breaker was last closed.
    pub openings: u32,
    /// The number of successful probes of a half-open breaker.
    pub successes: u32,
    /// What a closed breaker has counted: see [`Saved`].
    pub window: W,
}

/// The counts in the [`Snapshot`] of a [`CircuitBreaker`] with the condition `T`.
pub type Saved<T> = <T as Window>::Saved;

impl<T: Trip, B, C, On> CircuitBreaker<T, B, C, On> {
    /// Returns what [`restore`](CircuitBreaker::restore) takes to continue from here. It does not hold the calls in
    /// flight.
    ///
    /// # Examples
    ///
    /// ```
    /// use persevere::breaker::CircuitBreaker;
    /// use std::time::Duration;
    ///
    /// let secs = Duration::from_secs;
    /// let breaker = CircuitBreaker::consecutive_failures(1).open_for(secs(60)).build();
    /// breaker.try_acquire(secs(100))?.failed(secs(100));
    /// let snapshot = breaker.snapshot(secs(120));
    ///
    /// let restarted = CircuitBreaker::consecutive_failures(1).open_for(secs(60)).build();
    /// restarted.restore(&snapshot, secs(0));
    /// let rejected = restarted.try_acquire(secs(10)).unwrap_err();
    /// assert_eq!(rejected.retry_after(), Some(secs(30)));
    /// # Ok::<(), persevere::breaker::Rejected>(())
    /// ```
    #[must_use]
    pub fn snapshot(&self, now: Duration) -> Snapshot<Saved<T>> {
        let now = nanos(now);
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
                openings: control.openings(),
                successes: control.successes(),
                window,
            };
        }
    }

    /// Continues from a snapshot `now`. This is a transition like any other: reports of calls that were admitted before
    /// are stale. Values that this breaker cannot reach are brought into range.
    pub fn restore(&self, snapshot: &Snapshot<Saved<T>>, now: Duration) {
        let until = nanos(now.saturating_add(snapshot.open_for));
        let openings = match snapshot.state {
            State::Open | State::HalfOpen => snapshot.openings.clamp(1, MAX_OPENINGS),
            _ => 0,
        };
        let successes = match snapshot.state {
            State::HalfOpen => snapshot.successes.min(self.built.settings.successes_to_close - 1),
            _ => 0,
        };
        loop {
            let control = self.control();
            let restored = control.settled(snapshot.state, openings, successes);
            let write = || {
                self.until.store(until, Ordering::Release);
                let (trip, generation) = (&self.built.trip, restored.generation());
                trip.restore(&self.counts, &snapshot.window, generation, nanos(now));
            };
            if self.settle(control, restored, write) {
                return;
            }
        }
    }
}
