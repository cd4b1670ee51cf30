//! Gates, which admit or reject attempts: [`Gate`], [`Report`]. A circuit breaker is a gate.
//!
//! # For callers
//!
//! [`Run::breaker`](crate::Run::breaker), [`Run::bulkhead`](crate::Run::bulkhead) and [`Run::gate`](crate::Run::gate) put
//! a gate before each attempt of a run: a `CircuitBreaker` of `persevere::breaker`, a `Bulkhead` of `persevere::limit`, or
//! any other gate. [`Run::pace`](crate::Run::pace) waits until the gate admits the attempt.
//!
//! # For implementors
//!
//! A [`Gate`] admits an attempt by a permit. When the attempt has ended, [`Report`] receives the permit. If the run is
//! dropped, or another gate rejects the attempt, the permit is dropped, and then has to give its place back. Both traits
//! take `&self`, from many threads at once.
//!
//! ```
//! use persevere::gate::{Ended, Gate, Rejected, Report};
//! use persevere::{Policy, StopReason, ThreadSleeper};
//! use std::{cell::Cell, time::Duration};
//!
//! /// Admits the given number of attempts in all.
//! struct Tickets(Cell<u32>);
//!
//! impl Gate for &Tickets {
//!     type Permit = ();
//!
//!     fn admit(&self, _now: Duration) -> Result<(), Rejected> {
//!         self.0.set(self.0.get().checked_sub(1).ok_or(Rejected::indefinitely())?);
//!         Ok(())
//!     }
//! }
//!
//! impl<T, E> Report<T, E> for &Tickets {
//!     fn report(&self, _permit: (), _ended: Ended<'_, T, E>, _clock: impl Fn() -> Duration) {}
//! }
//!
//! let tickets = Tickets(Cell::new(2));
//! let policy = Policy::fixed(Duration::ZERO).max_attempts(5);
//! let error = policy.on(ThreadSleeper).gate(&tickets).run_blocking(|| Err::<(), _>("no")).unwrap_err();
//! assert_eq!((error.reason(), error.attempts()), (StopReason::Rejected, 2));
//! ```

use crate::run::order;
#[cfg(feature = "alloc")]
use alloc::sync::Arc;
use core::error::Error;
use core::fmt;
use core::time::Duration;

/// Admits attempts, or rejects them.
#[diagnostic::on_unimplemented(
    message = "`{Self}` admits no attempts",
    note = "pass a circuit breaker or limit by reference or in an `Arc`, or a `SharedBreaker` by value, so that all runs share it"
)]
pub trait Gate {
    /// The permit that an admitted attempt holds until it has ended. Dropped without a report, it gives its place back.
    type Permit;

    /// Admits an attempt that begins at `now`.
    ///
    /// # Errors
    ///
    /// [`Rejected`] if the attempt is not to be made.
    fn admit(&self, now: Duration) -> Result<Self::Permit, Rejected>;

    /// [`admit`](Gate::admit) for a gate that reads the clock only if it has to.
    ///
    /// # Errors
    ///
    /// [`Rejected`] if the attempt is not to be made.
    #[inline]
    fn admit_by(&self, clock: impl Fn() -> Duration) -> Result<Self::Permit, Rejected>
    where
        Self: Sized,
    {
        self.admit(clock())
    }

    /// Called for a gate of [`Run::pace`](crate::Run::pace) or [`Run::bulkhead`](crate::Run::bulkhead) when an attempt
    /// failed with a hint that the policy accepts, before the report. `hint` is at most the policy's
    /// [`max_hint`](crate::Policy::max_hint), and not spread. Does nothing by default.
    #[inline]
    fn hinted(&self, hint: Duration, now: Duration) {
        let _ = (hint, now);
    }
}

/// Receives the outcome of each attempt that the gate admitted, and that returns `Result<T, E>`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not judge `Result<{T}, {E}>`",
    label = "the operation fails with `{E}`, which the breaker's classifier does not know",
    note = "a circuit breaker counts every error unless its `classify` or `failure_if` sets a classifier for another type"
)]
pub trait Report<T, E>: Gate {
    /// Called exactly once for each attempt that was admitted and not dropped.
    fn report(&self, permit: Self::Permit, ended: Ended<'_, T, E>, clock: impl Fn() -> Duration)
    where
        Self: Sized;
}

impl<N: Gate> Gate for Option<N> {
    type Permit = Option<N::Permit>;

    fn admit(&self, now: Duration) -> Result<Self::Permit, Rejected> {
        self.as_ref().map(|gate| gate.admit(now)).transpose()
    }

    fn admit_by(&self, clock: impl Fn() -> Duration) -> Result<Self::Permit, Rejected> {
        self.as_ref().map(|gate| gate.admit_by(clock)).transpose()
    }

    fn hinted(&self, hint: Duration, now: Duration) {
        if let Some(gate) = self {
            gate.hinted(hint, now);
        }
    }
}

impl<T, E, N: Report<T, E>> Report<T, E> for Option<N> {
    fn report(&self, permit: Option<N::Permit>, ended: Ended<'_, T, E>, clock: impl Fn() -> Duration) {
        if let (Some(gate), Some(permit)) = (self, permit) {
            gate.report(permit, ended, clock);
        }
    }
}

/// A gate whose `Arc` is a [`Gate`]. Implement it for a type whose permits borrow it, so that callers can pass an `Arc`
/// as well as a reference. Only the crate of the type can do so, since `Arc` is a foreign type.
#[cfg(feature = "alloc")]
pub trait ArcGate {
    /// [`Gate::Permit`], which keeps the `Arc` instead of a reference.
    type Permit;

    /// [`Gate::admit_by`].
    ///
    /// # Errors
    ///
    /// [`Rejected`] if the attempt is not to be made.
    fn admit_by(self: &Arc<Self>, clock: impl Fn() -> Duration) -> Result<Self::Permit, Rejected>;

    /// [`Gate::hinted`].
    fn hinted(self: &Arc<Self>, hint: Duration, now: Duration) {
        let _ = (hint, now);
    }
}

/// [`Report`] for an [`ArcGate`].
#[cfg(feature = "alloc")]
pub trait ArcReport<T, E>: ArcGate {
    /// [`Report::report`].
    fn report(self: &Arc<Self>, permit: Self::Permit, ended: Ended<'_, T, E>, clock: impl Fn() -> Duration);
}

#[cfg(feature = "alloc")]
impl<N: ArcGate> Gate for Arc<N> {
    type Permit = N::Permit;

    fn admit(&self, now: Duration) -> Result<N::Permit, Rejected> {
        N::admit_by(self, || now)
    }

    fn admit_by(&self, clock: impl Fn() -> Duration) -> Result<N::Permit, Rejected> {
        N::admit_by(self, clock)
    }

    fn hinted(&self, hint: Duration, now: Duration) {
        N::hinted(self, hint, now);
    }
}

#[cfg(feature = "alloc")]
impl<T, E, N: ArcReport<T, E>> Report<T, E> for Arc<N> {
    fn report(&self, permit: N::Permit, ended: Ended<'_, T, E>, clock: impl Fn() -> Duration) {
        N::report(self, permit, ended, clock);
    }
}

/// Makes a step of a call that a gate admitted, such as a poll of its future. For layers and other drivers of gates: a
/// run does this for its own gates.
///
/// In debug builds a breaker then detects a rejection within the call: see [`Misplaced`](crate::observe::Misplaced). In
/// release builds it only calls `step`.
///
/// ```
/// use persevere::gate;
/// use std::future::Future;
/// use std::pin::Pin;
/// use std::task::{Context, Poll};
///
/// fn poll<F: Future>(call: Pin<&mut F>, context: &mut Context<'_>) -> Poll<F::Output> {
///     gate::within_call(|| call.poll(context))
/// }
/// ```
#[inline(always)]
pub fn within_call<R>(step: impl FnOnce() -> R) -> R {
    let _within = order::enter(false);
    step()
}

/// How an admitted attempt ended.
#[derive(Debug)]
#[non_exhaustive]
pub enum Ended<'a, T, E> {
    /// It returned.
    Returned(&'a Result<T, E>),
    /// It timed out.
    TimedOut,
    /// It panicked.
    Panicked,
    /// It was dropped, since another call of the same operation was faster, such as the other leg of a hedge.
    Superseded,
}

impl<T, E> Clone for Ended<'_, T, E> {
    #[inline]
    fn clone(&self) -> Self {
        *self
    }
}

impl<T, E> Copy for Ended<'_, T, E> {}

/// A rejected attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rejected {
    retry_after: Option<Duration>,
}

impl Rejected {
    /// A rejection for now: try again after `retry_after`, which is zero if the time is not known.
    #[must_use]
    pub const fn for_now(retry_after: Duration) -> Rejected {
        Rejected {
            retry_after: Some(retry_after),
        }
    }

    /// A rejection until somebody changes the gate, so that no run waits for it.
    #[must_use]
    pub const fn indefinitely() -> Rejected {
        Rejected { retry_after: None }
    }

    /// The time after which to try again; `None` if no wait helps.
    #[must_use]
    pub const fn retry_after(self) -> Option<Duration> {
        self.retry_after
    }

    /// Returns this rejection. In debug builds it also notes that the rejection becomes the error of a call. A run or
    /// breaker around the call can then report that it stands in a wrong order: see
    /// [`Misplaced`](crate::observe::Misplaced). For layers and other drivers of gates.
    ///
    /// ```
    /// use persevere::gate::{Gate, Rejected};
    /// use std::error::Error;
    ///
    /// fn call(gate: impl Gate) -> Result<u32, Box<dyn Error>> {
    ///     let _permit = gate.admit_by(Default::default).map_err(Rejected::as_error)?;
    ///     Ok(7)
    /// }
    /// ```
    #[must_use]
    #[inline(always)]
    pub fn as_error(self) -> Rejected {
        order::note_rejection();
        self
    }
}

impl fmt::Display for Rejected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.retry_after {
            None => f.write_str("rejected, and no wait helps"),
            Some(Duration::ZERO) => f.write_str("rejected"),
            Some(left) => write!(f, "rejected, try again in {left:?}"),
        }
    }
}

impl Error for Rejected {}
