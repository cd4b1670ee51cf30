//! [`RetryLayer`]: retries the calls of a service.
//!
//! The other types of this module are parts of its type; you need not name them.

mod call;
mod ending;
mod future;
mod guards;
mod policies;
mod service;
mod stop_if;

pub use ending::{Bare, Ending, Explained};
pub use future::RetryFuture;
pub use guards::{Equip, NoGuards, WithBudget, WithBulkhead, WithGate, WithPace};
pub use policies::{ByRequest, Policies};
pub use service::Retry;
pub use stop_if::{Never, StopIf};

use crate::replay::AsIs;
use crate::unrepeatable::{OnUnrepeatable, Unrepeatable};
use persevere_core::budget::Budget;
use persevere_core::gate::Gate;
use persevere_core::sleeper::AwaitedBy;
use persevere_core::{Clock, Sleeper};
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use tower_layer::Layer;

/// Retries the calls of a service by a policy.
///
/// The response and error types of the service stay as they are. A call returns its last outcome: the last error, or the
/// last response even if the policy does not accept it, such as a 503.
///
/// - Before each further attempt the service is polled until it is ready, at most until the time of the run is over. See
///   [`not_ready`](RetryLayer::not_ready).
/// - A call that waits holds no place in the service, such as a permit of tower's `ConcurrencyLimit`.
/// - An error of `poll_ready` ends the call with that error.
/// - The first attempt is made to its end, since without an outcome there is nothing to return. Later attempts are
///   limited by the policy's `attempt_timeout`; an attempt that times out leaves the outcome of an earlier attempt as
///   the last. [`explained`](RetryLayer::explained) limits every attempt.
/// - A request that cannot be repeated is sent once: its failure has the verdict to stop. See [`Replay`](crate::Replay), and
///   [`on_unrepeatable`](RetryLayer::on_unrepeatable) to learn of it.
/// - The response that is not accepted is held while the call waits, since it may have to be returned. See
///   [`drop_failed`](RetryLayer::drop_failed).
///
/// The policy is passed by value, by reference to a `static`, or as a `SharedPolicy`. Its classifier judges
/// `Result<Response, Error>` or `Error` of the service.
///
/// ```
/// use persevere::tower::RetryLayer;
/// use persevere::{Policy, TokioSleeper, Verdict};
/// use std::time::Duration;
/// use tower::{Service, ServiceBuilder, ServiceExt};
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)] async fn main() {
/// let policy = Policy::exponential(Duration::from_millis(50)).classify_outcome_with(|outcome: &Result<u16, String>| {
///     match outcome {
///         Ok(429 | 500..) | Err(_) => Verdict::Retry,
///         Ok(_) => Verdict::Accept,
///     }
/// });
/// let client = tower::service_fn(|_: &'static str| async { Ok(503) });
/// let mut service = ServiceBuilder::new().layer(RetryLayer::new(policy, TokioSleeper)).service(client);
/// assert_eq!(service.ready().await.unwrap().call("/").await, Ok(503));
/// # }
/// ```
///
/// `P` is the policy, `S` the sleeper, `O` the observers, `Q` the guards, `R` how requests are repeated. `F` selects
/// the errors that stop at once, `M` is what a call returns. You need not name them.
#[must_use = "a layer does nothing until it wraps a service"]
pub struct RetryLayer<P, S, O = (), Q = NoGuards, R = AsIs, F = Never, M = Bare> {
    policy: P,
    sleeper: S,
    observer: O,
    guards: Q,
    replay: R,
    stop_if: F,
    settings: Settings,
    ending: PhantomData<fn() -> M>,
}

/// The settings of a layer that are no parts of its type.
#[derive(Clone)]
struct Settings {
    not_ready: NotReady,
    drop_failed: bool,
    on_unrepeatable: OnUnrepeatable,
}

/// The behaviour of a call if its service is not ready before a further attempt; set by [`RetryLayer::not_ready`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum NotReady {
    /// Waits until the service is ready, at most until the time of the run is over: the default.
    #[default]
    Wait,
    /// Gives up, with the last outcome, and with [`StopReason::Rejected`](persevere_core::StopReason::Rejected): a service that
    /// is not ready is overloaded.
    GiveUp,
}

impl<P, S> RetryLayer<P, S> {
    /// Retries by `policy`, and waits on `sleeper`.
    pub const fn new(policy: P, sleeper: S) -> Self
    where
        S: Sleeper<Sleep: AwaitedBy<S>>,
    {
        RetryLayer::with_policies(policy, sleeper)
    }

    /// Retries each call by the policy that [`Policies`] returns for its request: [`by`](RetryLayer::by) for a type in place of
    /// a closure.
    pub const fn with_policies(policy: P, sleeper: S) -> Self {
        RetryLayer {
            policy,
            sleeper,
            observer: (),
            guards: NoGuards,
            replay: AsIs,
            stop_if: Never,
            settings: Settings {
                not_ready: NotReady::Wait,
                drop_failed: false,
                on_unrepeatable: None,
            },
            ending: PhantomData,
        }
    }
}

impl<F, S> RetryLayer<ByRequest<F>, S> {
    /// Retries each call by the policy that `policy` returns for its request, and waits on `sleeper`: for requests that may not
    /// all be repeated.
    ///
    /// ```
    /// use http::Request;
    /// use persevere::tower::{HttpClone, RetryLayer};
    /// use persevere::{Policy, TokioSleeper};
    /// use std::time::Duration;
    ///
    /// static POLICY: Policy = Policy::exponential(Duration::from_millis(50));
    ///
    /// let layer = RetryLayer::by(
    ///     |request: &Request<String>| {
    ///         if request.method().is_idempotent() { POLICY } else { POLICY.max_attempts(1) }
    ///     },
    ///     TokioSleeper,
    /// );
    /// # let _ = layer.replay(HttpClone);
    /// ```
    pub const fn by<Req, P>(policy: F, sleeper: S) -> Self
    where
        F: Fn(&Req) -> P,
        S: Sleeper<Sleep: AwaitedBy<S>>,
    {
        RetryLayer::with_policies(ByRequest(policy), sleeper)
    }
}

impl<P, S, O, Q, R, F, M> RetryLayer<P, S, O, Q, R, F, M> {
    /// Adds `observer`, which receives every event, to the observers that were added before. It is passed by reference
    /// or in an `Arc`.
    pub fn observe<N>(self, observer: N) -> RetryLayer<P, S, (O, N), Q, R, F, M> {
        RetryLayer {
            policy: self.policy,
            sleeper: self.sleeper,
            observer: (self.observer, observer),
            guards: self.guards,
            replay: self.replay,
            stop_if: self.stop_if,
            settings: self.settings,
            ending: PhantomData,
        }
    }

    /// Asks a budget before each retry: see [`Run::budget`](persevere_core::Run::budget). It is passed by reference or in an
    /// `Arc`, and shared by all calls.
    pub fn budget<B: Budget>(self, budget: B) -> RetryLayer<P, S, O, WithBudget<Q, B>, R, F, M> {
        self.with_guards(|others| WithBudget::new(others, budget))
    }

    /// Sets how requests are repeated: see [`replay`](crate::replay).
    pub fn replay<N>(self, replay: N) -> RetryLayer<P, S, O, Q, N, F, M> {
        RetryLayer {
            policy: self.policy,
            sleeper: self.sleeper,
            observer: self.observer,
            guards: self.guards,
            replay,
            stop_if: self.stop_if,
            settings: self.settings,
            ending: PhantomData,
        }
    }

    /// Sets what a call does before a further attempt if its service is not ready.
    pub fn not_ready(mut self, not_ready: NotReady) -> Self {
        self.settings.not_ready = not_ready;
        self
    }

    /// Calls `f` when a request is not sent again, although its failure was worth a retry, with the reason: to log or count
    /// it. The call ends as not retryable. It replaces the closure that was set before.
    ///
    /// ```
    /// use persevere::tower::{Buffered, RetryLayer};
    /// use persevere::{Policy, TokioSleeper};
    ///
    /// let layer = RetryLayer::new(Policy::default(), TokioSleeper)
    ///     .replay(Buffered::up_to(64 * 1024))
    ///     .on_unrepeatable(|why| eprintln!("orders: {why}"));
    /// # let _ = layer;
    /// ```
    pub fn on_unrepeatable(mut self, f: impl Fn(Unrepeatable) + Send + Sync + 'static) -> Self {
        self.settings.on_unrepeatable = Some(Arc::new(f));
        self
    }

    /// Stops at once on errors for which `predicate` holds, whatever the policy's classifier returns. It is for errors
    /// of the layers below, which the classifier of a shared policy does not recognize. It replaces the predicate that
    /// was set before.
    ///
    /// Without it, the error of tower's `LoadShed` below this layer uses up all attempts.
    ///
    /// ```
    /// use persevere::tower::{BoxError, RetryLayer};
    /// use persevere::{Policy, TokioSleeper};
    /// use tower::load_shed::error::Overloaded;
    ///
    /// let layer = RetryLayer::new(Policy::default(), TokioSleeper).stop_if(|error: &BoxError| error.is::<Overloaded>());
    /// # let _ = layer;
    /// ```
    pub fn stop_if<E, N: Fn(&E) -> bool>(self, predicate: N) -> RetryLayer<P, S, O, Q, R, N, M> {
        RetryLayer {
            policy: self.policy,
            sleeper: self.sleeper,
            observer: self.observer,
            guards: self.guards,
            replay: self.replay,
            stop_if: predicate,
            settings: self.settings,
            ending: PhantomData,
        }
    }

    /// Turns the error of the service into a [`RetryError`](persevere_core::RetryError), which contains the reason why
    /// the call was given up, and the number of attempts. Then every attempt may time out, the first too, and
    /// [`breaker`](RetryLayer::breaker) is available. A last response that the policy does not accept is still returned
    /// as `Ok`.
    ///
    /// ```
    /// use persevere::tower::RetryLayer;
    /// use persevere::{Policy, StopReason, TokioSleeper};
    /// use std::time::Duration;
    /// use tower::{Service, ServiceBuilder, ServiceExt};
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)] async fn main() {
    /// let policy = Policy::fixed(Duration::from_secs(1)).attempt_timeout(Duration::from_secs(2));
    /// let hangs = tower::service_fn(|_: ()| std::future::pending::<Result<(), String>>());
    /// let mut service = ServiceBuilder::new().layer(RetryLayer::new(policy, TokioSleeper).explained()).service(hangs);
    /// let error = service.ready().await.unwrap().call(()).await.unwrap_err();
    /// assert_eq!((error.reason(), error.attempts()), (StopReason::AttemptTimedOut, 3));
    /// # }
    /// ```
    pub fn explained(self) -> RetryLayer<P, S, O, Q, R, F, Explained> {
        RetryLayer {
            policy: self.policy,
            sleeper: self.sleeper,
            observer: self.observer,
            guards: self.guards,
            replay: self.replay,
            stop_if: self.stop_if,
            settings: self.settings,
            ending: PhantomData,
        }
    }

    fn with_guards<N>(self, guards: impl FnOnce(Q) -> N) -> RetryLayer<P, S, O, N, R, F, M> {
        RetryLayer {
            policy: self.policy,
            sleeper: self.sleeper,
            observer: self.observer,
            guards: guards(self.guards),
            replay: self.replay,
            stop_if: self.stop_if,
            settings: self.settings,
            ending: PhantomData,
        }
    }
}

impl<P, S, O, Q, R, F> RetryLayer<P, S, O, Q, R, F, Explained> {
    /// Asks a circuit breaker before each attempt: see [`Run::breaker`](persevere_core::Run::breaker). It is passed by
    /// reference, in an `Arc`, or as a `SharedBreaker`.
    ///
    /// Unlike a [`BreakerLayer`](crate::BreakerLayer) below, its rejections can be waited for, by the policy's
    /// `retry_rejected`, and they use up no attempts.
    pub fn breaker<N: Gate>(self, breaker: N) -> RetryLayer<P, S, O, WithGate<Q, N>, R, F, Explained>
    where
        S: Clock,
    {
        self.gate(breaker)
    }

    /// Waits before each attempt until a gate admits it, such as a pause that all callers share: see
    /// [`Run::pace`](persevere_core::Run::pace). The waits use up no attempts, and hold no place in the service below.
    ///
    /// ```
    /// use persevere::tower::RetryLayer;
    /// use persevere::{Policy, TokioSleeper, Verdict, limit::Pause};
    /// use std::time::Duration;
    /// use tower::{Service, ServiceBuilder, ServiceExt};
    ///
    /// static PAUSE: Pause = Pause::new();
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)] async fn main() {
    /// let policy = Policy::default().classify_with(|seconds: &u64| Verdict::RetryAfter(Duration::from_secs(*seconds)));
    /// let server = tower::service_fn(|_: ()| std::future::ready(Ok::<_, u64>("well")));
    /// let layer = RetryLayer::new(policy, TokioSleeper).explained().pace(&PAUSE);
    /// let mut service = ServiceBuilder::new().layer(layer).service(server);
    /// assert_eq!(service.ready().await.unwrap().call(()).await.unwrap(), "well");
    /// # }
    /// ```
    ///
    /// With one attempt, the layer only waits: for a place in a `Bulkhead` or `AdaptiveLimit`, a rate, or the end of a
    /// pause. The policy's classifier still finds the hints.
    ///
    /// ```
    /// use persevere::tower::{RetryLayer, replay};
    /// use persevere::{Policy, TokioSleeper, limit::Bulkhead};
    ///
    /// static CALLS: Bulkhead = Bulkhead::new(100);
    ///
    /// struct Order; // not `Clone`, and sent once
    ///
    /// let layer = RetryLayer::new(Policy::default().max_attempts(1), TokioSleeper)
    ///     .explained()
    ///     .replay(replay::by(|_: &Order| None))
    ///     .pace(&CALLS);
    /// # let _ = layer;
    /// ```
    pub fn pace<N: Gate>(self, gate: N) -> RetryLayer<P, S, O, WithPace<Q, N>, R, F, Explained> {
        self.with_guards(|others| WithPace::new(others, gate))
    }

    /// Asks a limit of the concurrent calls before each attempt, and before the breakers: see
    /// [`Run::bulkhead`](persevere_core::Run::bulkhead). No place is held in a wait. To limit calls without retries, pass the
    /// bulkhead to a [`BreakerLayer`](crate::BreakerLayer).
    pub fn bulkhead<N: Gate>(self, bulkhead: N) -> RetryLayer<P, S, O, WithBulkhead<Q, N>, R, F, Explained> {
        self.with_guards(|others| WithBulkhead::new(others, bulkhead))
    }

    /// [`breaker`](RetryLayer::breaker) for any other [`Gate`].
    pub fn gate<N: Gate>(self, gate: N) -> RetryLayer<P, S, O, WithGate<Q, N>, R, F, Explained> {
        self.with_guards(|others| WithGate::new(others, gate))
    }

    /// Drops a response that is not accepted before the wait for the next attempt, which frees its connection. If that attempt
    /// is then not made, the call returns an error without the response.
    pub fn drop_failed(mut self) -> Self {
        self.settings.drop_failed = true;
        self
    }
}

impl<V, P, S, O, Q, R, F, M> Layer<V> for RetryLayer<P, S, O, Q, R, F, M>
where
    Self: Clone,
{
    type Service = Retry<V, Self>;

    fn layer(&self, inner: V) -> Self::Service {
        Retry::new(inner, self.clone())
    }
}

// Not derived, since that would require `M: Clone`.
impl<P: Clone, S: Clone, O: Clone, Q: Clone, R: Clone, F: Clone, M> Clone for RetryLayer<P, S, O, Q, R, F, M> {
    fn clone(&self) -> Self {
        RetryLayer {
            policy: self.policy.clone(),
            sleeper: self.sleeper.clone(),
            observer: self.observer.clone(),
            guards: self.guards.clone(),
            replay: self.replay.clone(),
            stop_if: self.stop_if.clone(),
            settings: self.settings.clone(),
            ending: PhantomData,
        }
    }
}

impl<P: fmt::Debug, S, O, Q, R, F, M> fmt::Debug for RetryLayer<P, S, O, Q, R, F, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RetryLayer")
            .field("policy", &self.policy)
            .field("not_ready", &self.settings.not_ready)
            .field("drop_failed", &self.settings.drop_failed)
            .finish_non_exhaustive()
    }
}
