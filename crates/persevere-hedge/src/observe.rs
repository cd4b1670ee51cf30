//! The events of hedged calls: [`HedgeEvent`], [`HedgeObserver`].

use crate::leg::Leg;
use core::ops::Deref;
use core::time::Duration;

/// An event of a hedged call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum HedgeEvent {
    /// A leg begins. The first leg of a call that is admitted is no hedge.
    #[non_exhaustive]
    Started {
        /// The leg.
        leg: Leg,
        /// Whether another leg of the call was made before.
        is_hedge: bool,
    },
    /// A hedge was not made.
    #[non_exhaustive]
    Suppressed {
        /// Why.
        reason: Suppression,
    },
    /// A leg failed: it is not the answer while another leg is running, unless its failure is not worth a retry.
    #[non_exhaustive]
    Failed {
        /// The leg.
        leg: Leg,
    },
    /// A leg gave the answer.
    #[non_exhaustive]
    Won {
        /// The leg.
        leg: Leg,
        /// Whether another leg of the call was made before.
        is_hedge: bool,
        /// How long the leg took.
        took: Duration,
    },
    /// A leg was dropped, since another leg gave the answer.
    #[non_exhaustive]
    Lost {
        /// The leg.
        leg: Leg,
        /// Whether another leg of the call was made before.
        is_hedge: bool,
        /// How long the leg had been running.
        took: Duration,
    },
}

/// Why a hedge was not made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Suppression {
    /// The budget is exhausted.
    Budget,
    /// A breaker rejected the leg.
    Rejected,
    /// The request could not be repeated: [`Operation::is_repeatable`](crate::Operation::is_repeatable) returned `false`.
    Unrepeatable,
    /// There is no delay: too few samples, or a quantile that is out of range.
    NoDelay,
}

/// Receives the events of hedged calls, such as [`HedgeStats`](crate::HedgeStats).
///
/// Anything behind `&`, `Box` or `Arc` works as it is.
///
/// ```
/// use persevere::hedge::{HedgeEvent, HedgeObserver};
///
/// struct Print;
///
/// impl HedgeObserver for Print {
///     fn on_event(&self, event: &HedgeEvent) {
///         println!("{event:?}");
///     }
/// }
/// ```
pub trait HedgeObserver {
    /// Called at each event, in order.
    fn on_event(&self, event: &HedgeEvent);
}

/// No observer.
#[derive(Debug, Clone, Copy)]
pub struct Unobserved;

impl HedgeObserver for Unobserved {
    #[inline]
    fn on_event(&self, _: &HedgeEvent) {}
}

/// Two observers, each of which receives every event.
#[derive(Debug, Clone, Copy)]
pub struct Both<A, B>(pub(crate) A, pub(crate) B);

impl<A: HedgeObserver, B: HedgeObserver> HedgeObserver for Both<A, B> {
    #[inline]
    fn on_event(&self, event: &HedgeEvent) {
        self.0.on_event(event);
        self.1.on_event(event);
    }
}

/// A reference, a `Box` or an `Arc`, without a feature for an allocator.
impl<P: Deref<Target: HedgeObserver>> HedgeObserver for P {
    #[inline]
    fn on_event(&self, event: &HedgeEvent) {
        (**self).on_event(event);
    }
}
