//! The breakers of the legs.

use crate::error::HedgeError;
use crate::leg::Leg;
use core::convert::Infallible;
use core::time::Duration;
use persevere_core::gate::{Ended, Gate, Rejected, Report};

/// The gates of the legs of a hedge: none, one for all, or one for each. Sealed.
pub trait Gates: sealed::Gates {}

impl<G: sealed::Gates> Gates for G {}

/// The gates of legs that return `Result<T, E>`. Sealed: implement [`Report`].
pub trait Reports<T, E>: sealed::Reports<T, E> {}

impl<T, E, G: sealed::Reports<T, E>> Reports<T, E> for G {}

/// No gate: every leg is admitted.
#[derive(Debug, Clone, Copy)]
pub struct Ungated;

/// One gate for all legs.
#[derive(Debug, Clone, Copy)]
pub struct OneGate<N>(pub(crate) N);

/// A gate for each leg.
#[derive(Clone, Copy)]
pub struct GateOfLeg<F>(pub(crate) F);

pub(crate) mod sealed {
    use super::*;

    pub trait Gates {
        /// The permit that an admitted leg holds.
        type Held;
        /// Why a leg is not admitted.
        type Rejection;
        /// The error of the call.
        type Error<E>;

        fn admit(&self, leg: Leg, clock: impl Fn() -> Duration) -> Result<Self::Held, Self::Rejection>;
        /// The error of a call whose legs were all rejected.
        fn rejected<E>(rejection: Self::Rejection) -> Self::Error<E>;
        /// The error of a call whose legs failed.
        fn failed<E>(error: E) -> Self::Error<E>;
    }

    pub trait Reports<T, E>: Gates {
        fn report(&self, held: Self::Held, ended: Ended<'_, T, E>, clock: impl Fn() -> Duration);
    }

    impl Gates for Ungated {
        type Held = ();
        type Rejection = Infallible;
        type Error<E> = E;

        #[inline]
        fn admit(&self, _: Leg, _: impl Fn() -> Duration) -> Result<(), Infallible> {
            Ok(())
        }

        fn rejected<E>(rejection: Infallible) -> E {
            match rejection {}
        }

        #[inline]
        fn failed<E>(error: E) -> E {
            error
        }
    }

    impl<T, E> Reports<T, E> for Ungated {
        #[inline]
        fn report(&self, (): (), _: Ended<'_, T, E>, _: impl Fn() -> Duration) {}
    }

    impl<N: Gate> Gates for OneGate<N> {
        type Held = N::Permit;
        type Rejection = Rejected;
        type Error<E> = HedgeError<E>;

        fn admit(&self, _: Leg, clock: impl Fn() -> Duration) -> Result<N::Permit, Rejected> {
            self.0.admit_by(clock)
        }

        fn rejected<E>(rejected: Rejected) -> HedgeError<E> {
            HedgeError::Rejected(rejected.as_error())
        }

        fn failed<E>(error: E) -> HedgeError<E> {
            HedgeError::Inner(error)
        }
    }

    impl<T, E, N: Report<T, E>> Reports<T, E> for OneGate<N> {
        fn report(&self, permit: N::Permit, ended: Ended<'_, T, E>, clock: impl Fn() -> Duration) {
            self.0.report(permit, ended, clock);
        }
    }

    impl<N: Gate, F: Fn(Leg) -> N> Gates for GateOfLeg<F> {
        // The permit is dropped before its gate.
        type Held = (N::Permit, N);
        type Rejection = Rejected;
        type Error<E> = HedgeError<E>;

        fn admit(&self, leg: Leg, clock: impl Fn() -> Duration) -> Result<Self::Held, Rejected> {
            let gate = (self.0)(leg);
            Ok((gate.admit_by(clock)?, gate))
        }

        fn rejected<E>(rejected: Rejected) -> HedgeError<E> {
            HedgeError::Rejected(rejected.as_error())
        }

        fn failed<E>(error: E) -> HedgeError<E> {
            HedgeError::Inner(error)
        }
    }

    impl<T, E, N: Report<T, E>, F: Fn(Leg) -> N> Reports<T, E> for GateOfLeg<F> {
        fn report(&self, (permit, gate): Self::Held, ended: Ended<'_, T, E>, clock: impl Fn() -> Duration) {
            gate.report(permit, ended, clock);
        }
    }
}
