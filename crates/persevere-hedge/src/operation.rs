//! The operation that a hedge calls: a closure, or a type.

use crate::leg::Leg;

/// The operation of a hedged call. Every closure from a [`Leg`] to a future is an operation.
///
/// Implement it for a type whose calls need a future with a name, such as the calls of a service, and pass it to
/// [`Hedged::run_operation`](crate::Hedged::run_operation).
///
/// ```
/// use persevere::TokioSleeper;
/// use persevere::budget::WindowedRatio;
/// use persevere::hedge::{Hedge, Leg, Operation};
/// use std::future::{Ready, ready};
/// use std::{io, time::Duration};
///
/// static HEDGES: WindowedRatio = WindowedRatio::new().ratio(0.05).reserve(0);
///
/// struct Get { key: u32 }
///
/// impl Operation for Get {
///     type Future = Ready<io::Result<u32>>;
///
///     fn call(&mut self, _leg: Leg) -> Self::Future {
///         ready(Ok(self.key))
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let hedge = Hedge::after(Duration::from_millis(20)).on(TokioSleeper).budget(&HEDGES);
/// assert_eq!(hedge.run_operation(Get { key: 7 }).await.unwrap(), 7);
/// # }
/// ```
pub trait Operation {
    /// The future of a leg.
    type Future;

    /// Makes a leg.
    fn call(&mut self, leg: Leg) -> Self::Future;

    /// Whether a further leg can be made now: `false` while parts of a request are still being sent. Called before each
    /// leg except the first. `responded` is whether the leg is to follow an `Ok` that was not accepted.
    fn is_repeatable(&self, responded: bool) -> bool {
        let _ = responded;
        true
    }
}

impl<A, F: FnMut(Leg) -> A> Operation for F {
    type Future = A;

    #[inline]
    fn call(&mut self, leg: Leg) -> A {
        self(leg)
    }
}
