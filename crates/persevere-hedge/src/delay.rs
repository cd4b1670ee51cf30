//! After which time a hedge is made.

use crate::latency::Latency;
use crate::quantile::Quantile;
use core::ops::Deref;
use core::time::Duration;

/// The time after which a leg that is still running gets a hedge: [`After`], [`At`] or [`AnyDelay`]. Sealed.
pub trait Delay: sealed::Delay {}

impl<D: sealed::Delay> Delay for D {}

/// A fixed delay: see [`Hedge::after`](crate::Hedge::after).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct After(pub(crate) Duration);

/// A quantile of the times of earlier calls: see [`Hedge::at`](crate::Hedge::at). `L` is a reference to a [`Latency`], or an
/// `Arc`.
#[derive(Debug, Clone, Copy)]
pub struct At<L = &'static Latency> {
    pub(crate) latency: L,
    pub(crate) quantile: Quantile,
    pub(crate) floor: Duration,
}

/// Either delay, for hedges whose settings are read at run time: a [`Hedge`](crate::Hedge) of either turns into one by
/// `into()`. `L` as in [`At`].
///
/// ```
/// use persevere::hedge::{AnyDelay, Hedge, Latency, Quantile};
/// use std::sync::Arc;
/// use std::time::Duration;
///
/// let mut hedge: Hedge<AnyDelay<Arc<Latency>>> = Hedge::after(Duration::from_millis(20)).into();
/// hedge = Hedge::at(Arc::new(Latency::new()), Quantile::P95).into();
/// # let _ = hedge;
/// ```
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum AnyDelay<L = &'static Latency> {
    /// A fixed delay.
    After(After),
    /// A quantile of the times of earlier calls.
    At(At<L>),
}

pub(crate) mod sealed {
    use super::*;

    pub trait Delay {
        /// The delay; `None` if there is to be no hedge by time.
        fn delay(&self, now: Duration) -> Option<Duration>;
        /// Records the time of a leg that ended `now`.
        fn record(&self, took: Duration, now: Duration);
    }

    impl Delay for After {
        #[inline]
        fn delay(&self, _: Duration) -> Option<Duration> {
            Some(self.0)
        }

        #[inline]
        fn record(&self, _: Duration, _: Duration) {}
    }

    impl<L: Deref<Target = Latency>> Delay for At<L> {
        #[inline]
        fn delay(&self, now: Duration) -> Option<Duration> {
            Some(self.latency.recent_quantile(self.quantile, now)?.max(self.floor))
        }

        #[inline]
        fn record(&self, took: Duration, now: Duration) {
            self.latency.record(took, now);
        }
    }

    impl<L: Deref<Target = Latency>> Delay for AnyDelay<L> {
        #[inline]
        fn delay(&self, now: Duration) -> Option<Duration> {
            match self {
                AnyDelay::After(delay) => delay.delay(now),
                AnyDelay::At(delay) => delay.delay(now),
            }
        }

        #[inline]
        fn record(&self, took: Duration, now: Duration) {
            match self {
                AnyDelay::After(delay) => delay.record(took, now),
                AnyDelay::At(delay) => delay.record(took, now),
            }
        }
    }
}
