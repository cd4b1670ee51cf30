//! A budget in its run.

use super::sealed::{Admit, Guards, Spend};
use crate::budget::{Account, Budget, Class, Exhausted, LastFailure};
use crate::error::StopReason;
use crate::observe::Failure;
use core::time::Duration;
use sealed::ClassOf;

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

/// The class of the verdict, except for attempts that timed out.
#[derive(Debug, Clone, Copy)]
pub struct AnyClass;

impl<B: Budget, F> Admit for Budgeted<B, F> {
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
    fn withdraw(
        &mut self,
        failure: Failure<'_, E>,
        class: Class,
        clock: impl Fn() -> Duration,
    ) -> Result<(), Exhausted> {
        let now = self.now(clock);
        self.account.withdraw(self.class.class_of(failure, class), now)
    }

    #[inline]
    fn give_back(&mut self) {
        self.account.give_back();
    }

    #[inline]
    fn gave_up(&mut self, reason: StopReason, failure: Failure<'_, E>, class: Class, clock: impl Fn() -> Duration) {
        let last = match reason {
            StopReason::Permanent => LastFailure::Permanent,
            StopReason::Hint => LastFailure::Pushback,
            _ => LastFailure::Retryable(self.class.class_of(failure, class)),
        };
        let now = self.now(clock);
        self.account.failed(last, now);
    }
}

impl<T, E, B: Budget, F: ClassOf<E>> Guards<T, E> for Budgeted<B, F> {}

pub(crate) mod sealed {
    use super::{AnyClass, Class, Failure};

    /// Classifies a failure for a budget; `class` is the class of its verdict.
    pub trait ClassOf<E> {
        fn class_of(&self, failure: Failure<'_, E>, class: Class) -> Class;
    }

    impl<E> ClassOf<E> for AnyClass {
        #[inline]
        fn class_of(&self, failure: Failure<'_, E>, class: Class) -> Class {
            match failure {
                Failure::TimedOut { .. } => Class::Timeout,
                _ => class,
            }
        }
    }

    impl<E, F: Fn(&E) -> Class> ClassOf<E> for F {
        #[inline]
        fn class_of(&self, failure: Failure<'_, E>, class: Class) -> Class {
            failure.error().map_or(AnyClass.class_of(failure, class), self)
        }
    }
}
