//! What lets attempts through or not: [`Gate`], [`Report`]. A circuit breaker is one.
//!
//! # For callers
//!
//! [`Run::breaker`](crate::Run::breaker) puts a gate before each attempt of a run: a `CircuitBreaker` of `persevere::breaker`,
//! or anything else that is a gate, such as a limit of the rate or of the calls at once.
//!
//! # For implementors
//!
//! A [`Gate`] lets an attempt through by a permit, which is reported by [`Report`] when the attempt has ended, or dropped when
//! the run is, so that a permit gives its place back when it is dropped. Both take `&self`, from many threads at once.
//!
//! ```
//! use persevere::gate::{Ended, Gate, Refused, Report};
//! use persevere::{Policy, StopReason, ThreadSleeper};
//! use std::{cell::Cell, time::Duration};
//!
//! /// So many attempts in all.
//! struct Tickets(Cell<u32>);
//!
//! impl Gate for &Tickets {
//!     type Permit = ();
//!
//!     fn enter(&self, _now: Duration) -> Result<(), Refused> {
//!         self.0.set(self.0.get().checked_sub(1).ok_or(Refused::until_told())?);
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
//! let error = policy.on(ThreadSleeper).breaker(&tickets).run_blocking(|| Err::<(), _>("no")).unwrap_err();
//! assert_eq!((error.reason(), error.attempts()), (StopReason::Rejected, 2));
//! ```

use core::time::Duration;

/// Lets an attempt through, or not.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not let attempts through",
    note = "`.breaker(&breaker)` takes a circuit breaker by reference, so that all runs share it; write `&*breaker` for one in an `Arc`"
)]
pub trait Gate {
    /// What an attempt that was let through holds until it has ended. Dropped without a report, it gives its place back.
    type Permit;

    /// Lets an attempt through that begins `now`.
    ///
    /// # Errors
    ///
    /// [`Refused`] if it is not to be made.
    fn enter(&self, now: Duration) -> Result<Self::Permit, Refused>;

    /// [`enter`](Gate::enter) for a gate that need not look at a clock each time.
    ///
    /// # Errors
    ///
    /// [`Refused`] if the attempt is not to be made.
    #[inline]
    fn enter_by(&self, clock: impl Fn() -> Duration) -> Result<Self::Permit, Refused> {
        self.enter(clock())
    }
}

/// Is told how an attempt ended that a [`Gate`] has let through, and that returns `Result<T, E>`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not judge `Result<{T}, {E}>`",
    label = "the operation fails with `{E}`, which the breaker's classifier does not know",
    note = "a circuit breaker counts every error unless its `classify` or `failure_if` sets a classifier for another type"
)]
pub trait Report<T, E>: Gate {
    /// Called exactly once for each attempt that was let through and not dropped.
    fn report(&self, permit: Self::Permit, ended: Ended<'_, T, E>, clock: impl Fn() -> Duration);
}

/// How an attempt ended that was let through.
#[derive(Debug)]
#[non_exhaustive]
pub enum Ended<'a, T, E> {
    /// It returned.
    Returned(&'a Result<T, E>),
    /// It was cut off by its timeout.
    TimedOut,
    /// It panicked.
    Panicked,
}

impl<T, E> Clone for Ended<'_, T, E> {
    #[inline]
    fn clone(&self) -> Self {
        *self
    }
}

impl<T, E> Copy for Ended<'_, T, E> {}

/// An attempt that was not let through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refused {
    retry_after: Option<Duration>,
}

impl Refused {
    /// Not now, but there is a point in asking again after so long: zero if that is not known.
    #[must_use]
    pub const fn for_now(retry_after: Duration) -> Refused {
        Refused {
            retry_after: Some(retry_after),
        }
    }

    /// Not until somebody says otherwise, so that no run waits for it.
    #[must_use]
    pub const fn until_told() -> Refused {
        Refused { retry_after: None }
    }

    /// After how long there is a point in asking again; `None` if no time will do.
    #[must_use]
    pub const fn retry_after(self) -> Option<Duration> {
        self.retry_after
    }
}
