//! The breaker: its parts, and the steps from one state to another.

use crate::classify::FailureIf;
use crate::control::Control;
use crate::opening::Openings;
use crate::probes::Probes;
use crate::settings::Builder;
use crate::state::State;
use crate::stats::{BreakerStats, Counters};
use crate::transitions::{Delivery, Ring, Transitions};
use crate::trip::{ConsecutiveFailures, Trip, WindowCounts};
use core::fmt;
use core::time::Duration;
use persevere_core::backoff::Fixed;
use persevere_core::classify::{AnyError, Errors};
use persevere_core::time::nanos;
use portable_atomic::{AtomicU64, Ordering};

/// A circuit breaker: stops calling what is down, and probes whether it is back.
///
/// All calls to one server, database or region share one breaker, in a `static`, or behind `&` or `Arc`.
///
/// | state | calls | leaves it |
/// |---|---|---|
/// | closed | all admitted, and counted | to open, when too many have failed |
/// | open | all rejected | to half-open, when the open time has passed |
/// | half-open | a few admitted as probes | to closed if they succeed, to open if one fails |
///
/// A breaker reads no clock: `now` is a point in time on a monotonic clock, such as
/// [`Sleeper::now`](persevere_core::Sleeper::now), the same clock for every call. Time is kept as 64-bit nanoseconds and
/// saturates after 584 years.
///
/// A breaker takes no lock: a thread that is interrupted anywhere blocks no other thread, and no interrupt handler. (On
/// a microcontroller without 64-bit atomics this depends on [a feature](crate#features).) No code supplied by the caller
/// (backoff, classifier) runs within a transition, and if it panics, the breaker is unchanged.
///
/// The type of a breaker in a `static` names its condition, open times and classifier, with defaults for all three:
/// `CircuitBreaker`, `CircuitBreaker<LastCalls>`, [`BreakerIf<io::Error>`](BreakerIf). In a field,
#[cfg_attr(feature = "alloc", doc = "[`SharedBreaker`](crate::SharedBreaker)")]
#[cfg_attr(not(feature = "alloc"), doc = "`SharedBreaker`")]
/// names the classifier alone.
///
/// # Examples
///
/// ```
/// use persevere::breaker::{CircuitBreaker, Rejected};
/// use persevere::{Sleeper, ThreadSleeper};
/// use std::{io, time::Duration};
///
/// static BREAKER: CircuitBreaker =
///     CircuitBreaker::consecutive_failures(5).open_for(Duration::from_secs(60)).build();
///
/// fn call() -> io::Result<u32> { Ok(7) }
///
/// let permit = BREAKER.try_acquire(ThreadSleeper.now())?;
/// match call() {
///     Ok(_) => permit.succeeded(ThreadSleeper.now()),
///     Err(_) => permit.failed(ThreadSleeper.now()),
/// }
/// # Ok::<(), Rejected>(())
/// ```
#[doc(alias = "circuit breaker")]
pub struct CircuitBreaker<T: Trip = ConsecutiveFailures, B = Fixed, C = AnyError, On = Errors> {
    pub(crate) control: AtomicU64,
    pub(crate) counts: T::Counts,
    pub(crate) openings: Openings,
    pub(crate) built: Builder<T, B, C, On>,
    pub(crate) probes: Probes,
    pub(crate) ring: Ring,
    pub(crate) delivery: Delivery,
    pub(crate) counters: Counters,
}

/// A [`CircuitBreaker`] with a predicate for errors of type `E`, for a `static` or field.
///
/// # Examples
///
/// ```
/// use persevere::breaker::{BreakerIf, CircuitBreaker};
/// use std::io;
///
/// fn is_down(error: &io::Error) -> bool {
///     error.kind() != io::ErrorKind::NotFound
/// }
///
/// static BREAKER: BreakerIf<io::Error> =
///     CircuitBreaker::consecutive_failures(5).failure_if(is_down as fn(&io::Error) -> bool).build();
/// ```
pub type BreakerIf<E, T = ConsecutiveFailures> = CircuitBreaker<T, Fixed, FailureIf<fn(&E) -> bool>>;

impl<T: Trip, B, C, On> CircuitBreaker<T, B, C, On> {
    pub(crate) const fn new(built: Builder<T, B, C, On>) -> Self {
        CircuitBreaker {
            control: AtomicU64::new(Control::new(built.settings.slow_after.is_some()).0),
            counts: T::EMPTY,
            openings: Openings::new(),
            built,
            probes: Probes::new(),
            ring: Ring::new(),
            delivery: Delivery::new(),
            counters: Counters::new(),
        }
    }

    /// Returns the state as a call would find it `now`. A breaker whose open time has passed is half-open, even if no
    /// call has come to probe.
    #[must_use]
    pub fn state(&self, now: Duration) -> State {
        loop {
            let control = self.control();
            if control.state() != State::Open || control.is_settling() {
                return control.state();
            }
            match self.open_until(control) {
                Some(until) if nanos(now) < until => return State::Open,
                Some(_) => return State::HalfOpen,
                None => {}
            }
        }
    }

    /// Returns what the breaker has counted so far.
    ///
    /// # Examples
    ///
    /// ```
    /// use persevere::breaker::CircuitBreaker;
    /// use std::time::Duration;
    ///
    /// let breaker = CircuitBreaker::default();
    /// drop(breaker.try_acquire(Duration::ZERO));
    /// assert_eq!(breaker.stats().abandoned, 1);
    /// ```
    #[must_use]
    pub fn stats(&self) -> BreakerStats {
        self.counters.read(self.control().generation().0)
    }

    /// Returns the calls that count `now`, and how many of them failed. Empty unless the breaker is closed.
    ///
    /// # Examples
    ///
    /// ```
    /// use persevere::breaker::CircuitBreaker;
    /// use std::time::Duration;
    ///
    /// let breaker = CircuitBreaker::failure_rate(0.5).over_calls(100).build();
    /// let now = Duration::ZERO;
    /// breaker.try_acquire(now)?.failed(now);
    /// breaker.try_acquire(now)?.succeeded(now);
    /// let window = breaker.window(now);
    /// assert_eq!((window.calls, window.failures), (2, 1));
    /// # Ok::<(), persevere::breaker::Rejected>(())
    /// ```
    #[must_use]
    pub fn window(&self, now: Duration) -> WindowCounts {
        let control = self.control();
        if control.is_closed() {
            self.built.trip.read(&self.counts, control.generation(), nanos(now))
        } else {
            WindowCounts::default()
        }
    }

    /// Returns an iterator over the transitions from now on.
    pub fn transitions(&self) -> Transitions<'_> {
        Transitions::new(&self.control, &self.ring)
    }

    #[inline]
    pub(crate) fn control(&self) -> Control {
        // Ordering: pairs with `exchange`, so that what was written before a transition is read after it.
        Control(self.control.load(Ordering::Acquire))
    }

    /// Compare-exchanges the control word; returns `false` if another thread changed it first.
    pub(crate) fn exchange(&self, from: Control, to: Control) -> bool {
        self.control
            .compare_exchange(from.0, to.0, Ordering::AcqRel, Ordering::Relaxed)
            .is_ok()
    }

    /// Makes a transition to a state without data of its own; returns `false` if another thread made one first.
    pub(crate) fn go(&self, from: Control, state: State) -> bool {
        let to = from.next(state);
        let is_made = self.exchange(from, to);
        if is_made {
            self.publish(from, to);
        }
        is_made
    }

    /// Makes a transition to a state whose data `write` writes while it settles; returns `false` if another thread made
    /// one first.
    pub(crate) fn settle(&self, from: Control, to: Control, write: impl FnOnce()) -> bool {
        let settling = to.settling();
        let is_made = self.exchange(from, settling);
        if is_made {
            write();
            // Fails if the state was forced meanwhile, which then stands.
            self.exchange(settling, to);
            self.publish(from, to);
        }
        is_made
    }

    /// Writes a transition for its readers, and calls the hook. The transition is complete before.
    fn publish(&self, from: Control, to: Control) {
        self.ring.write(from, to);
        if let Some(hook) = self.built.settings.on_transition {
            self.delivery.run(&self.control, &self.ring, hook);
        }
    }

    /// Returns when this opening ends; `None` if the breaker has made a transition since.
    pub(crate) fn open_until(&self, open: Control) -> Option<u64> {
        let until = self.openings.of(open).until();
        (self.control() == open).then_some(until)
    }
}

// Not derived: `B` and `C` need not be `Debug`.
impl<T: Trip, B, C, On> fmt::Debug for CircuitBreaker<T, B, C, On> {
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
