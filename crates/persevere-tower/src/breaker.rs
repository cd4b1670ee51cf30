//! [`BreakerLayer`]: asks a circuit breaker before each call of a service.

use crate::BoxError;
use persevere_core::Clock;
use persevere_core::gate::{Ended, Gate, Rejected, Report, within_call};
use pin_project_lite::pin_project;
use std::error::Error;
use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll};
use tower_layer::Layer;
use tower_service::Service;

/// Asks a circuit breaker, or any other [`Gate`], before each call, and reports to it how the call ended.
///
/// A call that is rejected fails with [`Rejected`] in a [`BoxError`], and the service below is not called. The other errors of
/// the service are boxed. `poll_ready` never fails because of the breaker.
///
/// The breaker's classifier judges `Result<Response, Error>` or `Error` of the service, before it is boxed. A call that is
/// dropped is abandoned, and a call that panics has failed.
///
/// With a `Bulkhead` or an `AdaptiveLimit` of `persevere::limit` it limits the concurrent calls, and rejects the others. The
/// place is given back when the call has ended or is dropped. For calls that wait for a place see
/// [`RetryLayer::pace`](crate::RetryLayer::pace).
///
/// Below a [`RetryLayer`](crate::RetryLayer) the breaker guards each attempt. A rejection is an error to the retries
/// above. [`rejected`] finds it, to stop at once or to wait for the time in the rejection.
///
/// ```
/// use persevere::tower::{BreakerLayer, RetryLayer, rejected};
/// use persevere::{Policy, TokioSleeper, breaker::CircuitBreaker};
/// use tower::{Service, ServiceBuilder, ServiceExt};
///
/// static BREAKER: CircuitBreaker = CircuitBreaker::consecutive_failures(2).build();
/// static POLICY: Policy = Policy::exponential(std::time::Duration::from_millis(10)).max_attempts(10);
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)] async fn main() {
/// let client = tower::service_fn(|_: ()| std::future::ready(Err::<(), _>("down")));
/// let mut service = ServiceBuilder::new()
///     .layer(RetryLayer::new(&POLICY, TokioSleeper).stop_if(|error| rejected(error).is_some()))
///     .layer(BreakerLayer::new(&BREAKER, TokioSleeper))
///     .service(client);
/// let error = service.ready().await.unwrap().call(()).await.unwrap_err();
/// assert!(rejected(&error).is_some(), "the third attempt");
/// # }
/// ```
#[derive(Debug, Clone)]
#[must_use = "a layer does nothing until it wraps a service"]
pub struct BreakerLayer<N, S> {
    breaker: N,
    clock: S,
}

impl<N: Gate, S: Clock> BreakerLayer<N, S> {
    /// Asks `breaker`, which is passed by reference, in an `Arc`, or as a `SharedBreaker`, by the time on `clock`: a sleeper.
    pub const fn new(breaker: N, clock: S) -> Self {
        BreakerLayer { breaker, clock }
    }
}

impl<V, N: Clone, S: Clone> Layer<V> for BreakerLayer<N, S> {
    type Service = Breaker<V, N, S>;

    fn layer(&self, inner: V) -> Breaker<V, N, S> {
        Breaker {
            inner,
            layer: self.clone(),
        }
    }
}

/// A service behind a circuit breaker; made by [`BreakerLayer`].
#[derive(Debug, Clone)]
pub struct Breaker<V, N, S> {
    inner: V,
    layer: BreakerLayer<N, S>,
}

impl<V, Req, N, S> Service<Req> for Breaker<V, N, S>
where
    V: Service<Req, Error: Into<BoxError>> + Clone,
    N: Report<V::Response, V::Error> + Clone,
    S: Clock + Clone,
{
    type Response = V::Response;
    type Error = BoxError;
    type Future = BreakerFuture<V::Future, N, S>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(context).map_err(Into::into)
    }

    fn call(&mut self, request: Req) -> Self::Future {
        let BreakerLayer { breaker, clock } = self.layer.clone();
        let state = match breaker.admit_by(|| clock.now()) {
            Ok(permit) => {
                let mut admitted = Admitted {
                    permit: Some(permit),
                    breaker,
                    clock,
                };
                let inner = &mut self.inner;
                let future = admitted.watch::<V::Response, V::Error, _>(|| inner.call(request));
                State::Admitted { future, admitted }
            }
            Err(rejected) => {
                // An instance that is ready holds a place, and its clone does not.
                self.inner = self.inner.clone();
                State::Rejected { rejected }
            }
        };
        BreakerFuture { state }
    }
}

/// The permit of a call.
struct Admitted<N: Gate, S> {
    /// `None` once the call is reported.
    permit: Option<N::Permit>,
    breaker: N,
    clock: S,
}

impl<N: Gate, S: Clock> Admitted<N, S> {
    fn report<T, E>(&mut self, ended: Ended<'_, T, E>)
    where
        N: Report<T, E>,
    {
        if let Some(permit) = self.permit.take() {
            self.breaker.report(permit, ended, || self.clock.now());
        }
    }

    /// Makes the call, or a step of it, and reports a panic.
    fn watch<T, E, R>(&mut self, call: impl FnOnce() -> R) -> R
    where
        N: Report<T, E>,
    {
        let guard = PanicGuard {
            admitted: self,
            of: PhantomData,
        };
        let result = within_call(call);
        mem::forget(guard);
        result
    }
}

/// Reports a call that panics.
struct PanicGuard<'a, N: Report<T, E>, S: Clock, T, E> {
    admitted: &'a mut Admitted<N, S>,
    of: PhantomData<fn() -> Result<T, E>>,
}

impl<N: Report<T, E>, S: Clock, T, E> Drop for PanicGuard<'_, N, S, T, E> {
    fn drop(&mut self) {
        self.admitted.report(Ended::<T, E>::Panicked);
    }
}

pin_project! {
    /// The future of a call of a [`Breaker`] service.
    #[must_use = "futures do nothing unless polled"]
    pub struct BreakerFuture<A, N: Gate, S> {
        #[pin]
        state: State<A, N, S>,
    }
}

pin_project! {
    #[project = StateMut]
    enum State<A, N: Gate, S> {
        Admitted {
            #[pin]
            future: A,
            admitted: Admitted<N, S>,
        },
        Rejected {
            rejected: Rejected,
        },
    }
}

impl<A, N, S, T, E> Future for BreakerFuture<A, N, S>
where
    A: Future<Output = Result<T, E>>,
    N: Report<T, E>,
    S: Clock,
    E: Into<BoxError>,
{
    type Output = Result<T, BoxError>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project().state.project() {
            StateMut::Admitted { future, admitted } => {
                let polled = admitted.watch::<T, E, _>(|| future.poll(context));
                polled.map(|outcome| {
                    admitted.report(Ended::Returned(&outcome));
                    outcome.map_err(Into::into)
                })
            }
            StateMut::Rejected { rejected } => Poll::Ready(Err(Box::new(rejected.as_error()))),
        }
    }
}

impl<A, N: Gate, S> fmt::Debug for BreakerFuture<A, N, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BreakerFuture").finish_non_exhaustive()
    }
}

/// The rejection by a [`BreakerLayer`] in an error or its sources; `None` if there is none.
///
/// ```
/// use persevere::gate::Rejected;
/// use persevere::tower::{BoxError, rejected};
/// use persevere::{Policy, Verdict};
/// use std::time::Duration;
///
/// // Waits for as long as the breaker asks.
/// let policy = Policy::default().classify_with(|error: &BoxError| match rejected(error) {
///     Some(rejected) => rejected.retry_after().map_or(Verdict::Stop, Verdict::RetryAfter),
///     None => Verdict::Retry,
/// });
/// # let _ = policy;
/// let error: BoxError = Box::new(Rejected::for_now(Duration::from_secs(3)));
/// assert_eq!(rejected(&error).unwrap().retry_after(), Some(Duration::from_secs(3)));
/// ```
#[must_use]
pub fn rejected(error: &BoxError) -> Option<Rejected> {
    let mut next: Option<&(dyn Error + 'static)> = Some(&**error);
    while let Some(error) = next {
        if let Some(rejected) = error.downcast_ref::<Rejected>() {
            return Some(*rejected);
        }
        next = error.source();
    }
    None
}
