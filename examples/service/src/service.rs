//! The service: `POST /charges/{id}` and `GET /metrics`.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Router, serve};
use metrics_exporter_prometheus::PrometheusHandle;
use persevere::breaker::CircuitBreaker;
use persevere::budget::{Counted, WindowedRatio};
use persevere::config::{Policies, PolicyHandle};
use persevere::metrics::Metrics;
use persevere::observe::AtMostEvery;
use persevere::reqwest::RetryRequest;
use persevere::tracing::Trace;
use persevere::{RetryError, Stats, TokioSleeper};
use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;

/// How long a charge may take, with all its attempts.
const PATIENCE: Duration = Duration::from_secs(2);

static STATS: Stats = Stats::named("ledger");
static TRACE: Trace = Trace::named("ledger");
/// The same for runs: an outage fails each of them, and one line in ten seconds is enough.
static RUNS: AtMostEvery<Trace> = TRACE.at_most_every(Duration::from_secs(10));
static BREAKER: CircuitBreaker = CircuitBreaker::consecutive_failures(20)
    .open_for(Duration::from_millis(500))
    .on_transition(&|transition| TRACE.transition(transition))
    .build();
static BUDGET: Counted<WindowedRatio> = Counted::new(WindowedRatio::new());

#[derive(Debug)]
struct Service {
    client: reqwest::Client,
    ledger: String,
    retries: PolicyHandle,
    metrics: Metrics,
    prometheus: PrometheusHandle,
}

/// Serves until `shutdown` is ready, and then answers the requests that it has accepted.
///
/// # Errors
///
/// The errors of the listener, and an unknown name of a policy.
pub async fn run(
    listener: TcpListener,
    ledger: String,
    policies: &Policies,
    prometheus: PrometheusHandle,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let metrics = persevere::metrics::register();
    metrics.sources().breaker("ledger", &BREAKER).budget("ledger", &BUDGET);
    let client = reqwest::Client::new();
    let service = Service {
        client,
        ledger,
        retries: policies.get("ledger").map_err(io::Error::other)?,
        metrics,
        prometheus,
    };
    let router = Router::new()
        .route("/charges/{id}", post(charge))
        .route("/metrics", get(scrape))
        .with_state(Arc::new(service));
    serve(listener, router).with_graceful_shutdown(shutdown).await
}

/// Charges by the ledger. The key lets the ledger recognize a charge that is sent again.
async fn charge(State(service): State<Arc<Service>>, Path(id): Path<u64>) -> Response {
    let entry = service.client.post(format!("{}/entries/{id}", service.ledger));
    // The policy as it is now, which this run keeps.
    let policy = service.retries.current();
    let request = entry
        .header("idempotency-key", id.to_string())
        .retrying(&policy, TokioSleeper)
        .timeout(PATIENCE)
        .breaker(&BREAKER)
        .budget(&BUDGET)
        .observe(&STATS)
        .observe(&RUNS);
    match request.explained().send().await {
        Ok(entry) => (entry.status(), entry.text().await.unwrap_or_default()).into_response(),
        Err(error) => unavailable(&error),
    }
}

/// A 503, with `Retry-After` if the ledger or the breaker has given a time.
fn unavailable(error: &RetryError<reqwest::Error>) -> Response {
    let mut headers = HeaderMap::new();
    if let Some(after) = error.retry_after() {
        let seconds = after.as_millis().div_ceil(1_000) as u64;
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    (StatusCode::SERVICE_UNAVAILABLE, headers, error.summary().to_string()).into_response()
}

/// The answer to Prometheus.
async fn scrape(State(service): State<Arc<Service>>) -> String {
    service.metrics.collect();
    service.prometheus.render()
}
