//! Breakers behind an `Arc`, without the types of their conditions and open times.

use crate::breaker::CircuitBreaker;
use crate::call::BreakerCall;
use crate::error::Rejected;
use crate::gate::AttemptPermit;
use crate::handle::{Judges, sealed};
use crate::outcome::Outcome;
use crate::snapshot::{Saved, Snapshot};
use crate::state::State;
use crate::stats::BreakerStats;
use crate::ticket::Admitted;
use crate::transitions::Transitions;
use crate::trip::{Trip, WindowCounts};
use alloc::boxed::Box;
use alloc::sync::Arc;
use core::any::Any;
use core::fmt;
use core::marker::PhantomData;
use core::time::Duration;
use persevere_core::classify::{AnyError, Errors, Judge};
use persevere_core::gate::{self, Ended, Gate, Report};
use persevere_core::{Backoff, Sleeper, Verdict};

/// A circuit breaker behind an `Arc`, whose type does not depend on when it opens and for how long; returned by
/// [`CircuitBreaker::shared`].
///
/// It fits in a struct as `SharedBreaker`, or as `SharedBreaker<C>` with a classifier, is cheap to clone, and is passed
/// to [`Run::breaker`](persevere_core::Run::breaker) by value.
///
/// # Examples
///
/// ```
/// use persevere::breaker::{CircuitBreaker, SharedBreaker, State};
/// use persevere::{Policy, Sleeper, ThreadSleeper};
/// use std::time::Duration;
///
/// struct Client {
///     breaker: SharedBreaker,
/// }
///
/// impl Client {
///     fn fetch(&self) -> Result<u32, persevere::RetryError<&'static str>> {
///         let policy = Policy::fixed(Duration::ZERO).max_attempts(3);
///         policy.on(ThreadSleeper).breaker(self.breaker.clone()).run_blocking(|| Err("down"))
///     }
/// }
///
/// let client = Client { breaker: CircuitBreaker::failure_rate(0.5).over_calls(2).build().shared() };
/// assert!(client.fetch().is_err());
/// assert_eq!(client.breaker.state(ThreadSleeper.now()), State::Open);
/// ```
pub struct SharedBreaker<C = AnyError, On = Errors> {
    breaker: Arc<dyn Erased>,
    classifier: C,
    on: PhantomData<On>,
}

/// A breaker without its types.
trait Erased: Send + Sync {
    fn admit_call(&self, clock: &mut dyn FnMut() -> Duration) -> Result<Admitted, Rejected>;
    fn report(&self, call: Admitted, outcome: Outcome, clock: &mut dyn FnMut() -> Duration);
    fn drop_call(&self, call: Admitted);
    fn state(&self, now: Duration) -> State;
    fn window(&self, now: Duration) -> WindowCounts;
    fn stats(&self) -> BreakerStats;
    fn transitions(&self) -> Transitions<'_>;
    fn force_open(&self);
    fn force_open_for(&self, time: Duration, now: Duration);
    fn force_close(&self);
    fn release(&self);
    fn reset(&self);
    /// The snapshot, with its window without its type.
    fn save(&self, now: Duration) -> Snapshot<Box<dyn Any>>;
    /// Restores a snapshot, with an empty window if the window is of another condition.
    fn restore(&self, snapshot: &Snapshot<Box<dyn Any>>, now: Duration);
}

impl<T, B, C, On> Erased for CircuitBreaker<T, B, C, On>
where
    T: Trip + Send + Sync,
    T::Counts: Send + Sync,
    B: Backoff + Send + Sync,
    C: Send + Sync,
    On: Send + Sync,
{
    fn admit_call(&self, clock: &mut dyn FnMut() -> Duration) -> Result<Admitted, Rejected> {
        CircuitBreaker::admit_call(self, clock)
    }

    fn report(&self, call: Admitted, outcome: Outcome, clock: &mut dyn FnMut() -> Duration) {
        CircuitBreaker::report(self, call, outcome, clock);
    }

    fn drop_call(&self, call: Admitted) {
        CircuitBreaker::drop_call(self, call);
    }

    fn state(&self, now: Duration) -> State {
        CircuitBreaker::state(self, now)
    }

    fn window(&self, now: Duration) -> WindowCounts {
        CircuitBreaker::window(self, now)
    }

    fn stats(&self) -> BreakerStats {
        CircuitBreaker::stats(self)
    }

    fn transitions(&self) -> Transitions<'_> {
        CircuitBreaker::transitions(self)
    }

    fn force_open(&self) {
        CircuitBreaker::force_open(self);
    }

    fn force_open_for(&self, time: Duration, now: Duration) {
        CircuitBreaker::force_open_for(self, time, now);
    }

    fn force_close(&self) {
        CircuitBreaker::force_close(self);
    }

    fn release(&self) {
        CircuitBreaker::release(self);
    }

    fn reset(&self) {
        CircuitBreaker::reset(self);
    }

    fn save(&self, now: Duration) -> Snapshot<Box<dyn Any>> {
        self.snapshot(now).map(|window| Box::new(window) as Box<dyn Any>)
    }

    fn restore(&self, snapshot: &Snapshot<Box<dyn Any>>, now: Duration) {
        let snapshot = snapshot.as_ref().map(|window| window.downcast_ref::<Saved<T>>());
        CircuitBreaker::restore(self, &snapshot.map(|window| window.copied().unwrap_or_default()), now);
    }
}

impl<T, B, C, On> CircuitBreaker<T, B, C, On>
where
    T: Trip + Send + Sync + 'static,
    T::Counts: Send + Sync,
    B: Backoff + Send + Sync + 'static,
    C: Clone + Send + Sync + 'static,
    On: Send + Sync + 'static,
{
    /// Puts the breaker behind an `Arc`, and erases the types of its condition and open times.
    #[must_use]
    pub fn shared(self) -> SharedBreaker<C, On> {
        SharedBreaker {
            classifier: self.built.classifier.clone(),
            breaker: Arc::new(self),
            on: PhantomData,
        }
    }
}

impl<C, On> SharedBreaker<C, On> {
    /// Returns a call through this breaker: see [`CircuitBreaker::on`].
    pub fn on<S: Sleeper>(&self, sleeper: S) -> BreakerCall<S, Self>
    where
        C: Clone,
    {
        BreakerCall::new(self.clone(), sleeper)
    }

    /// Whether there is another handle of this breaker.
    #[cfg(feature = "std")]
    pub(crate) fn is_held(&self) -> bool {
        Arc::strong_count(&self.breaker) > 1
    }

    /// Returns the state as a call would find it `now`: see [`CircuitBreaker::state`].
    #[must_use]
    pub fn state(&self, now: Duration) -> State {
        self.breaker.state(now)
    }

    /// Returns the calls that count `now`: see [`CircuitBreaker::window`].
    #[must_use]
    pub fn window(&self, now: Duration) -> WindowCounts {
        self.breaker.window(now)
    }

    /// Returns what the breaker has counted so far: see [`CircuitBreaker::stats`].
    #[must_use]
    pub fn stats(&self) -> BreakerStats {
        self.breaker.stats()
    }

    /// Returns an iterator over the transitions from now on: see [`CircuitBreaker::transitions`].
    pub fn transitions(&self) -> Transitions<'_> {
        self.breaker.transitions()
    }

    /// Rejects every call from now on: see [`CircuitBreaker::force_open`].
    pub fn force_open(&self) {
        self.breaker.force_open();
    }

    /// Opens the breaker for the given time: see [`CircuitBreaker::force_open_for`].
    pub fn force_open_for(&self, time: Duration, now: Duration) {
        self.breaker.force_open_for(time, now);
    }

    /// Admits every call from now on: see [`CircuitBreaker::force_close`].
    pub fn force_close(&self) {
        self.breaker.force_close();
    }

    /// Releases a breaker that was forced open or closed: see [`CircuitBreaker::release`].
    pub fn release(&self) {
        self.breaker.release();
    }

    /// Continues from the state of a breaker with other settings, which this breaker replaces.
    #[doc(hidden)]
    pub fn adopt(&self, other: &SharedBreaker<C, On>, now: Duration) {
        self.breaker.restore(&other.breaker.save(now), now);
    }

    /// Closes the breaker: see [`CircuitBreaker::reset`].
    pub fn reset(&self) {
        self.breaker.reset();
    }
}

impl<C: Clone, On> Clone for SharedBreaker<C, On> {
    fn clone(&self) -> Self {
        SharedBreaker {
            breaker: Arc::clone(&self.breaker),
            classifier: self.classifier.clone(),
            on: PhantomData,
        }
    }
}

impl<C, On> fmt::Debug for SharedBreaker<C, On> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedBreaker")
            .field("stats", &self.stats())
            .finish_non_exhaustive()
    }
}

/// Calls a clock that is read at most once.
fn once(clock: impl FnOnce() -> Duration) -> impl FnMut() -> Duration {
    let mut clock = Some(clock);
    move || clock.take().map_or(Duration::ZERO, |clock| clock())
}

impl<C, On> sealed::Door for SharedBreaker<C, On> {
    fn admit_call(&self, clock: impl FnOnce() -> Duration) -> Result<Admitted, Rejected> {
        self.breaker.admit_call(&mut once(clock))
    }

    fn report(&self, call: Admitted, outcome: Outcome, clock: impl FnOnce() -> Duration) {
        self.breaker.report(call, outcome, &mut once(clock));
    }

    fn drop_call(&self, call: Admitted) {
        self.breaker.drop_call(call);
    }
}

impl<C, On: Judge<C, V, E>, V, E> Judges<V, E> for SharedBreaker<C, On> {
    fn judge(&self, outcome: &Result<V, E>) -> Verdict {
        On::judge(&self.classifier, outcome)
    }
}

impl<C: Clone, On> Gate for SharedBreaker<C, On> {
    type Permit = AttemptPermit<Self>;

    fn admit(&self, now: Duration) -> Result<Self::Permit, gate::Rejected> {
        AttemptPermit::admit(self.clone(), || now)
    }

    fn admit_by(&self, clock: impl Fn() -> Duration) -> Result<Self::Permit, gate::Rejected> {
        AttemptPermit::admit(self.clone(), clock)
    }
}

impl<C: Clone, On: Judge<C, V, E>, V, E> Report<V, E> for SharedBreaker<C, On> {
    fn report(&self, permit: Self::Permit, ended: Ended<'_, V, E>, clock: impl Fn() -> Duration) {
        permit.report(ended, clock);
    }
}
