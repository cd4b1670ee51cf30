//! A gate in its run.

use super::sealed::{Admit, Guards, Spend, Stage};
use crate::gate::{Ended, Gate, Rejected, Report};
use core::marker::PhantomData;
use core::time::Duration;

/// A gate in its run, with the permit of the attempt that is being made. `W` is when it is asked.
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

impl<N: Gate, W: sealed::Asked> Admit for Gated<N, W> {
    const HINTED: bool = matches!(W::AT, Stage::Bulkheads);

    #[inline]
    fn admit(&mut self, stage: Stage, clock: impl Fn() -> Duration) -> Result<(), Rejected> {
        if stage == W::AT {
            self.permit = Some(self.gate.admit_by(clock)?);
        }
        Ok(())
    }

    #[inline]
    fn abandon(&mut self) {
        self.permit = None;
    }
}

impl<E, N: Gate, W: sealed::Asked> Spend<E> for Gated<N, W> {}

impl<T, E, N: Report<T, E>, W: sealed::Asked> Guards<T, E> for Gated<N, W> {
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
pub(super) fn settle<T, E, N: Report<T, E>>(
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

pub(crate) mod sealed {
    use super::{FirstAsked, LastAsked, Stage};

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
}
