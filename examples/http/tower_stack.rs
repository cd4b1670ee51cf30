//! tower: hyper's client below retries, a limit of concurrent attempts, a circuit breaker and a timeout. The body of a request
//! is streamed, and sent again. The server runs on loopback.

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{Request, StatusCode, header::RETRY_AFTER};
use axum::response::IntoResponse;
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use persevere::breaker::CircuitBreaker;
use persevere::budget::WindowedRatio;
use persevere::http::transient;
use persevere::tower::{BoxError, BreakerLayer, Buffered, RetryLayer, TimeoutLayer};
use persevere::{Policy, Stats, TokioSleeper};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tower::{Service, ServiceBuilder, ServiceExt};

static POLICY: Policy = Policy::exponential(Duration::from_millis(20)).max_attempts(4);
static BREAKER: CircuitBreaker = CircuitBreaker::consecutive_failures(5).build();
static BUDGET: WindowedRatio = WindowedRatio::new().ratio(0.1).reserve(10);
static STATS: Stats = Stats::new();

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    let requests = Arc::new(AtomicU32::new(0));
    let address = serve(requests.clone()).await?;

    // Only what may be repeated is retried: PUT is, POST needs an `Idempotency-Key`.
    let policy = |request: &Request<Full<Bytes>>| {
        POLICY.classify_outcome(transient().for_request(request.method(), request.headers()))
    };
    let retries = RetryLayer::by(policy, TokioSleeper)
        .replay(Buffered::up_to(64 * 1024))
        .budget(&BUDGET)
        .observe(&STATS);
    let mut service = ServiceBuilder::new()
        .layer(retries)
        .concurrency_limit(8)
        .layer(BreakerLayer::new(&BREAKER, TokioSleeper))
        .layer(TimeoutLayer::new(Duration::from_millis(300), TokioSleeper))
        .service(Client::builder(TokioExecutor::new()).build_http());

    let request =
        Request::put(format!("http://{address}/orders/7")).body(Full::new(Bytes::from_static(b"two apples")))?;
    let response = service.ready().await?.call(request).await?;
    let (status, body) = (response.status(), response.into_body().collect().await?.to_bytes());

    println!("{status}: {}", String::from_utf8_lossy(&body));
    println!(
        "{} requests, {} retries",
        requests.load(Ordering::Relaxed),
        STATS.snapshot().retries
    );
    assert_eq!((status, &body[..]), (StatusCode::OK, &b"stored: two apples"[..]));
    assert_eq!((requests.load(Ordering::Relaxed), STATS.snapshot().retries), (3, 2));
    Ok(())
}

/// A server that is busy at first, then slow, and then well.
async fn serve(requests: Arc<AtomicU32>) -> std::io::Result<std::net::SocketAddr> {
    let store =
        async |State(requests): State<Arc<AtomicU32>>, body: String| match requests.fetch_add(1, Ordering::Relaxed) {
            0 => (StatusCode::SERVICE_UNAVAILABLE, [(RETRY_AFTER, "0")]).into_response(),
            1 => std::future::pending().await,
            _ => format!("stored: {body}").into_response(),
        };
    let router = Router::new().fallback(store).with_state(requests);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(async { axum::serve(listener, router).await });
    Ok(address)
}
