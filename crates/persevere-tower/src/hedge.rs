//! [`HedgeLayer`]: calls a service a second time while the first call is slow.

mod operation;

pub use operation::{LegFuture, ServiceLegs};

use crate::replay::{AsIs, Replay};
use persevere_core::Sleeper;
use persevere_core::budget::Budget;
use persevere_core::classify::Judge;
use persevere_core::sleeper::AwaitedBy;
use persevere_hedge::{Delay, Gates, HedgeFuture, HedgeObserver, Hedged, Hedges, Legs, Reports};
use std::fmt;
use std::mem;
use std::task::{Context, Poll};
use tower_layer::Layer;
use tower_service::Service;

/// Calls a service again while the first call is slow, and returns the answer that is there first.
///
/// It is made from a hedge with its sleeper and its budget, which also has the classifier, the breakers and the observers:
/// see [`Hedged`]. Each call of the service is a call of that hedge.
///
/// - The first leg is made by the instance that is ready. Each further leg is made by a clone, which is polled until it is
///   ready; that time counts as the leg's.
/// - Requests are repeated as in a [`RetryLayer`](crate::RetryLayer), by a [`Replay`]. A request that cannot be repeated, or
///   not yet, is sent once, and its hedge is [`Suppressed`](persevere_hedge::HedgeEvent::Suppressed). See [`hedge_if`](HedgeLayer::hedge_if) for requests that must not be sent twice.
/// - The legs that lost are dropped before the answer is returned. They need no task, and hold their places in the service
///   only as long as they run.
/// - The error type of the service stays as it is. With a breaker it is a [`HedgeError`](persevere_hedge::HedgeError).
///
/// It stands below the retries, since a hedge is one attempt, and above the layers that count legs.
///
/// ```
/// use persevere::budget::WindowedRatio;
/// use persevere::hedge::{Hedge, Latency, Quantile};
/// use persevere::tower::{HedgeLayer, RetryLayer};
/// use persevere::{Policy, TokioSleeper};
/// use tower::{Service, ServiceBuilder, ServiceExt};
///
/// static LATENCY: Latency = Latency::new();
/// static HEDGE: Hedge = Hedge::at(&LATENCY, Quantile::P95);
/// /// At most 5 % more calls.
/// static HEDGES: WindowedRatio = WindowedRatio::new().ratio(0.05).reserve(0);
/// static POLICY: Policy = Policy::exponential(std::time::Duration::from_millis(50));
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)] async fn main() {
/// let replicas = tower::service_fn(|key: u32| async move { Ok::<_, std::io::Error>(key + 1) });
/// let mut service = ServiceBuilder::new()
///     .layer(RetryLayer::new(&POLICY, TokioSleeper))
///     .layer(HedgeLayer::new(HEDGE.on(TokioSleeper).budget(&HEDGES)))
///     .service(replicas);
/// assert_eq!(service.ready().await.unwrap().call(41).await.unwrap(), 42);
/// # }
/// ```
///
/// `H` is the hedge, `R` how requests are repeated, `F` which requests are hedged. You need not name them.
#[derive(Clone)]
#[must_use = "a layer does nothing until it wraps a service"]
pub struct HedgeLayer<H, R = AsIs, F = Always> {
    hedged: H,
    replay: R,
    hedge_if: F,
}

impl<H> HedgeLayer<H> {
    /// Makes each call with this hedge: a [`Hedged`], such as `HEDGE.on(TokioSleeper).budget(&HEDGES)`.
    pub const fn new(hedged: H) -> Self {
        HedgeLayer {
            hedged,
            replay: AsIs,
            hedge_if: Always,
        }
    }
}

impl<H, R, F> HedgeLayer<H, R, F> {
    /// Sets how requests are repeated: [`AsIs`], which clones them, by default. The replays for http put the
    /// [`Leg`](persevere_hedge::Leg) into the extensions of each request, so that a service below can choose a replica.
    pub fn replay<N>(self, replay: N) -> HedgeLayer<H, N, F> {
        HedgeLayer {
            hedged: self.hedged,
            replay,
            hedge_if: self.hedge_if,
        }
    }

    /// Hedges only the requests for which `predicate` returns `true`: the requests that may be sent twice.
    ///
    /// ```
    /// use http::Request;
    /// use persevere::TokioSleeper;
    /// use persevere::budget::WindowedRatio;
    /// use persevere::hedge::Hedge;
    /// use persevere::tower::{HedgeLayer, HttpClone};
    /// use std::time::Duration;
    ///
    /// static HEDGES: WindowedRatio = WindowedRatio::new().ratio(0.05).reserve(0);
    ///
    /// let hedged = Hedge::after(Duration::from_millis(20)).on(TokioSleeper).budget(&HEDGES);
    /// let layer = HedgeLayer::new(hedged)
    ///     .replay(HttpClone)
    ///     .hedge_if(|request: &Request<String>| request.method().is_idempotent());
    /// # let _ = layer;
    /// ```
    pub fn hedge_if<Req, N: Fn(&Req) -> bool>(self, predicate: N) -> HedgeLayer<H, R, N> {
        HedgeLayer {
            hedged: self.hedged,
            replay: self.replay,
            hedge_if: predicate,
        }
    }
}

/// Selects the requests that are hedged. Sealed: implemented by [`Always`] and by closures.
pub trait HedgeIf<Req>: sealed::Sealed<Req> {
    /// Whether a call with this request is hedged.
    fn hedges(&self, request: &Req) -> bool;
}

/// Every request is hedged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Always;

impl<Req> HedgeIf<Req> for Always {
    fn hedges(&self, _: &Req) -> bool {
        true
    }
}

impl<Req, F: Fn(&Req) -> bool> HedgeIf<Req> for F {
    fn hedges(&self, request: &Req) -> bool {
        self(request)
    }
}

impl<V, H: Clone, R: Clone, F: Clone> Layer<V> for HedgeLayer<H, R, F> {
    type Service = HedgeService<V, H, R, F>;

    fn layer(&self, inner: V) -> HedgeService<V, H, R, F> {
        HedgeService {
            inner,
            layer: self.clone(),
        }
    }
}

/// A service whose calls are hedged; made by [`HedgeLayer`].
#[derive(Debug, Clone)]
pub struct HedgeService<V, H, R = AsIs, F = Always> {
    inner: V,
    layer: HedgeLayer<H, R, F>,
}

impl<V, Req, D, S, B, C, On, G, O, R, F, const HEDGES: usize> Service<Req>
    for HedgeService<V, Hedged<D, S, B, HEDGES, C, On, G, O>, R, F>
where
    V: Service<R::Sent> + Clone,
    D: Delay,
    S: Sleeper<Sleep: AwaitedBy<S>>,
    B: Budget,
    On: Judge<C, V::Response, V::Error>,
    G: Gates + Reports<V::Response, V::Error>,
    O: HedgeObserver,
    R: Replay<Req> + Clone,
    F: HedgeIf<Req>,
    Hedges<HEDGES>: Legs,
    Hedged<D, S, B, HEDGES, C, On, G, O>: Clone,
{
    type Response = V::Response;
    type Error = G::Error<V::Error>;
    type Future = HedgeFuture<
        D,
        S,
        B,
        C,
        On,
        G,
        O,
        ServiceLegs<V, Req, R>,
        Result<V::Response, V::Error>,
        <Hedges<HEDGES> as Legs>::Slots<LegFuture<V, R::Sent>>,
    >;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(context).map_err(G::failed)
    }

    fn call(&mut self, request: Req) -> Self::Future {
        // The instance that is ready makes the first leg; its clone may not be.
        let clone = self.inner.clone();
        let service = mem::replace(&mut self.inner, clone);
        let HedgeLayer {
            hedged,
            replay,
            hedge_if,
        } = &self.layer;
        let is_hedged = hedge_if.hedges(&request);
        let hedged = match hedged.clone() {
            hedged if is_hedged => hedged,
            hedged => hedged.repeatable(false),
        };
        hedged.run_operation(ServiceLegs::new(service, request, replay.clone(), is_hedged))
    }
}

impl<H, R, F> fmt::Debug for HedgeLayer<H, R, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HedgeLayer").finish_non_exhaustive()
    }
}

mod sealed {
    pub trait Sealed<Req> {}
    impl<Req> Sealed<Req> for super::Always {}
    impl<Req, F: Fn(&Req) -> bool> Sealed<Req> for F {}
}
