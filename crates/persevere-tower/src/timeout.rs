//! [`TimeoutLayer`]: limits the time of each call of a service.

use crate::BoxError;
use persevere_core::sleeper::AwaitedBy;
use persevere_core::{Retryable, Sleeper, Verdict};
use pin_project_lite::pin_project;
use std::error::Error;
use std::fmt;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::LazyLock;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tower_layer::Layer;
use tower_service::Service;

/// Limits the time of each call, from the call to the response.
///
/// Differs from tower's layer of this name in three ways. It sleeps on any sleeper, so on any executor and on simulated
/// time. The limit may depend on the request. The error, [`TimedOut`] in a [`BoxError`], contains the limit. The other
/// errors of the service are boxed.
///
/// ```
/// use persevere::TokioSleeper;
/// use persevere::tower::{TimedOut, TimeoutLayer};
/// use std::time::Duration;
/// use tower::{Service, ServiceBuilder, ServiceExt};
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)] async fn main() {
/// let limit = |query: &&str| Some(Duration::from_secs(if query.starts_with("report") { 60 } else { 2 }));
/// let hangs = tower::service_fn(|_: &'static str| std::future::pending::<Result<(), &str>>());
/// let mut service = ServiceBuilder::new().layer(TimeoutLayer::by(limit, TokioSleeper)).service(hangs);
/// let error = service.ready().await.unwrap().call("user 7").await.unwrap_err();
/// assert_eq!(error.to_string(), "timed out after 2s");
/// assert!(error.is::<TimedOut>());
/// # }
/// ```
#[derive(Clone)]
#[must_use = "a layer does nothing until it wraps a service"]
pub struct TimeoutLayer<S, L = Duration> {
    limit: L,
    sleeper: S,
}

impl<S: Sleeper<Sleep: AwaitedBy<S>>> TimeoutLayer<S> {
    /// Limits each call to `limit`. A call that is ready when it is first polled is never timed out, not even by a limit of
    /// zero.
    pub const fn new(limit: Duration, sleeper: S) -> Self {
        TimeoutLayer { limit, sleeper }
    }
}

impl<S: Sleeper<Sleep: AwaitedBy<S>>, L> TimeoutLayer<S, ByRequest<L>> {
    /// Limits each call to the time that `limit` returns for its request; `None` for no limit.
    pub const fn by<Req>(limit: L, sleeper: S) -> Self
    where
        L: Fn(&Req) -> Option<Duration>,
    {
        TimeoutLayer {
            limit: ByRequest(limit),
            sleeper,
        }
    }
}

/// A limit that depends on the request; made by [`TimeoutLayer::by`]. You need not name it.
#[derive(Clone, Copy)]
pub struct ByRequest<L>(L);

/// The limit of a call. Sealed: a `Duration`, or a closure in [`ByRequest`].
pub trait Limit<Req>: sealed::Sealed {
    /// The limit of a call with this request; `None` if there is none.
    #[doc(hidden)]
    fn limit(&self, request: &Req) -> Option<Duration>;
}

impl<Req> Limit<Req> for Duration {
    fn limit(&self, _: &Req) -> Option<Duration> {
        Some(*self)
    }
}

impl<Req, L: Fn(&Req) -> Option<Duration>> Limit<Req> for ByRequest<L> {
    fn limit(&self, request: &Req) -> Option<Duration> {
        (self.0)(request)
    }
}

impl<V, S: Clone, L: Clone> Layer<V> for TimeoutLayer<S, L> {
    type Service = Timeout<V, S, L>;

    fn layer(&self, inner: V) -> Timeout<V, S, L> {
        Timeout {
            inner,
            layer: self.clone(),
        }
    }
}

/// A service whose calls are limited in time; made by [`TimeoutLayer`].
#[derive(Debug, Clone)]
pub struct Timeout<V, S, L = Duration> {
    inner: V,
    layer: TimeoutLayer<S, L>,
}

impl<V, Req, S, L> Service<Req> for Timeout<V, S, L>
where
    V: Service<Req, Error: Into<BoxError>>,
    S: Sleeper<Sleep: AwaitedBy<S>> + Clone,
    L: Limit<Req>,
{
    type Response = V::Response;
    type Error = BoxError;
    type Future = TimeoutFuture<V::Future, S>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(context).map_err(Into::into)
    }

    fn call(&mut self, request: Req) -> Self::Future {
        let limit = self.layer.limit.limit(&request);
        // The time counts from the call, whenever its future is polled.
        let timer = limit.map(|limit| self.layer.sleeper.sleep(limit));
        TimeoutFuture {
            future: self.inner.call(request),
            timer,
            limit,
        }
    }
}

pin_project! {
    /// The future of a call of a [`Timeout`] service.
    #[must_use = "futures do nothing unless polled"]
    pub struct TimeoutFuture<A, S: Sleeper> {
        #[pin]
        future: A,
        #[pin]
        timer: Option<S::Sleep>,
        limit: Option<Duration>,
    }
}

impl<A, S, T, E> Future for TimeoutFuture<A, S>
where
    A: Future<Output = Result<T, E>>,
    S: Sleeper<Sleep: AwaitedBy<S>>,
    E: Into<BoxError>,
{
    type Output = Result<T, BoxError>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        if let Poll::Ready(outcome) = this.future.poll(context) {
            return Poll::Ready(outcome.map_err(Into::into));
        }
        match (this.timer.as_pin_mut(), *this.limit) {
            (Some(timer), Some(limit)) => {
                ready!(timer.poll(context));
                Poll::Ready(Err(Box::new(TimedOut { limit })))
            }
            _ => Poll::Pending,
        }
    }
}

/// The error of a call that exceeded its limit of time. To the classifier `ByError` it is worth a retry.
///
/// Its source is an [`io::Error`] of the kind `TimedOut`, for classifiers that look for one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimedOut {
    limit: Duration,
}

impl TimedOut {
    /// The limit of the call.
    #[must_use]
    pub const fn limit(self) -> Duration {
        self.limit
    }
}

impl fmt::Display for TimedOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "timed out after {:?}", self.limit)
    }
}

impl Error for TimedOut {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        static TIMED_OUT: LazyLock<io::Error> = LazyLock::new(|| io::ErrorKind::TimedOut.into());
        Some(&*TIMED_OUT)
    }
}

impl Retryable for TimedOut {
    fn verdict(&self) -> Verdict {
        Verdict::Retry
    }
}

impl<A, S: Sleeper> fmt::Debug for TimeoutFuture<A, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TimeoutFuture")
            .field("limit", &self.limit)
            .finish_non_exhaustive()
    }
}

impl<S, L: fmt::Debug> fmt::Debug for TimeoutLayer<S, L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TimeoutLayer")
            .field("limit", &self.limit)
            .finish_non_exhaustive()
    }
}

impl<L> fmt::Debug for ByRequest<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ByRequest")
    }
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for std::time::Duration {}
    impl<L> Sealed for super::ByRequest<L> {}
}
