//! Stacks of layers infer their types, and their futures can be spawned.

use persevere::breaker::CircuitBreaker;
use persevere::budget::WindowedRatio;
use persevere::hedge::{Hedge, Latency, Quantile};
use persevere::http::transient;
use persevere::tower::{BoxError, BreakerLayer, Buffered, HedgeLayer, HttpClone, RetryLayer, TimeoutLayer, rejected};
use persevere::{Policy, RetryError, Stats, TokioSleeper};
use static_assertions::{assert_impl_all, assert_not_impl_any};
use std::marker::PhantomData;
use std::time::Duration;
use tower::{Layer, Service, ServiceBuilder, ServiceExt};

static POLICY: Policy = Policy::exponential(Duration::from_millis(50));
static BREAKER: CircuitBreaker = CircuitBreaker::consecutive_failures(5).build();
static BUDGET: WindowedRatio = WindowedRatio::new();
static STATS: Stats = Stats::new();

async fn echo(request: http::Request<String>) -> Result<http::Response<String>, std::io::Error> {
    Ok(http::Response::new(request.into_body()))
}

#[tokio::test(start_paused = true)]
async fn three_layers_infer() {
    let mut service = ServiceBuilder::new()
        .layer(
            RetryLayer::new(&POLICY, TokioSleeper)
                .replay(HttpClone)
                .budget(&BUDGET)
                .observe(&STATS),
        )
        .layer(BreakerLayer::new(&BREAKER, TokioSleeper))
        .layer(TimeoutLayer::new(Duration::from_secs(1), TokioSleeper))
        .service_fn(echo);
    let call = service
        .ready()
        .await
        .unwrap()
        .call(http::Request::new("hello".to_owned()));
    assert_eq!(tokio::spawn(call).await.unwrap().unwrap().body(), "hello");
}

/// In the order that is recommended, with layers of tower between.
#[tokio::test(start_paused = true)]
async fn all_parts_infer() {
    static LATENCY: Latency = Latency::new();
    static HEDGE: Hedge = Hedge::at(&LATENCY, Quantile::P95);
    type Outcome = Result<http::Response<String>, BoxError>;
    let mut service = ServiceBuilder::new()
        .map_result(|outcome: Outcome| outcome.or_else(|_| Ok::<_, BoxError>(http::Response::default())))
        .layer(TimeoutLayer::new(Duration::from_secs(10), TokioSleeper))
        .load_shed()
        .layer(RetryLayer::new(&POLICY, TokioSleeper).replay(HttpClone).budget(&BUDGET))
        .layer(
            HedgeLayer::new(HEDGE.on(TokioSleeper).budget(&BUDGET))
                .replay(HttpClone)
                .hedge_if(|request: &http::Request<String>| request.method().is_idempotent()),
        )
        .concurrency_limit(9)
        .layer(BreakerLayer::new(&BREAKER, TokioSleeper))
        .layer(TimeoutLayer::new(Duration::from_secs(1), TokioSleeper))
        .service_fn(echo);
    let call = service
        .ready()
        .await
        .unwrap()
        .call(http::Request::new("hello".to_owned()));
    assert_eq!(tokio::spawn(call).await.unwrap().unwrap().body(), "hello");
}

#[tokio::test(start_paused = true)]
async fn policy_by_request_infers() {
    let policy = |request: &http::Request<String>| {
        let (method, headers) = (request.method(), request.headers());
        POLICY.classify_outcome(transient().for_request(method, headers))
    };
    let service = ServiceBuilder::new()
        .layer(RetryLayer::by(policy, TokioSleeper).replay(HttpClone).explained())
        .layer(BreakerLayer::new(&BREAKER, TokioSleeper))
        .service_fn(echo);
    assert!(service.oneshot(http::Request::new("hello".to_owned())).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn layers_of_tower_between_ours_infer() {
    let service = ServiceBuilder::new()
        .buffer(8)
        .layer(TimeoutLayer::new(Duration::from_secs(60), TokioSleeper))
        .load_shed()
        .map_err(RetryError::<BoxError>::boxed)
        .layer(
            RetryLayer::new(&POLICY, TokioSleeper)
                .stop_if(|error: &BoxError| rejected(error).is_some())
                .explained(),
        )
        .concurrency_limit(8)
        .layer(BreakerLayer::new(&BREAKER, TokioSleeper))
        .service_fn(echo);
    let response = service.oneshot(http::Request::new("hello".to_owned())).await.unwrap();
    assert_eq!(response.body(), "hello");
}

#[tokio::test(start_paused = true)]
async fn nested_retries_infer() {
    let layer = RetryLayer::new(&POLICY, TokioSleeper);
    let service = layer.layer(layer.layer(layer.clone().explained().layer(tower::service_fn(echo))));
    assert!(service.oneshot(http::Request::new("hello".to_owned())).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn service_can_be_boxed_and_cloned() {
    let layer = RetryLayer::new(&POLICY, TokioSleeper).replay(Buffered::up_to(9));
    let service = layer
        .layer(tower::service_fn(|_| async { Ok::<_, BoxError>(()) }))
        .boxed_clone();
    assert!(
        service
            .clone()
            .oneshot(http::Request::new("hello".to_owned()))
            .await
            .is_ok()
    );
}

type Layers = RetryLayer<&'static Policy, TokioSleeper>;
assert_impl_all!(Layers: Send, Sync, Clone, std::fmt::Debug);
type Boxed = std::pin::Pin<Box<dyn Future<Output = Result<(), ()>> + Send>>;
type Service2 = tower::util::BoxCloneService<(), (), ()>;
type Call = <persevere::tower::Retry<Service2, Layers> as Service<()>>::Future;
assert_impl_all!(Call: Send, Future);
type Local = <persevere::tower::Retry<LocalService, Layers> as Service<()>>::Future;
assert_not_impl_any!(Local: Send);

/// A service whose futures stay on their thread.
#[derive(Clone)]
struct LocalService(PhantomData<std::rc::Rc<()>>);

impl Service<()> for LocalService {
    type Response = ();
    type Error = ();
    type Future = Boxed;

    fn poll_ready(&mut self, _: &mut std::task::Context<'_>) -> std::task::Poll<Result<(), ()>> {
        std::task::Poll::Ready(Ok(()))
    }

    fn call(&mut self, (): ()) -> Boxed {
        Box::pin(std::future::ready(Ok(())))
    }
}

#[tokio::test(start_paused = true)]
async fn service_that_is_not_send_is_called_in_place() {
    let layer = RetryLayer::new(&POLICY, TokioSleeper);
    assert_eq!(layer.layer(LocalService(PhantomData)).oneshot(()).await, Ok(()));
}
