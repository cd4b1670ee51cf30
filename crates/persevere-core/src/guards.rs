//! What guards the attempts of a run: its breakers and its budgets.

use crate::budget::{Account, Budget, Class, Exhausted, LastFailure};
use crate::error::StopReason;
use crate::gate::{Ended, Gate, Refused, Report};
use crate::observe::Failure;
use core::time::Duration;

/// The breakers and the budgets of a run: `()`, or a pair of others and one more. Sealed: implement
/// [`Gate`](crate::gate::Gate) or [`Budget`](crate::budget::Budget).
pub trait Guards<T, E>: sealed::Guards<T, E> {}

impl<T, E, G: sealed::Guards<T, E>> Guards<T, E> for G {}

/// A breaker in its run, with the permit of the attempt that is being made.
#[derive(Debug)]
pub struct Gated<N: Gate> {
    gate: N,
    permit: Option<N::Permit>,
}

impl<N: Gate> Gated<N> {
    pub(crate) const fn new(gate: N) -> Self {
        Gated { gate, permit: None }
    }
}

/// A budget in its run, with what the run has withdrawn.
#[derive(Debug)]
pub struct Budgeted<B: Budget, F> {
    account: Account<B>,
    class: F,
}

impl<B: Budget, F> Budgeted<B, F> {
    pub(crate) const fn new(budget: B, class: F) -> Self {
        Budgeted {
            account: Account::open(budget),
            class,
        }
    }

    #[inline]
    fn now(&self, clock: impl Fn() -> Duration) -> Duration {
        if self.account.budget().is_timed() {
            clock()
        } else {
            Duration::ZERO
        }
    }
}

/// Every failure is transient, but for attempts that were cut off.
#[derive(Debug, Clone, Copy)]
pub struct AnyClass;

pub(crate) mod sealed {
    use super::*;

    /// What a run tells its guards of each attempt, whatever it returns.
    pub trait Admit {
        /// An attempt wants to be made. A driver that cannot tell a panic from a drop has the time read `at_once`.
        fn enter(&mut self, clock: impl Fn() -> Duration, at_once: bool) -> Result<(), Refused>;
        /// It is about to be made.
        fn begin(&mut self, clock: impl Fn() -> Duration);
        /// It succeeded.
        fn succeeded(&mut self, clock: impl Fn() -> Duration);
    }

    /// What a run tells its guards of an attempt that failed.
    pub trait Spend<E>: Admit {
        /// It is worth another.
        fn withdraw(&mut self, failure: Failure<'_, E>, clock: impl Fn() -> Duration) -> Result<(), Exhausted>;
        /// No attempt follows, and not for want of budget.
        fn gave_up(&mut self, reason: StopReason, failure: Failure<'_, E>, clock: impl Fn() -> Duration);
    }

    /// What a run tells its guards of how an attempt ended, before anything is made of it.
    pub trait Guards<T, E>: Spend<E> {
        fn report(&mut self, ended: Ended<'_, T, E>, clock: impl Fn() -> Duration);
    }

    impl Admit for () {
        #[inline(always)]
        fn enter(&mut self, _: impl Fn() -> Duration, _: bool) -> Result<(), Refused> {
            Ok(())
        }

        #[inline(always)]
        fn begin(&mut self, _: impl Fn() -> Duration) {}

        #[inline(always)]
        fn succeeded(&mut self, _: impl Fn() -> Duration) {}
    }

    impl<E> Spend<E> for () {
        #[inline(always)]
        fn withdraw(&mut self, _: Failure<'_, E>, _: impl Fn() -> Duration) -> Result<(), Exhausted> {
            Ok(())
        }

        #[inline(always)]
        fn gave_up(&mut self, _: StopReason, _: Failure<'_, E>, _: impl Fn() -> Duration) {}
    }

    impl<T, E> Guards<T, E> for () {
        #[inline(always)]
        fn report(&mut self, _: Ended<'_, T, E>, _: impl Fn() -> Duration) {}
    }

    impl<A: Admit, B: Admit> Admit for (A, B) {
        #[inline]
        fn enter(&mut self, clock: impl Fn() -> Duration, at_once: bool) -> Result<(), Refused> {
            self.0.enter(&clock, at_once)?;
            self.1.enter(&clock, at_once)
        }

        #[inline]
        fn begin(&mut self, clock: impl Fn() -> Duration) {
            self.0.begin(&clock);
            self.1.begin(&clock);
        }

        #[inline]
        fn succeeded(&mut self, clock: impl Fn() -> Duration) {
            self.0.succeeded(&clock);
            self.1.succeeded(&clock);
        }
    }

    impl<E, A: Spend<E>, B: Spend<E>> Spend<E> for (A, B) {
        #[inline]
        fn withdraw(&mut self, failure: Failure<'_, E>, clock: impl Fn() -> Duration) -> Result<(), Exhausted> {
            self.0.withdraw(failure, &clock)?;
            self.1.withdraw(failure, &clock)
        }

        #[inline]
        fn gave_up(&mut self, reason: StopReason, failure: Failure<'_, E>, clock: impl Fn() -> Duration) {
            self.0.gave_up(reason, failure, &clock);
            self.1.gave_up(reason, failure, &clock);
        }
    }

    impl<T, E, A: Guards<T, E>, B: Guards<T, E>> Guards<T, E> for (A, B) {
        #[inline]
        fn report(&mut self, ended: Ended<'_, T, E>, clock: impl Fn() -> Duration) {
            self.0.report(ended, &clock);
            self.1.report(ended, &clock);
        }
    }

    impl<N: Gate> Admit for Gated<N> {
        #[inline]
        fn enter(&mut self, clock: impl Fn() -> Duration, at_once: bool) -> Result<(), Refused> {
            // If another gate refused what this one had let through, the place goes back first.
            self.permit = None;
            self.permit = Some(if at_once {
                self.gate.enter(clock())?
            } else {
                self.gate.enter_by(clock)?
            });
            Ok(())
        }

        #[inline(always)]
        fn begin(&mut self, _: impl Fn() -> Duration) {}

        #[inline(always)]
        fn succeeded(&mut self, _: impl Fn() -> Duration) {}
    }

    impl<E, N: Gate> Spend<E> for Gated<N> {
        #[inline(always)]
        fn withdraw(&mut self, _: Failure<'_, E>, _: impl Fn() -> Duration) -> Result<(), Exhausted> {
            Ok(())
        }

        #[inline(always)]
        fn gave_up(&mut self, _: StopReason, _: Failure<'_, E>, _: impl Fn() -> Duration) {}
    }

    impl<T, E, N: Report<T, E>> Guards<T, E> for Gated<N> {
        #[inline]
        fn report(&mut self, ended: Ended<'_, T, E>, clock: impl Fn() -> Duration) {
            if let Some(permit) = self.permit.take() {
                self.gate.report(permit, ended, clock);
            }
        }
    }

    impl<B: Budget, F> Admit for Budgeted<B, F> {
        #[inline(always)]
        fn enter(&mut self, _: impl Fn() -> Duration, _: bool) -> Result<(), Refused> {
            Ok(())
        }

        #[inline]
        fn begin(&mut self, clock: impl Fn() -> Duration) {
            let now = self.now(clock);
            self.account.attempt(now);
        }

        #[inline]
        fn succeeded(&mut self, clock: impl Fn() -> Duration) {
            let now = self.now(clock);
            self.account.succeeded(now);
        }
    }

    impl<E, B: Budget, F: ClassOf<E>> Spend<E> for Budgeted<B, F> {
        #[inline]
        fn withdraw(&mut self, failure: Failure<'_, E>, clock: impl Fn() -> Duration) -> Result<(), Exhausted> {
            let now = self.now(clock);
            self.account.withdraw(self.class.class_of(failure), now)
        }

        #[inline]
        fn gave_up(&mut self, reason: StopReason, failure: Failure<'_, E>, clock: impl Fn() -> Duration) {
            let last = match reason {
                StopReason::Permanent => LastFailure::Permanent,
                StopReason::Hint => LastFailure::Pushback,
                _ => LastFailure::Retryable(self.class.class_of(failure)),
            };
            let now = self.now(clock);
            self.account.failed(last, now);
        }
    }

    impl<T, E, B: Budget, F: ClassOf<E>> Guards<T, E> for Budgeted<B, F> {
        #[inline(always)]
        fn report(&mut self, _: Ended<'_, T, E>, _: impl Fn() -> Duration) {}
    }

    /// Says of what class a failure is.
    pub trait ClassOf<E> {
        fn class_of(&self, failure: Failure<'_, E>) -> Class;
    }

    impl<E> ClassOf<E> for AnyClass {
        #[inline]
        fn class_of(&self, failure: Failure<'_, E>) -> Class {
            match failure {
                Failure::TimedOut => Class::Timeout,
                _ => Class::Transient,
            }
        }
    }

    impl<E, F: Fn(&E) -> Class> ClassOf<E> for F {
        #[inline]
        fn class_of(&self, failure: Failure<'_, E>) -> Class {
            failure.error().map_or(AnyClass.class_of(failure), self)
        }
    }
}
