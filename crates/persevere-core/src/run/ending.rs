//! The results of runs: a value or a [`RetryError`], the last outcome, or everything that is known of the run.

use crate::error::{RetryError, StopReason};
use crate::machine::Machine;
use core::time::Duration;

/// The result of a run, and the part of a failed outcome that it keeps to return it later. Sealed.
pub trait Ending<T, E>: sealed::Sealed {
    /// The result of the run.
    type Output;
    /// The part that it keeps of an outcome that was not accepted.
    type Kept;
    /// Whether the run cannot end without an outcome, so that its first attempt is always made to its end.
    #[doc(hidden)]
    const NEEDS_OUTCOME: bool = false;
    /// Keeps what the run may return later.
    #[doc(hidden)]
    fn keep(outcome: Result<T, E>) -> Option<Self::Kept>;
    /// The output of a run that succeeded.
    #[doc(hidden)]
    fn succeeded(value: T, machine: &Machine) -> Self::Output;
    /// The output of a run that gave up.
    #[doc(hidden)]
    fn gave_up(kept: Option<Self::Kept>, machine: &Machine, now: Option<u64>) -> Self::Output;
}

/// A value, or a [`RetryError`]: the default.
#[derive(Debug, Clone, Copy)]
pub struct Explained;

impl<T, E> Ending<T, E> for Explained {
    type Output = Result<T, RetryError<E>>;
    type Kept = E;

    #[inline]
    fn keep(outcome: Result<T, E>) -> Option<E> {
        outcome.err()
    }

    #[inline]
    fn succeeded(value: T, _: &Machine) -> Self::Output {
        Ok(value)
    }

    #[inline]
    fn gave_up(kept: Option<E>, machine: &Machine, now: Option<u64>) -> Self::Output {
        Err(machine.error(now, kept))
    }
}

/// As [`Explained`], but the last `Ok` is returned even if it was not accepted: see
/// [`Run::accept_last`](crate::Run::accept_last).
#[derive(Debug, Clone, Copy)]
pub struct AcceptLast;

impl<T, E> Ending<T, E> for AcceptLast {
    type Output = Result<T, RetryError<E>>;
    type Kept = Result<T, E>;

    #[inline]
    fn keep(outcome: Result<T, E>) -> Option<Result<T, E>> {
        Some(outcome)
    }

    #[inline]
    fn succeeded(value: T, _: &Machine) -> Self::Output {
        Ok(value)
    }

    #[inline]
    fn gave_up(kept: Option<Result<T, E>>, machine: &Machine, now: Option<u64>) -> Self::Output {
        let last = match kept {
            Some(Ok(value)) => return Ok(value),
            Some(Err(error)) => Some(error),
            None => None,
        };
        Err(machine.error(now, last))
    }
}

/// The last outcome as it is: for a function under `#[retry]` that does not return a [`RetryError`].
#[derive(Debug, Clone, Copy)]
pub struct Bare;

impl<T, E> Ending<T, E> for Bare {
    type Output = Result<T, E>;
    type Kept = Result<T, E>;
    const NEEDS_OUTCOME: bool = true;

    #[inline]
    fn keep(outcome: Result<T, E>) -> Option<Result<T, E>> {
        Some(outcome)
    }

    #[inline]
    fn succeeded(value: T, _: &Machine) -> Self::Output {
        Ok(value)
    }

    #[inline]
    fn gave_up(kept: Option<Result<T, E>>, _: &Machine, _: Option<u64>) -> Self::Output {
        kept.expect("a run that needs an outcome makes its first attempt to its end")
    }
}

/// The reason alone, for a loop of the caller's own: see [`Steps`](crate::run::Steps).
#[derive(Debug, Clone, Copy)]
pub struct Stepwise;

impl<T, E> Ending<T, E> for Stepwise {
    type Output = StopReason;
    type Kept = core::convert::Infallible;

    fn keep(_: Result<T, E>) -> Option<Self::Kept> {
        None
    }

    fn succeeded(_: T, machine: &Machine) -> StopReason {
        machine.reason()
    }

    fn gave_up(_: Option<Self::Kept>, machine: &Machine, _: Option<u64>) -> StopReason {
        machine.reason()
    }
}

/// Everything that is known of a run: see [`Run::whole`](crate::Run::whole).
#[derive(Debug, Clone, Copy)]
pub struct Whole;

/// A run that has ended, whichever way; returned by the run methods after [`Run::whole`](crate::Run::whole).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Ended<T, E> {
    /// The last outcome: accepted if `reason` is `None`. `None` if no attempt returned.
    pub outcome: Option<Result<T, E>>,
    /// Why the run gave up; `None` if it succeeded.
    pub reason: Option<StopReason>,
    /// How many times the operation was called.
    pub attempts: u32,
    /// The sum of the waits that were made to their end.
    pub waited: Duration,
    /// The time after which to try again, from the last failure or the circuit breaker; `None` if neither has a time.
    pub retry_after: Option<Duration>,
}

impl<T, E> Ending<T, E> for Whole {
    type Output = Ended<T, E>;
    type Kept = Result<T, E>;

    #[inline]
    fn keep(outcome: Result<T, E>) -> Option<Result<T, E>> {
        Some(outcome)
    }

    fn succeeded(value: T, machine: &Machine) -> Self::Output {
        Ended {
            outcome: Some(Ok(value)),
            reason: None,
            attempts: machine.attempt(),
            waited: machine.waited(),
            retry_after: None,
        }
    }

    fn gave_up(kept: Option<Result<T, E>>, machine: &Machine, now: Option<u64>) -> Self::Output {
        let error = machine.error::<()>(now, None);
        Ended {
            outcome: kept,
            reason: Some(error.reason()),
            attempts: error.attempts(),
            waited: error.waited(),
            retry_after: error.retry_after(),
        }
    }
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::Explained {}
    impl Sealed for super::AcceptLast {}
    impl Sealed for super::Bare {}
    impl Sealed for super::Stepwise {}
    impl Sealed for super::Whole {}
}
