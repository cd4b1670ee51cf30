//! A gate that its run waits for.

use super::gated::settle;
use super::sealed::{Admit, Guards, Held, Spend};
use crate::gate::{Ended, Gate, Report};
use core::time::Duration;

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

    #[inline]
    fn abandon(&mut self) {
        self.permit = None;
    }
}

impl<E, N: Gate> Spend<E> for Paced<N> {}

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
