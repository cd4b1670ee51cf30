//! [`Hedge`]: the settings for a second call of a slow operation.

use crate::call::Call;
use crate::delay::{After, AnyDelay, At, Delay};
use crate::future::HedgeFuture;
use crate::gates::{GateOfLeg, Gates, OneGate, Reports, Ungated};
use crate::latency::Latency;
use crate::leg::Leg;
use crate::observe::{Both, HedgeObserver, Unobserved};
use crate::operation::Operation;
use crate::quantile::Quantile;
use crate::slots::{Hedges, Legs};
use core::future::Future;
use core::marker::PhantomData;
use core::ops::Deref;
use core::time::Duration;
use persevere_core::budget::Budget;
use persevere_core::classify::{self, AnyError, Errors, Judge, Outcomes, When};
use persevere_core::gate::Gate;
use persevere_core::run::Awaited;
use persevere_core::sleeper::{AwaitedBy, Clock, Sleeper};

/// The settings for a second call of a slow operation, and a third: plain data, for a `static`.
///
/// A hedge sends a request again while the first is still running, and takes the answer that is there first. This cuts the
/// tail of the latency: where one call in twenty is slow by chance, one in four hundred is slow twice. Hedge only
/// operations that may be made twice.
///
/// | setting | default | |
/// |---|---|---|
/// | [`at`](Hedge::at), [`after`](Hedge::after) | | after a quantile of earlier calls, or after a fixed time |
/// | [`floor`](Hedge::floor) | 1 ms | never earlier |
/// | [`max_hedges`](Hedge::max_hedges) | 1 | calls in addition to the first |
///
/// `D` is the delay, `HEDGES` the number of hedges.
///
/// # Examples
///
/// ```
/// use persevere::TokioSleeper;
/// use persevere::budget::WindowedRatio;
/// use persevere::hedge::{Hedge, Latency, Quantile};
/// use std::io;
///
/// static LATENCY: Latency = Latency::new();
/// static HEDGE: Hedge = Hedge::at(&LATENCY, Quantile::P95);
/// /// At most 5 % more calls.
/// static HEDGES: WindowedRatio = WindowedRatio::new().ratio(0.05).reserve(0);
///
/// async fn get(replica: &str, key: u32) -> io::Result<u32> { Ok(key + 1) }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> io::Result<()> {
/// let replicas = ["a", "b"];
/// let value = HEDGE.on(TokioSleeper).budget(&HEDGES).run(|leg| get(replicas[leg.index()], 41)).await?;
/// assert_eq!(value, 42);
/// # Ok(()) }
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Hedge<D = At<&'static Latency>, const HEDGES: usize = 1> {
    delay: D,
}

impl<L: Deref<Target = Latency>> Hedge<At<L>> {
    /// Hedges when a call has taken longer than the given share of earlier calls: after [`Quantile::P95`] at most one call
    /// in twenty is hedged.
    ///
    /// The latency is passed by reference or in an `Arc`. It records the legs' times: of successes, and of failures of
    /// the class [`Timeout`](persevere_core::budget::Class::Timeout). A leg that is dropped is recorded with its time
    /// until then. While it has no quantile, there are no hedges by time.
    pub const fn at(latency: L, quantile: Quantile) -> Hedge<At<L>> {
        Hedge {
            delay: At {
                latency,
                quantile,
                floor: Duration::from_millis(1),
            },
        }
    }
}

impl Hedge<After> {
    /// Hedges when a call has taken `delay`. With a delay of zero all calls are made at once.
    #[must_use]
    pub const fn after(delay: Duration) -> Hedge<After> {
        Hedge { delay: After(delay) }
    }
}

impl<L: Deref<Target = Latency>, const HEDGES: usize> Hedge<At<L>, HEDGES> {
    /// Sets the shortest delay, whatever the quantile is.
    #[must_use]
    pub const fn floor(mut self, floor: Duration) -> Self {
        self.delay.floor = floor;
        self
    }
}

impl<L, const HEDGES: usize> From<Hedge<After, HEDGES>> for Hedge<AnyDelay<L>, HEDGES> {
    fn from(hedge: Hedge<After, HEDGES>) -> Self {
        Hedge {
            delay: AnyDelay::After(hedge.delay),
        }
    }
}

impl<L, const HEDGES: usize> From<Hedge<At<L>, HEDGES>> for Hedge<AnyDelay<L>, HEDGES> {
    fn from(hedge: Hedge<At<L>, HEDGES>) -> Self {
        Hedge {
            delay: AnyDelay::At(hedge.delay),
        }
    }
}

impl<D: Delay + Copy, const HEDGES: usize> Hedge<D, HEDGES> {
    /// Sets how many calls are made in addition to the first: 1, 2 or 3. Each begins a delay after the one before. The
    /// future of a call has a place for each.
    ///
    /// ```
    /// use persevere::hedge::{After, Hedge};
    /// use std::time::Duration;
    ///
    /// static HEDGE: Hedge<After, 2> = Hedge::after(Duration::from_millis(20)).max_hedges::<2>();
    /// ```
    #[must_use]
    pub const fn max_hedges<const N: usize>(self) -> Hedge<D, N>
    where
        Hedges<N>: Legs,
    {
        Hedge { delay: self.delay }
    }
}

impl<D: Delay + Clone, const HEDGES: usize> Hedge<D, HEDGES> {
    /// A call with this hedge on `sleeper`, which may be borrowed. It needs a budget.
    #[inline]
    pub fn on<S: Sleeper>(&self, sleeper: S) -> Unbudgeted<D, S, HEDGES> {
        Unbudgeted {
            delay: self.delay.clone(),
            sleeper,
        }
    }
}

/// A call with a hedge and without a budget; made by [`Hedge::on`].
///
/// ```compile_fail,E0599
/// use persevere::{TokioSleeper, hedge::Hedge};
/// use std::time::Duration;
///
/// let _ = Hedge::after(Duration::from_secs(1)).on(TokioSleeper).run(|_| async { Ok::<_, ()>(7) });
/// ```
#[derive(Debug, Clone, Copy)]
#[must_use = "a hedge does nothing until `.budget(..).run(..).await`"]
pub struct Unbudgeted<D, S, const HEDGES: usize> {
    delay: D,
    sleeper: S,
}

impl<D: Delay, S: Sleeper, const HEDGES: usize> Unbudgeted<D, S, HEDGES> {
    /// Has a budget admit or reject each hedge: all the calls that share it together make no more hedges than it
    /// allows. The first leg needs no budget. A hedge for which there is no budget is not made, and the legs that are
    /// running continue.
    ///
    /// Take a separate budget for hedges: [`WindowedRatio`](https://docs.rs/persevere-budget) without a reserve bounds
    /// the extra load by its ratio. A success deposits, and a hedge that wins is not paid back.
    #[inline]
    pub fn budget<B: Budget>(self, budget: B) -> Hedged<D, S, B, HEDGES> {
        Hedged {
            delay: self.delay,
            sleeper: self.sleeper,
            budget,
            classifier: AnyError,
            gates: Ungated,
            observer: Unobserved,
            is_repeatable: true,
            on: PhantomData,
        }
    }
}

/// A hedged call, about to start; made by [`Unbudgeted::budget`].
///
/// `D` is the delay, `S` the sleeper, `B` the budget, `C` the classifier, `G` the breakers, `O` the observers. You need not
/// name them.
#[derive(Debug, Clone)]
#[must_use = "a hedge does nothing until `.run(..).await`"]
pub struct Hedged<D, S, B, const HEDGES: usize, C = AnyError, On = Errors, G = Ungated, O = Unobserved> {
    delay: D,
    sleeper: S,
    budget: B,
    classifier: C,
    gates: G,
    observer: O,
    is_repeatable: bool,
    on: PhantomData<fn() -> On>,
}

/// The failures that are worth another leg.
impl<D, S, B, const HEDGES: usize, C, On, G, O> Hedged<D, S, B, HEDGES, C, On, G, O> {
    /// Classifies each error by a [`Classifier`](persevere_core::Classifier). A failure that is worth a retry starts
    /// the next leg at once, any other ends the call. By default every failure is worth a retry.
    ///
    /// A hint ([`Verdict::RetryAfter`](persevere_core::Verdict::RetryAfter)) delays all further legs of the call, while
    /// others are running. If none is running, the call ends with this failure, and a run around it waits.
    pub fn classify<N>(self, classifier: N) -> Hedged<D, S, B, HEDGES, N, Errors, G, O> {
        self.with_classifier(classifier)
    }

    /// [`classify`](Hedged::classify) for whole results, `Ok` too, such as responses with a status of 503.
    pub fn classify_outcome<N>(self, classifier: N) -> Hedged<D, S, B, HEDGES, N, Outcomes, G, O> {
        self.with_classifier(classifier)
    }

    /// [`classify`](Hedged::classify) with a predicate.
    pub fn retry_if<E: ?Sized, F: Fn(&E) -> bool>(
        self,
        predicate: F,
    ) -> Hedged<D, S, B, HEDGES, When<F>, Errors, G, O> {
        self.with_classifier(classify::when(predicate))
    }

    fn with_classifier<N, On2>(self, classifier: N) -> Hedged<D, S, B, HEDGES, N, On2, G, O> {
        Hedged {
            delay: self.delay,
            sleeper: self.sleeper,
            budget: self.budget,
            classifier,
            gates: self.gates,
            observer: self.observer,
            is_repeatable: self.is_repeatable,
            on: PhantomData,
        }
    }

    /// Sets whether this call may be made more than once, such as `method.is_idempotent()`; `true` by default.
    pub fn repeatable(mut self, is_repeatable: bool) -> Self {
        self.is_repeatable = is_repeatable;
        self
    }

    /// Adds `observer`, which receives every event, to the observers that were added before.
    pub fn observe<N: HedgeObserver>(self, observer: N) -> Hedged<D, S, B, HEDGES, C, On, G, Both<O, N>> {
        Hedged {
            delay: self.delay,
            sleeper: self.sleeper,
            budget: self.budget,
            classifier: self.classifier,
            gates: self.gates,
            observer: Both(self.observer, observer),
            is_repeatable: self.is_repeatable,
            on: PhantomData,
        }
    }
}

/// Breakers and other gates.
impl<D, S, B, const HEDGES: usize, C, On, O> Hedged<D, S, B, HEDGES, C, On, Ungated, O> {
    /// Has a circuit breaker admit or reject each leg, and reports to it how the leg ended. A leg that lost is reported
    /// as superseded. The call returns a [`HedgeError`](crate::HedgeError).
    ///
    /// If the first leg is rejected, the next leg is made in its place.
    pub fn breaker<N: Gate>(self, breaker: N) -> Hedged<D, S, B, HEDGES, C, On, OneGate<N>, O>
    where
        S: Clock,
    {
        self.with_gates(OneGate(breaker))
    }

    /// [`breaker`](Hedged::breaker) for any other [`Gate`], such as a limit of concurrent calls.
    pub fn gate<N: Gate>(self, gate: N) -> Hedged<D, S, B, HEDGES, C, On, OneGate<N>, O> {
        self.with_gates(OneGate(gate))
    }

    /// [`breaker`](Hedged::breaker) with a breaker for each leg, such as a breaker for each replica.
    ///
    /// A replica that hangs only ever loses. So that its breaker notices, set `slow_after` to less than the time at
    /// which its legs are dropped, such as the floor.
    ///
    /// ```
    /// use persevere::TokioSleeper;
    /// use persevere::breaker::CircuitBreaker;
    /// use persevere::budget::WindowedRatio;
    /// use persevere::hedge::Hedge;
    /// use std::time::Duration;
    ///
    /// static BREAKERS: [CircuitBreaker; 2] =
    ///     [const { CircuitBreaker::consecutive_failures(5).slow_after(Duration::from_millis(20)).build() }; 2];
    /// static HEDGES: WindowedRatio = WindowedRatio::new().ratio(0.05).reserve(0);
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let hedge = Hedge::after(Duration::from_millis(20)).on(TokioSleeper).budget(&HEDGES);
    /// let value = hedge.breakers(|leg| &BREAKERS[leg.index()]).run(|_| async { Ok::<_, std::io::Error>(7) }).await;
    /// assert_eq!(value.unwrap(), 7);
    /// # }
    /// ```
    pub fn breakers<N: Gate, F: Fn(Leg) -> N>(self, breaker_of: F) -> Hedged<D, S, B, HEDGES, C, On, GateOfLeg<F>, O>
    where
        S: Clock,
    {
        self.with_gates(GateOfLeg(breaker_of))
    }

    fn with_gates<N>(self, gates: N) -> Hedged<D, S, B, HEDGES, C, On, N, O> {
        Hedged {
            delay: self.delay,
            sleeper: self.sleeper,
            budget: self.budget,
            classifier: self.classifier,
            gates,
            observer: self.observer,
            is_repeatable: self.is_repeatable,
            on: PhantomData,
        }
    }
}

/// Running.
impl<D: Delay, S: Sleeper, B: Budget, const HEDGES: usize, C, On, G: Gates, O: HedgeObserver>
    Hedged<D, S, B, HEDGES, C, On, G, O>
{
    /// Calls the operation, calls it again if it is slow, and returns the first answer.
    ///
    /// The legs live in the future itself. It needs no task and no allocator, is polled by any executor, and is `Send`
    /// if its parts are. Dropping it drops all legs. The legs that lost are dropped before the answer is returned.
    ///
    /// It must be safe to make the operation twice. A sleeper that blocks does not compile here: blocking code cannot
    /// be hedged without threads.
    ///
    /// ```compile_fail,E0277
    /// use persevere::{ThreadSleeper, budget::WindowedRatio, hedge::Hedge};
    /// use std::time::Duration;
    ///
    /// static HEDGES: WindowedRatio = WindowedRatio::new();
    /// let hedge = Hedge::after(Duration::from_secs(1)).on(ThreadSleeper).budget(&HEDGES);
    /// let _ = hedge.run(|_| async { Ok::<_, ()>(7) });
    /// ```
    ///
    /// # Retries around it
    ///
    /// A hedge is the operation of a run. The run decides about attempts, delays, hints and limits of time, and drops a hedge
    /// that takes longer than its `attempt_timeout`.
    ///
    /// ```
    /// use persevere::budget::WindowedRatio;
    /// use persevere::hedge::Hedge;
    /// use persevere::{Policy, TokioSleeper};
    /// use std::time::Duration;
    ///
    /// static API: Policy = Policy::exponential(Duration::from_millis(100)).attempt_timeout(Duration::from_secs(2));
    /// static HEDGES: WindowedRatio = WindowedRatio::new().ratio(0.05).reserve(0);
    ///
    /// async fn get(replica: usize) -> std::io::Result<usize> { Ok(replica) }
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let hedge = Hedge::after(Duration::from_millis(20));
    /// let value = API.on(TokioSleeper).run(|| {
    ///     hedge.on(TokioSleeper).budget(&HEDGES).run(|leg| get(leg.index()))
    /// });
    /// assert_eq!(value.await.unwrap(), 0);
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The error of the last leg that failed. With a breaker it is a [`HedgeError`](crate::HedgeError), which may be the
    /// rejection of the first leg.
    #[expect(clippy::type_complexity, reason = "the type of a call is not named")]
    pub fn run<T, E, F, A>(
        self,
        operation: F,
    ) -> HedgeFuture<D, S, B, C, On, G, O, F, Result<T, E>, <Hedges<HEDGES> as Legs>::Slots<A>>
    where
        F: FnMut(Leg) -> A,
        A: Awaited<T, E> + Future<Output = Result<T, E>>,
        S::Sleep: AwaitedBy<S>,
        On: Judge<C, T, E>,
        G: Reports<T, E>,
        Hedges<HEDGES>: Legs,
    {
        self.run_operation(operation)
    }

    /// [`run`](Hedged::run) for an [`Operation`] that is a type, so that the future of a call has a name.
    ///
    /// # Errors
    ///
    /// As [`run`](Hedged::run).
    #[expect(clippy::type_complexity, reason = "the type of a call is not named")]
    pub fn run_operation<T, E, F, A>(
        self,
        operation: F,
    ) -> HedgeFuture<D, S, B, C, On, G, O, F, Result<T, E>, <Hedges<HEDGES> as Legs>::Slots<A>>
    where
        F: Operation<Future = A>,
        A: Future<Output = Result<T, E>>,
        S::Sleep: AwaitedBy<S>,
        On: Judge<C, T, E>,
        G: Reports<T, E>,
        Hedges<HEDGES>: Legs,
    {
        let call = Call::new(
            self.delay,
            self.sleeper,
            self.budget,
            self.classifier,
            self.gates,
            self.observer,
            self.is_repeatable,
        );
        HedgeFuture::new(call, operation)
    }
}
