//! The guards of a run: the gates that it waits for, its bulkheads, breakers and budgets.

mod budgeted;
mod gated;
mod paced;

pub use budgeted::{AnyClass, Budgeted};
pub use gated::{Asked, FirstAsked, Gated, LastAsked};
pub use paced::Paced;

use crate::budget::{Class, Exhausted};
use crate::error::StopReason;
use crate::gate::{Ended, Rejected};
use crate::observe::Failure;
use core::time::Duration;

/// The gates and the budgets of a run: `()`, or a pair of others and one more. Sealed: implement
/// [`Gate`](crate::gate::Gate) or [`Budget`](crate::budget::Budget).
pub trait Guards<T, E>: sealed::Guards<T, E> {}

impl<T, E, G: sealed::Guards<T, E>> Guards<T, E> for G {}

pub(crate) mod sealed {
    use super::*;

    /// A stage of the gates. Each attempt asks all gates of one stage before the gates of the next.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum Stage {
        Bulkheads,
        Breakers,
    }

    /// A rejection after which the run waits.
    #[derive(Debug)]
    pub struct Held {
        pub rejected: Rejected,
        /// How often the gate has rejected this attempt before.
        pub turns: u32,
    }

    /// The reports of a run to its guards for each attempt, whatever the attempt returns. A guard does nothing by
    /// default.
    pub trait Admit {
        /// Whether a gate receives hints: a gate that the run waits for, or a bulkhead.
        const HINTED: bool = false;

        /// Asks the gates that the run waits for. After a rejection the caller abandons the attempt.
        #[inline(always)]
        fn pace(&mut self, clock: impl Fn() -> Duration) -> Result<(), Held> {
            let _ = clock;
            Ok(())
        }

        /// Asks the gates of a stage for an attempt. After a rejection the caller abandons the attempt.
        #[inline(always)]
        fn admit(&mut self, stage: Stage, clock: impl Fn() -> Duration) -> Result<(), Rejected> {
            let _ = (stage, clock);
            Ok(())
        }

        /// Called before an attempt that all guards have admitted.
        #[inline(always)]
        fn begin(&mut self, clock: impl Fn() -> Duration) {
            let _ = clock;
        }

        /// Called after an attempt whose outcome was accepted.
        #[inline(always)]
        fn succeeded(&mut self, clock: impl Fn() -> Duration) {
            let _ = clock;
        }

        /// Gives up an attempt that was admitted by some or by all, without a report.
        #[inline(always)]
        fn abandon(&mut self) {}
    }

    /// The reports of a run to its guards for an attempt that failed. A guard does nothing by default.
    pub trait Spend<E>: Admit {
        /// Withdraws a retry. If a later budget is exhausted, nothing stays withdrawn from the earlier budgets.
        #[inline(always)]
        fn withdraw(
            &mut self,
            failure: Failure<'_, E>,
            class: Class,
            clock: impl Fn() -> Duration,
        ) -> Result<(), Exhausted> {
            let _ = (failure, class, clock);
            Ok(())
        }

        /// Gives back what was withdrawn for a retry that is not made.
        #[inline(always)]
        fn give_back(&mut self) {}

        /// Called if no attempt follows, for another reason than the budget.
        #[inline(always)]
        fn gave_up(&mut self, reason: StopReason, failure: Failure<'_, E>, class: Class, clock: impl Fn() -> Duration) {
            let _ = (reason, failure, class, clock);
        }
    }

    /// How a run reports to its guards the outcome of an attempt. A guard does nothing by default.
    pub trait Guards<T, E>: Spend<E> {
        /// Reports an outcome before its verdict.
        #[inline(always)]
        fn report(&mut self, ended: Ended<'_, T, E>, clock: impl Fn() -> Duration) {
            let _ = (ended, clock);
        }

        /// Reports an outcome to the gates that receive hints, after its verdict. `hint` is the hint that the policy accepts.
        #[inline(always)]
        fn report_with_hint(&mut self, ended: Ended<'_, T, E>, hint: Option<Duration>, clock: impl Fn() -> Duration) {
            let _ = (ended, hint, clock);
        }
    }

    impl Admit for () {}
    impl<E> Spend<E> for () {}
    impl<T, E> Guards<T, E> for () {}

    impl<A: Admit, B: Admit> Admit for (A, B) {
        const HINTED: bool = A::HINTED || B::HINTED;

        #[inline]
        fn pace(&mut self, clock: impl Fn() -> Duration) -> Result<(), Held> {
            self.0.pace(&clock)?;
            self.1.pace(&clock)
        }

        #[inline]
        fn admit(&mut self, stage: Stage, clock: impl Fn() -> Duration) -> Result<(), Rejected> {
            self.0.admit(stage, &clock)?;
            self.1.admit(stage, &clock)
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

        #[inline]
        fn abandon(&mut self) {
            self.0.abandon();
            self.1.abandon();
        }
    }

    impl<E, A: Spend<E>, B: Spend<E>> Spend<E> for (A, B) {
        #[inline]
        fn withdraw(
            &mut self,
            failure: Failure<'_, E>,
            class: Class,
            clock: impl Fn() -> Duration,
        ) -> Result<(), Exhausted> {
            self.0.withdraw(failure, class, &clock)?;
            self.1
                .withdraw(failure, class, &clock)
                .inspect_err(|_| self.0.give_back())
        }

        #[inline]
        fn give_back(&mut self) {
            self.0.give_back();
            self.1.give_back();
        }

        #[inline]
        fn gave_up(&mut self, reason: StopReason, failure: Failure<'_, E>, class: Class, clock: impl Fn() -> Duration) {
            self.0.gave_up(reason, failure, class, &clock);
            self.1.gave_up(reason, failure, class, &clock);
        }
    }

    impl<T, E, A: Guards<T, E>, B: Guards<T, E>> Guards<T, E> for (A, B) {
        #[inline]
        fn report(&mut self, ended: Ended<'_, T, E>, clock: impl Fn() -> Duration) {
            self.0.report(ended, &clock);
            self.1.report(ended, &clock);
        }

        #[inline]
        fn report_with_hint(&mut self, ended: Ended<'_, T, E>, hint: Option<Duration>, clock: impl Fn() -> Duration) {
            self.0.report_with_hint(ended, hint, &clock);
            self.1.report_with_hint(ended, hint, &clock);
        }
    }
}
