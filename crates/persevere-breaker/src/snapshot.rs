//! The state of a breaker as a plain value, to be kept over a restart.

use crate::breaker::CircuitBreaker;
use crate::control::{MAX_OPENINGS, ProbeCounts};
use crate::state::State;
use crate::trip::sealed::Window;
use crate::trip::{ConsecutiveFailures, Trip};
use core::time::Duration;
use persevere_core::Backoff;
use persevere_core::time::nanos;

/// The state of a breaker as a plain value; returned by [`CircuitBreaker::snapshot`].
///
/// It holds no point in time, only what is left, so that it can be restored in another process with another clock. The
/// fields are public, so that they can be written to any store, and a default can be filled in from there.
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
    /// The number of failed probes of a half-open breaker.
    pub failures: u32,
    /// The counts of a closed breaker: see [`Saved`].
    pub window: W,
}

impl<W> Snapshot<W> {
    /// The same with a window made of the window.
    #[cfg(feature = "alloc")]
    pub(crate) fn map<V>(self, window: impl FnOnce(W) -> V) -> Snapshot<V> {
        Snapshot {
            state: self.state,
            open_for: self.open_for,
            openings: self.openings,
            successes: self.successes,
            failures: self.failures,
            window: window(self.window),
        }
    }

    /// The same with a reference to the window.
    #[cfg(feature = "alloc")]
    pub(crate) fn as_ref(&self) -> Snapshot<&W> {
        Snapshot {
            state: self.state,
            open_for: self.open_for,
            openings: self.openings,
            successes: self.successes,
            failures: self.failures,
            window: &self.window,
        }
    }
}

/// The counts in the [`Snapshot`] of a [`CircuitBreaker`] with the condition `T`.
pub type Saved<T> = <T as Window>::Saved;

impl<T: Trip, B: Backoff, C, On> CircuitBreaker<T, B, C, On> {
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
            let until = self.openings.of(control).until();
            if self.control().generation() != control.generation() {
                continue;
            }
            let is_open = control.state() == State::Open && !control.is_settling();
            return Snapshot {
                state: control.state(),
                open_for: Duration::from_nanos(if is_open { until.saturating_sub(now) } else { 0 }),
                openings: control.openings(),
                successes: control.probes().successes,
                failures: control.probes().failures,
                window,
            };
        }
    }

    /// Continues from a snapshot `now`. This is a transition like any other: reports of calls that were admitted before
    /// are stale. Values that this breaker cannot reach are brought into range: it stays open at most for its longest open
    /// time or hint.
    pub fn restore(&self, snapshot: &Snapshot<Saved<T>>, now: Duration) {
        let length = snapshot.open_for.min(self.built.longest_open());
        let openings = match snapshot.state {
            State::Open | State::HalfOpen => snapshot.openings.clamp(1, MAX_OPENINGS),
            _ => 0,
        };
        let probes = match snapshot.state {
            State::HalfOpen => ProbeCounts {
                successes: snapshot.successes.min(self.built.settings.successes_to_close - 1),
                failures: snapshot.failures.min(self.built.settings.failures_to_reopen - 1),
            },
            _ => ProbeCounts::NONE,
        };
        let (_, lease) = self.built.open.length_and_lease(openings.max(1));
        loop {
            let control = self.control();
            let restored = control.settled(snapshot.state, openings, probes);
            let write = || {
                let opening = self.openings.of(restored);
                opening.write(nanos(now), nanos(length), nanos(lease));
                let (trip, generation) = (&self.built.trip, restored.generation());
                trip.restore(&self.counts, &snapshot.window, generation, nanos(now));
            };
            if self.settle(control, restored, write) {
                return;
            }
        }
    }
}
