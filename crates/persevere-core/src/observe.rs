//! [`Observer`] and [`Event`]: what happens in runs, for logs and statistics.
//!
//! # For callers
//!
//! [`Run::on_retry`](crate::Run::on_retry) takes a closure that is called before each wait,
//! [`Run::on_event`](crate::Run::on_event) a closure that receives every event, [`Run::observe`](crate::Run::observe) any
//! [`Observer`]. A run may have several, and each receives every event.
//!
//! # For implementors
//!
//! See [`Observer`].

#[cfg(all(feature = "std", target_has_atomic = "64"))]
mod at_most_every;
#[cfg(feature = "global-observer")]
pub(crate) mod global;
mod misplaced;
#[cfg(all(feature = "std", target_has_atomic = "32"))]
mod registry;
#[cfg(target_has_atomic = "32")]
mod stats;

#[cfg(all(feature = "std", target_has_atomic = "64"))]
pub use at_most_every::{AtMostEvery, at_most_every};

#[cfg(feature = "global-observer")]
pub use global::{GlobalIsSet, UnknownError, set_global};
pub use misplaced::Misplaced;
#[cfg(all(feature = "std", target_has_atomic = "32"))]
pub use registry::{RegistrySnapshot, StatsRegistry};
#[cfg(target_has_atomic = "32")]
pub use stats::{ByReason, Stats, StatsSnapshot};

use crate::classify::Verdict;
use crate::error::StopReason;
use core::cell::RefCell;
use core::fmt;
use core::time::Duration;

/// An event of a run.
///
/// The events of one run are in order and complete. `Started` is the first. Each attempt has `AttemptStarted`, and
/// `Failed` if it did not succeed. Each attempt that a gate rejected has `Rejected`. After `Failed` and `Rejected`
/// comes `Waiting`, unless it was the last attempt. Before an attempt comes `Paced` for each wait for a gate. Exactly
/// one of `Succeeded` and `GaveUp` is the last. A run that is dropped or unwinds has no end.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event<'a, E> {
    /// A run begins; no attempt has been made.
    #[non_exhaustive]
    Started {},
    /// An attempt begins.
    #[non_exhaustive]
    AttemptStarted {
        /// The attempt's number, from 1.
        attempt: u32,
    },
    /// An attempt did not succeed.
    #[non_exhaustive]
    Failed {
        /// The attempt's number, from 1.
        attempt: u32,
        /// How it failed.
        failure: Failure<'a, E>,
        /// The classifier's verdict; retry for an attempt that timed out.
        verdict: Verdict,
        /// How long the attempt took; `None` if the run reads no clock. Only a run with a limit of time reads it.
        took: Option<Duration>,
    },
    /// An attempt was not made, since a breaker or another gate rejected it.
    #[non_exhaustive]
    Rejected {
        /// The number that the attempt would have had, from 1.
        attempt: u32,
        /// The time after which the gate may admit an attempt; `None` if no wait helps.
        retry_after: Option<Duration>,
    },
    /// The run is about to wait for a gate: see [`Run::pace`](crate::Run::pace). The wait is counted in `waited` alone.
    #[non_exhaustive]
    Paced {
        /// The number of the attempt that waits, from 1.
        attempt: u32,
        /// How long this wait is going to be. The gate may reject the attempt again after it.
        delay: Duration,
    },
    /// The run is about to wait.
    #[non_exhaustive]
    Waiting {
        /// The number of the attempt that failed or was rejected.
        attempt: u32,
        /// How it failed.
        failure: Failure<'a, E>,
        /// How long this wait is going to be.
        delay: Duration,
    },
    /// The operation succeeded.
    #[non_exhaustive]
    Succeeded {
        /// How many attempts it took: 1 means no retry.
        attempts: u32,
        /// The sum of the waits.
        waited: Duration,
        /// How long the last attempt took; `None` if the run reads no clock.
        took: Option<Duration>,
    },
    /// The run ended without success.
    #[non_exhaustive]
    GaveUp {
        /// Why.
        reason: StopReason,
        /// How many attempts were made.
        attempts: u32,
        /// The sum of the waits.
        waited: Duration,
        /// How the last attempt failed; `None` if the run ended before it made an attempt, or while it waited.
        failure: Option<Failure<'a, E>>,
    },
}

/// How an attempt failed.
#[derive(Debug)]
#[non_exhaustive]
pub enum Failure<'a, E> {
    /// The operation returned an error.
    Error(&'a E),
    /// The operation returned an `Ok` that the classifier did not accept.
    #[non_exhaustive]
    Unaccepted {},
    /// The attempt timed out.
    #[non_exhaustive]
    TimedOut {},
    /// The attempt was not made, since a breaker or another gate rejected it.
    #[non_exhaustive]
    Rejected {},
}

impl<'a, E> Failure<'a, E> {
    /// The error, if there was one.
    #[inline]
    #[must_use]
    pub const fn error(self) -> Option<&'a E> {
        match self {
            Failure::Error(error) => Some(error),
            Failure::Unaccepted {} | Failure::TimedOut {} | Failure::Rejected {} => None,
        }
    }

    /// A stable name in snake case, for labels of metrics and fields of logs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Failure::Error(_) => "error",
            Failure::Unaccepted {} => "unaccepted",
            Failure::TimedOut {} => "timed_out",
            Failure::Rejected {} => "rejected",
        }
    }
}

impl<E: fmt::Display> fmt::Display for Failure<'_, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Error(error) => error.fmt(f),
            Failure::Unaccepted {} => f.write_str("the result was not accepted"),
            Failure::TimedOut {} => f.write_str("the attempt timed out"),
            Failure::Rejected {} => f.write_str("rejected by a breaker or limit"),
        }
    }
}

impl<E> Clone for Failure<'_, E> {
    #[inline]
    fn clone(&self) -> Self {
        *self
    }
}

impl<E> Copy for Failure<'_, E> {}

/// Receives the events of runs whose operation fails with `E`.
///
/// The run calls `on_event`, so it should be quick and must not block. It takes `&self`, since one observer may be shared
/// by many runs at once. If it panics, the run unwinds.
///
/// `()` ignores all events, `(A, B)` passes each event to both, and an `Option` may be `None`. Anything behind `&`, `Box`
/// or `Arc` works as it is.
///
/// ```
/// use persevere::{Event, Observer, Policy, ThreadSleeper};
/// use std::{cell::Cell, time::Duration};
///
/// #[derive(Default)]
/// struct CountRetries(Cell<u32>);
///
/// impl<E> Observer<E> for CountRetries {
///     fn on_event(&self, event: &Event<'_, E>) {
///         if let Event::Waiting { .. } = event {
///             self.0.set(self.0.get() + 1);
///         }
///     }
/// }
///
/// let retries = CountRetries::default();
/// let _ = Policy::fixed(Duration::ZERO)
///     .on(ThreadSleeper)
///     .observe(&retries)
///     .run_blocking(|| Err::<(), _>("no"));
/// assert_eq!(retries.0.get(), 2);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not observe runs that fail with `{E}`",
    note = "`.on_retry(|attempt, error, delay| ..)` and `.on_event(|event| ..)` take closures"
)]
pub trait Observer<E> {
    /// Called at each event, in order.
    fn on_event(&self, event: &Event<'_, E>);

    /// Whether this observer replaces the observer of the program, which then receives no events of its runs. For an
    /// observer that does the same with more data about the run, such as its name. `false` by default. See
    /// `observe::set_global`.
    #[inline]
    fn replaces_global(&self) -> bool {
        false
    }

    /// Called in debug builds when parts are found in a wrong order, at most once in a process for each variant.
    /// Returns whether the observer reported it, such as in a log. If not, the observer of the program is called. If
    /// that one does not report it either, it is printed to standard error. `false` by default.
    fn on_misplaced(&self, misplaced: Misplaced) -> bool {
        let _ = misplaced;
        false
    }
}

impl<E> Observer<E> for () {
    #[inline]
    fn on_event(&self, _: &Event<'_, E>) {}
}

impl<E, A: Observer<E>, B: Observer<E>> Observer<E> for (A, B) {
    #[inline]
    fn on_event(&self, event: &Event<'_, E>) {
        self.0.on_event(event);
        self.1.on_event(event);
    }

    #[inline]
    fn replaces_global(&self) -> bool {
        self.0.replaces_global() || self.1.replaces_global()
    }

    fn on_misplaced(&self, misplaced: Misplaced) -> bool {
        let first = self.0.on_misplaced(misplaced);
        self.1.on_misplaced(misplaced) || first
    }
}

impl<E, O: Observer<E> + ?Sized> Observer<E> for &O {
    #[inline]
    fn on_event(&self, event: &Event<'_, E>) {
        (**self).on_event(event);
    }

    #[inline]
    fn replaces_global(&self) -> bool {
        (**self).replaces_global()
    }

    fn on_misplaced(&self, misplaced: Misplaced) -> bool {
        (**self).on_misplaced(misplaced)
    }
}

#[cfg(feature = "alloc")]
impl<E, O: Observer<E> + ?Sized> Observer<E> for alloc::sync::Arc<O> {
    #[inline]
    fn on_event(&self, event: &Event<'_, E>) {
        (**self).on_event(event);
    }

    #[inline]
    fn replaces_global(&self) -> bool {
        (**self).replaces_global()
    }

    fn on_misplaced(&self, misplaced: Misplaced) -> bool {
        (**self).on_misplaced(misplaced)
    }
}

#[cfg(feature = "alloc")]
impl<E, O: Observer<E> + ?Sized> Observer<E> for alloc::boxed::Box<O> {
    #[inline]
    fn on_event(&self, event: &Event<'_, E>) {
        (**self).on_event(event);
    }

    #[inline]
    fn replaces_global(&self) -> bool {
        (**self).replaces_global()
    }

    fn on_misplaced(&self, misplaced: Misplaced) -> bool {
        (**self).on_misplaced(misplaced)
    }
}

impl<E, O: Observer<E>> Observer<E> for Option<O> {
    #[inline]
    fn on_event(&self, event: &Event<'_, E>) {
        if let Some(observer) = self {
            observer.on_event(event);
        }
    }

    #[inline]
    fn replaces_global(&self) -> bool {
        self.as_ref().is_some_and(Observer::replaces_global)
    }

    fn on_misplaced(&self, misplaced: Misplaced) -> bool {
        self.as_ref().is_some_and(|observer| observer.on_misplaced(misplaced))
    }
}

/// An observer from a closure.
///
/// ```
/// use persevere::observe::{self, Event};
/// let print = observe::from_fn(|event: &Event<'_, std::io::Error>| println!("{event:?}"));
/// ```
#[inline]
#[must_use]
pub const fn from_fn<E, F: Fn(&Event<'_, E>)>(f: F) -> FromFn<F> {
    FromFn(f)
}

/// A closure as an observer; made by [`from_fn`] and [`Run::on_event`](crate::Run::on_event).
#[derive(Clone, Copy)]
pub struct FromFn<F>(F);

impl<E, F: Fn(&Event<'_, E>)> Observer<E> for FromFn<F> {
    #[inline]
    fn on_event(&self, event: &Event<'_, E>) {
        (self.0)(event);
    }
}

/// A closure that is called before each wait; made by [`Run::on_retry`](crate::Run::on_retry).
pub struct OnRetry<F>(RefCell<F>);

impl<F> OnRetry<F> {
    pub(crate) const fn new(f: F) -> Self {
        OnRetry(RefCell::new(f))
    }
}

impl<E, F: FnMut(u32, Option<&E>, Duration)> Observer<E> for OnRetry<F> {
    #[inline]
    fn on_event(&self, event: &Event<'_, E>) {
        if let Event::Waiting {
            attempt,
            failure,
            delay,
        } = event
        {
            (self.0.borrow_mut())(*attempt, failure.error(), *delay);
        }
    }
}

impl<F> fmt::Debug for FromFn<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FromFn")
    }
}

impl<F> fmt::Debug for OnRetry<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OnRetry")
    }
}
