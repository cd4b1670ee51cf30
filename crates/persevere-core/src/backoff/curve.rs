//! Any of the built-in curves, as one type.

use super::{Backoff, Context, Decorrelated, Exponential, Fibonacci, Fixed, Linear, Schedule};
use core::fmt;
use core::ops::RangeInclusive;
use core::time::Duration;

/// Any of the built-in curves, for a policy whose curve is chosen at run time: `Policy<Curve>` is `Copy` and needs no
/// allocator.
///
/// # Examples
///
/// ```
/// use persevere::Policy;
/// use persevere::backoff::{Curve, Exponential, Fixed, Schedule};
/// use std::time::Duration;
///
/// const SECOND: Duration = Duration::from_secs(1);
/// static DELAYS: [Duration; 2] = [SECOND; 2];
///
/// for curve in [Curve::from(Fixed::new(SECOND)), Exponential::new(SECOND).into(), Schedule::new(&DELAYS[..]).into()] {
///     let policy: Policy<Curve> = Policy::new(curve).max_attempts(3);
///     assert_eq!(policy.delays().next(), Some(SECOND));
/// }
/// ```
#[derive(Clone, Copy, PartialEq)]
pub struct Curve(Kind);

/// The curves. Private: public variants of these names would make the names of the curves ambiguous, and messages of the
/// compiler print ambiguous names with their paths.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Fixed(Fixed),
    Linear(Linear),
    Exponential(Exponential),
    Fibonacci(Fibonacci),
    Decorrelated(Decorrelated),
    Schedule(Schedule<&'static [Duration]>),
}

/// A curve that can be printed.
trait Printed: Backoff + fmt::Debug {}

impl<B: Backoff + fmt::Debug> Printed for B {}

impl Curve {
    fn as_dyn(&self) -> &dyn Printed {
        match &self.0 {
            Kind::Fixed(curve) => curve,
            Kind::Linear(curve) => curve,
            Kind::Exponential(curve) => curve,
            Kind::Fibonacci(curve) => curve,
            Kind::Decorrelated(curve) => curve,
            Kind::Schedule(curve) => curve,
        }
    }
}

impl fmt::Debug for Curve {
    /// Prints the curve that it is.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_dyn().fmt(f)
    }
}

impl Backoff for Curve {
    fn delay(&self, context: &mut Context<'_>) -> Option<Duration> {
        self.as_dyn().delay(context)
    }

    fn range(&self, context: &mut Context<'_>) -> Option<RangeInclusive<Duration>> {
        self.as_dyn().range(context)
    }

    fn steady_from(&self, cap: u64) -> u32 {
        self.as_dyn().steady_from(cap)
    }

    fn nanos(&self, context: &mut Context<'_>) -> Option<u64> {
        self.as_dyn().nanos(context)
    }
}

macro_rules! from {
    ($($curve:ident($type:ty)),*) => {
        $(impl From<$type> for Curve {
            fn from(curve: $type) -> Curve {
                Curve(Kind::$curve(curve))
            }
        })*
    };
}

from!(
    Fixed(Fixed),
    Linear(Linear),
    Exponential(Exponential),
    Fibonacci(Fibonacci),
    Decorrelated(Decorrelated),
    Schedule(Schedule<&'static [Duration]>)
);

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use crate::{Jitter, Policy};
    use proptest::prelude::*;
    use std::vec::Vec;

    const SECOND: Duration = Duration::from_secs(1);

    fn assert_same<B: Backoff + Copy + Into<Curve>>(backoff: B, seed: u64) -> Result<(), TestCaseError> {
        let own = Policy::new(backoff)
            .jitter(Jitter::Equal)
            .seed(seed)
            .max_delay(SECOND * 7)
            .max_attempts(40);
        let curve: Policy<Curve> = Policy::from_parts(backoff.into(), *own.classifier(), *own.limits());
        let delays = |delays: &mut dyn Iterator<Item = Duration>| delays.collect::<Vec<_>>();
        prop_assert_eq!(delays(&mut curve.delays()), delays(&mut own.delays()));
        prop_assert_eq!(curve.worst_case(), own.worst_case());
        Ok(())
    }

    proptest! {
        #[test]
        fn curve_makes_the_delays_of_its_backoff(nanos in 0_u64..20_000_000_000, factor in 1.0_f64..9.0, seed: u64) {
            let base = Duration::from_nanos(nanos);
            assert_same(Fixed::new(base), seed)?;
            assert_same(Linear::new(base), seed)?;
            assert_same(Exponential::new(base).factor(factor), seed)?;
            assert_same(Fibonacci::new(base), seed)?;
            assert_same(Decorrelated::new(base).factor(factor as u32), seed)?;
            assert_same(Schedule::new(&[SECOND, SECOND][..]), seed)?;
            assert_same(Schedule::new(&[SECOND, SECOND][..]).repeat_last(), seed)?;
        }
    }
}
