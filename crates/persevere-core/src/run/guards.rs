//! The guards of a run: the gates that it waits for, its bulkheads, breakers and budgets.

use crate::budget::{Account, Budget, Class, Exhausted, LastFailure};
use crate::error::StopReason;
use crate::gate::{Ended, Gate, Rejected, Report};
use crate::observe::Failure;
use core::marker::PhantomData;
use core::time::Duration;

/// The gates and the budgets of a run: `()`, or a pair of others and one more. Sealed: implement
/// [`Gate`](crate::gate::Gate) or [`Budget`](crate::budget::Budget).
pub trait Guards<T, E>: sealed::Guards<T, E> {}

impl<T, E, G: sealed::Guards<T, E>> Guards<T, E> for G {}

/// A gate in its run, with the permit of the attempt that is being made. `W` says when it is asked.
#[derive(Debug)]
pub struct Gated<N: Gate, W = LastAsked> {
    gate: N,
    permit: Option<N::Permit>,
    when: PhantomData<W>,
}

impl<N: Gate, W> Gated<N, W> {
    pub(crate) const fn new(gate: N) -> Self {
        Gated {
            gate,
            permit: None,
            when: PhantomData,
        }
    }
}

/// Asked before the breakers: a bulkhead.
#[derive(Debug, Clone, Copy)]
pub struct FirstAsked;

/// Asked last: a breaker, so that it admits no attempt that another gate rejects.
#[derive(Debug, Clone, Copy)]
pub struct LastAsked;

/// When a gate is asked. Sealed.
pub trait Asked: sealed::Asked {}

impl<W: sealed::Asked> Asked for W {}

/// A gate that its run waits for, with the permit of the attempt that is being made.
#[derive(Debug)]
pub struct Paced<N: Gate> {
    gate: N,
    permit: Option<N::Permit>,
    /// How often it has rejected this attempt.
    turns: u32,
}

impl<N: Gate> Paced<N> {
    pub(crate) const fn new(gate: N) -> Self {
        Paced {
            gate,
            permit: None,
            turns: 0,
        }
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

/// The class of the verdict, except for attempts that timed out.
#[derive(Debug, Clone, Copy)]
pub struct AnyClass;

pub(crate) mod sealed {
    use super::*;

    /// Which gates are asked. Each attempt asks all gates of one stage before those of the next.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum Stage {
        Bulkheads,
        Breakers,
    }

    /// When a gate is asked.
    pub trait Asked {
        const AT: Stage;
    }

    impl Asked for FirstAsked {
        const AT: Stage = Stage::Bulkheads;
    }

    impl Asked for LastAsked {
        const AT: Stage = Stage::Breakers;
    }

    /// A rejection that the run waits out.
    #[derive(Debug)]
    pub struct Held {
        pub rejected: Rejected,
        /// How often the gate has rejected this attempt before.
        pub turns: u32,
    }

    /// What a run reports to its guards of each attempt, whatever the attempt returns.
    pub trait Admit {
        /// Whether a gate receives hints: one that the run waits for, or a bulkhead.
        const HINTED: bool;
        /// Asks the gates that the run waits for. After a rejection the caller abandons the attempt.
        fn pace(&mut self, clock: impl Fn() -> Duration) -> Result<(), Held>;
        /// Asks the gates of a stage for an attempt. After a rejection the caller abandons the attempt.
        fn admit(&mut self, stage: Stage, clock: impl Fn() -> Duration) -> Result<(), Rejected>;
        /// Called before an attempt that all guards have admitted.
        fn begin(&mut self, clock: impl Fn() -> Duration);
        /// Called after an attempt whose outcome was accepted.
        fn succeeded(&mut self, clock: impl Fn() -> Duration);
        /// Gives up an attempt that was admitted by some or by all, without a report.
        fn abandon(&mut self);
    }

    /// What a run reports to its guards of an attempt that failed.
    pub trait Spend<E>: Admit {
        /// Asks for a retry. A guard that comes after another and has no budget leaves nothing withdrawn from either.
        fn withdraw(
            &mut self,
            failure: Failure<'_, E>,
            class: Class,
            clock: impl Fn() -> Duration,
        ) -> Result<(), Exhausted>;
        /// Gives back what was withdrawn for a retry that is not made.
        fn give_back(&mut self);
        /// Called if no attempt follows, for another reason than the budget.
        fn gave_up(&mut self, reason: StopReason, failure: Failure<'_, E>, class: Class, clock: impl Fn() -> Duration);
    }

    /// How a run reports to its guards the outcome of an attempt, before its verdict.
    pub trait Guards<T, E>: Spend<E> {
        fn report(&mut self, ended: Ended<'_, T, E>, clock: impl Fn() -> Duration);
        /// Reports an outcome to the gates that receive hints, after its verdict. `hint` is the hint that the policy accepts.
        fn report_with_hint(&mut self, ended: Ended<'_, T, E>, hint: Option<Duration>, clock: impl Fn() -> Duration);
    }

    impl Admit for () {
        const HINTED: bool = false;

        #[inline(always)]
        fn pace(&mut self, _: impl Fn() -> Duration) -> Result<(), Held> {
            Ok(())
        }

        #[inline(always)]
        fn admit(&mut self, _: Stage, _: impl Fn() -> Duration) -> Result<(), Rejected> {
            Ok(())
        }

        #[inline(always)]
        fn begin(&mut self, _: impl Fn() -> Duration) {}

        #[inline(always)]
        fn succeeded(&mut self, _: impl Fn() -> Duration) {}

        #[inline(always)]
        fn abandon(&mut self) {}
    }

    impl<E> Spend<E> for () {
        #[inline(always)]
        fn withdraw(&mut self, _: Failure<'_, E>, _: Class, _: impl Fn() -> Duration) -> Result<(), Exhausted> {
            Ok(())
        }

        #[inline(always)]
        fn give_back(&mut self) {}

        #[inline(always)]
        fn gave_up(&mut self, _: StopReason, _: Failure<'_, E>, _: Class, _: impl Fn() -> Duration) {}
    }

    impl<T, E> Guards<T, E> for () {
        #[inline(always)]
        fn report(&mut self, _: Ended<'_, T, E>, _: impl Fn() -> Duration) {}

        #[inline(always)]
        fn report_with_hint(&mut self, _: Ended<'_, T, E>, _: Option<Duration>, _: impl Fn() -> Duration) {}
    }

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

    impl<N: Gate, W: Asked> Admit for Gated<N, W> {
        const HINTED: bool = matches!(W::AT, Stage::Bulkheads);

        #[inline(always)]
        fn pace(&mut self, _: impl Fn() -> Duration) -> Result<(), Held> {
            Ok(())
        }

        #[inline]
        fn admit(&mut self, stage: Stage, clock: impl Fn() -> Duration) -> Result<(), Rejected> {
            if stage == W::AT {
                self.permit = Some(self.gate.admit_by(clock)?);
            }
            Ok(())
        }

        #[inline(always)]
        fn begin(&mut self, _: impl Fn() -> Duration) {}

        #[inline(always)]
        fn succeeded(&mut self, _: impl Fn() -> Duration) {}

        #[inline]
        fn abandon(&mut self) {
            self.permit = None;
        }
    }

    impl<E, N: Gate, W: Asked> Spend<E> for Gated<N, W> {
        #[inline(always)]
        fn withdraw(&mut self, _: Failure<'_, E>, _: Class, _: impl Fn() -> Duration) -> Result<(), Exhausted> {
            Ok(())
        }

        #[inline(always)]
        fn give_back(&mut self) {}

        #[inline(always)]
        fn gave_up(&mut self, _: StopReason, _: Failure<'_, E>, _: Class, _: impl Fn() -> Duration) {}
    }

    impl<T, E, N: Report<T, E>, W: Asked> Guards<T, E> for Gated<N, W> {
        #[inline]
        fn report(&mut self, ended: Ended<'_, T, E>, clock: impl Fn() -> Duration) {
            // A panic has no verdict. A bulkhead receives every other report after the verdict.
            if !Self::HINTED || matches!(ended, Ended::Panicked) {
                settle(&self.gate, &mut self.permit, ended, None, clock);
            }
        }

        #[inline]
        fn report_with_hint(&mut self, ended: Ended<'_, T, E>, hint: Option<Duration>, clock: impl Fn() -> Duration) {
            if Self::HINTED {
                settle(&self.gate, &mut self.permit, ended, hint, clock);
            }
        }
    }

    /// Passes a hint to a gate, then its permit.
    #[inline]
    fn settle<T, E, N: Report<T, E>>(
        gate: &N,
        permit: &mut Option<N::Permit>,
        ended: Ended<'_, T, E>,
        hint: Option<Duration>,
        clock: impl Fn() -> Duration,
    ) {
        if let Some(hint) = hint {
            gate.hinted(hint, clock());
        }
        if let Some(permit) = permit.take() {
            gate.report(permit, ended, clock);
        }
    }

    impl<N: Gate> Admit for Paced<N> {
        const HINTED: bool = true;

        #[inline]
        fn pace(&mut self, clock: impl Fn() -> Duration) -> Result<(), Held> {
            match self.gate.admit_by(clock) {
                Ok(permit) => {
                    self.permit = Some(permit);
                    self.turns = 0;
                    Ok(())
                }
                Err(rejected) => {
                    let turns = self.turns;
                    self.turns = turns.saturating_add(1);
                    Err(Held { rejected, turns })
                }
            }
        }

        #[inline(always)]
        fn admit(&mut self, _: Stage, _: impl Fn() -> Duration) -> Result<(), Rejected> {
            Ok(())
        }

        #[inline(always)]
        fn begin(&mut self, _: impl Fn() -> Duration) {}

        #[inline(always)]
        fn succeeded(&mut self, _: impl Fn() -> Duration) {}

        #[inline]
        fn abandon(&mut self) {
            self.permit = None;
        }
    }

    impl<E, N: Gate> Spend<E> for Paced<N> {
        #[inline(always)]
        fn withdraw(&mut self, _: Failure<'_, E>, _: Class, _: impl Fn() -> Duration) -> Result<(), Exhausted> {
            Ok(())
        }

        #[inline(always)]
        fn give_back(&mut self) {}

        #[inline(always)]
        fn gave_up(&mut self, _: StopReason, _: Failure<'_, E>, _: Class, _: impl Fn() -> Duration) {}
    }

    impl<T, E, N: Report<T, E>> Guards<T, E> for Paced<N> {
        #[inline]
        fn report(&mut self, ended: Ended<'_, T, E>, clock: impl Fn() -> Duration) {
            if let Ended::Panicked = ended {
                settle(&self.gate, &mut self.permit, ended, None, clock);
            }
        }

        #[inline]
        fn report_with_hint(&mut self, ended: Ended<'_, T, E>, hint: Option<Duration>, clock: impl Fn() -> Duration) {
            settle(&self.gate, &mut self.permit, ended, hint, clock);
        }
    }

    impl<B: Budget, F> Admit for Budgeted<B, F> {
        const HINTED: bool = false;

        #[inline(always)]
        fn pace(&mut self, _: impl Fn() -> Duration) -> Result<(), Held> {
            Ok(())
        }

        #[inline(always)]
        fn admit(&mut self, _: Stage, _: impl Fn() -> Duration) -> Result<(), Rejected> {
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

        #[inline(always)]
        fn abandon(&mut self) {}
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

    impl<T, E, B: Budget, F: ClassOf<E>> Guards<T, E> for Budgeted<B, F> {
        #[inline(always)]
        fn report(&mut self, _: Ended<'_, T, E>, _: impl Fn() -> Duration) {}

        #[inline(always)]
        fn report_with_hint(&mut self, _: Ended<'_, T, E>, _: Option<Duration>, _: impl Fn() -> Duration) {}
    }

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
