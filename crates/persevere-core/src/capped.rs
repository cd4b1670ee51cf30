//! A computed delay: capped, then spread.

use crate::jitter::Jitter;
use crate::limits::Limits;
use crate::nanos::{nanos, saturating_nanos};
use crate::random::Random;
use core::time::Duration;

/// A delay under the cap: in nanoseconds, or past 584 years.
#[derive(Clone, Copy)]
pub(crate) enum Capped {
    Nanos(u64),
    Ages(Duration),
}

impl Capped {
    #[inline(always)]
    pub(crate) fn new(curve: Duration, limits: &Limits) -> Capped {
        match nanos(curve) {
            Some(curve) => Capped::Nanos(curve.min(limits.max_nanos)),
            None if limits.max_nanos < u64::MAX => Capped::Nanos(limits.max_nanos),
            None => Capped::Ages(curve.min(limits.max_delay)),
        }
    }

    #[inline(always)]
    pub(crate) fn nanos(self) -> u64 {
        match self {
            Capped::Nanos(delay) => delay,
            Capped::Ages(delay) => saturating_nanos(delay),
        }
    }

    /// The delay spread as `spread` says, and how many nanoseconds that is, as far as they go.
    #[inline(always)]
    pub(crate) fn spread(
        self,
        limits: &Limits,
        random: &mut Random,
        spread: impl FnOnce(Jitter, u64, u64, &mut Random) -> u64,
    ) -> (Duration, u64) {
        match self {
            Capped::Nanos(delay) => {
                let drawn = spread(limits.jitter, delay, limits.max_nanos, random);
                (Duration::from_nanos(drawn), drawn)
            }
            Capped::Ages(delay) => {
                let drawn = match limits.jitter {
                    Jitter::None => delay,
                    jitter => Duration::from_secs(spread(jitter, delay.as_secs(), limits.max_delay.as_secs(), random)),
                };
                (drawn, saturating_nanos(drawn))
            }
        }
    }
}
