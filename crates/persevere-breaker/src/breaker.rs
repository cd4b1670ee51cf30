//! The breaker: its parts, its state, and how it goes from one to another.

use crate::builder::{Builder, FAILURES};
use crate::control::Control;
use crate::log::Log;
use crate::probes::Probes;
use crate::state::State;
use crate::stats::Counters;
use crate::trip::{ConsecutiveFailures, Trip};
use crate::word::{Ordering, Word};
use core::fmt;
use core::time::Duration;
use persevere_core::backoff::Fixed;
use persevere_core::classify::AnyError;
use persevere_core::time::nanos as clock_nanos;

/// A circuit breaker, to be shared by all calls to one thing that may be down: in a `static`, or behind `&` or `Arc`.
///
/// Closed, it lets every call through and counts the failures. When there are too many it opens, and rejects calls
/// without making them, until its open time has passed. Then it is half-open: it lets a probe through, and closes if
/// that succeeds, or opens again.
///
/// It reads no clock: `now` is any point on a monotonic clock, such as [`Sleeper::now`](persevere_core::Sleeper::now)
/// tells, the same clock for every call. Time is kept in 64 bits of nanoseconds and saturates there, after 584 years.
///
/// There is no lock: a thread that is interrupted anywhere keeps no other waiting, an interrupt handler included. (A
/// microcontroller without atomics of 64 bits has to be [told](crate#features) to keep this promise.) No code of yours
/// (backoff, classifier) runs within a transition, and if it panics the breaker is as it was before.
///
/// ```
/// use persevere::{Sleeper, ThreadSleeper};
/// use persevere_breaker::{CircuitBreaker, Rejected};
/// use std::{io, time::Duration};
///
/// static BREAKER: CircuitBreaker = CircuitBreaker::consecutive_failures(5).open_for(Duration::from_secs(60)).build();
///
/// fn call() -> io::Result<u32> { Ok(7) }
///
/// let permit = BREAKER.try_acquire(ThreadSleeper.now())?;
/// match call() {
///     Ok(_) => permit.success(ThreadSleeper.now()),
///     Err(_) => permit.failure(ThreadSleeper.now()),
/// }
/// # Ok::<(), Rejected>(())
/// ```
pub struct CircuitBreaker<T: Trip = ConsecutiveFailures, B = Fixed, C = AnyError> {
    pub(crate) control: Word,
    pub(crate) counts: T::Counts,
    /// When an open breaker lets a probe through; written while the state settles, and by no one else.
    pub(crate) until: Word,
    pub(crate) built: Builder<T, B, C>,
    pub(crate) probes: Probes,
    pub(crate) log: Log,
    pub(crate) counters: Counters,
}

impl CircuitBreaker {
    /// A breaker that opens after so many failures in a row.
    ///
    /// # Panics
    ///
    /// If `failures` is 0, which in a `const` or `static` is a compile error. For a number that comes from outside there
    /// is [`ConsecutiveFailures::try_new`].
    pub const fn consecutive_failures(failures: u32) -> Builder {
        Builder::new(ConsecutiveFailures::new(failures))
    }

    /// A breaker that opens on any condition.
    pub const fn when<T: Trip>(trip: T) -> Builder<T> {
        Builder::new(trip)
    }
}

impl Default for CircuitBreaker {
    /// Five failures in a row, open for 60 seconds, one probe: see [`Builder`] for where these come from.
    fn default() -> CircuitBreaker {
        CircuitBreaker::consecutive_failures(FAILURES).build()
    }
}

impl<T: Trip, B, C> CircuitBreaker<T, B, C> {
    pub(crate) const fn of(built: Builder<T, B, C>) -> Self {
        CircuitBreaker {
            control: Word::new(Control::new(built.settings.slow.is_some()).0),
            counts: T::EMPTY,
            until: Word::new(0),
            built,
            probes: Probes::new(),
            log: Log::new(),
            counters: Counters::new(),
        }
    }

    #[inline]
    pub(crate) fn control(&self) -> Control {
        Control(self.control.load(Ordering::Acquire))
    }

    /// Goes on from one control word to the next, if nobody was quicker.
    pub(crate) fn exchange(&self, from: Control, to: Control) -> bool {
        self.control
            .compare_exchange(from.0, to.0, Ordering::AcqRel, Ordering::Relaxed)
            .is_ok()
    }

    /// A transition to a state of which nothing is to be written.
    pub(crate) fn go(&self, from: Control, state: State) -> bool {
        let to = from.next(state);
        let gone = self.exchange(from, to);
        if gone {
            self.log.write(from, to);
        }
        gone
    }

    /// A transition to a state of which something is to be written first, while it settles.
    pub(crate) fn settle(&self, from: Control, to: Control, write: impl FnOnce()) -> bool {
        let settling = to.settling();
        let gone = self.exchange(from, settling);
        if gone {
            write();
            // If it was moved on by hand meanwhile, it stays as the hand has put it.
            self.exchange(settling, to);
            self.log.write(from, to);
        }
        gone
    }

    /// When this opening ends; none if the breaker has gone on.
    pub(crate) fn open_until(&self, open: Control) -> Option<u64> {
        let until = self.until.load(Ordering::Acquire);
        (self.control() == open).then_some(until)
    }

    /// The state of the breaker as a call would find it `now`: one whose open time has passed is half-open, even if no
    /// call has come to probe.
    #[must_use]
    pub fn state(&self, now: Duration) -> State {
        loop {
            let control = self.control();
            if control.state() != State::Open || control.is_settling() {
                return control.state();
            }
            match self.open_until(control) {
                Some(until) if clock_nanos(now) < until => return State::Open,
                Some(_) => return State::HalfOpen,
                None => {}
            }
        }
    }
}

// Not derived, since that would ask for backoffs and classifiers that can be printed.
impl<T: Trip, B, C> fmt::Debug for CircuitBreaker<T, B, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let control = self.control();
        f.debug_struct("CircuitBreaker")
            .field("state", &control.state())
            .field("transitions", &control.generation().0)
            .field("counts", &self.counts)
            .field("stats", &self.stats())
            .finish_non_exhaustive()
    }
}

#[cfg(feature = "loom")]
impl<T: Trip, B, C> CircuitBreaker<T, B, C> {
    /// Uses every word once, as the model checker wants before there are threads.
    #[doc(hidden)]
    pub fn touch(&self) {
        extern crate alloc;
        let words = (
            &self.control,
            &self.until,
            &self.counts,
            &self.probes,
            &self.log,
            &self.counters,
        );
        drop(alloc::format!("{words:?}"));
    }
}
