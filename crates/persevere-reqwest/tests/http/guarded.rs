//! Requests with everything that a run takes: limits, guards, observers and signals.

use crate::server::Server;
use persevere::breaker::CircuitBreaker;
use persevere::budget::{Class, WindowedRatio};
use persevere::reqwest::RetryRequest;
use persevere::{Policy, Sleeper, Stats, StopReason, TokioSleeper};
use reqwest::Client;
use std::sync::Mutex;
use std::time::Duration;

const MINUTE: Duration = Duration::from_secs(60);

static API: Policy = Policy::exponential(Duration::from_millis(1)).max_attempts(4);

fn closed() -> CircuitBreaker {
    CircuitBreaker::consecutive_failures(9).build()
}

#[tokio::test]
async fn request_takes_everything_that_a_run_takes() {
    let server = Server::statuses([503, 429, 200]);
    let (breaker, other, budget, stats) = (closed(), closed(), WindowedRatio::new(), Stats::new());
    let (events, retries) = (Mutex::new(0), Mutex::new(Vec::new()));
    let class_of = |error: &reqwest::Error| match error.status().map(|status| status.as_u16()) {
        Some(429) => Class::Throttling,
        _ => Class::Transient,
    };
    let request = Client::new().get(server.url()).retrying(&API, TokioSleeper);
    let request = request.timeout(MINUTE).deadline(TokioSleeper.now() + MINUTE).seed(7);
    let request = request
        .breaker(&breaker)
        .gate(&other)
        .pace(Some(&other))
        .bulkhead(None::<&CircuitBreaker>);
    let request = request
        .budget(&budget)
        .budget_by(Some(&budget), class_of)
        .cancelled_by(std::future::pending::<()>());
    let request = request.observe(&stats).on_event(|_| *events.lock().unwrap() += 1);
    let request = request.on_retry(|attempt, error, _| {
        let status = error.and_then(reqwest::Error::status).map(|status| status.as_u16());
        retries.lock().unwrap().push((attempt, status));
    });
    assert_eq!(format!("{request:?}"), "Retrying { .. }");
    let response = request.explained().send().await.unwrap();
    assert_eq!((response.status().as_u16(), server.requests()), (200, 3));
    assert_eq!(*retries.lock().unwrap(), [(1, Some(503)), (2, Some(429))]);
    let counted = stats.snapshot();
    assert_eq!((counted.attempts, counted.retries, counted.successes), (3, 2, 1));
    // Begun and ended, three attempts, two failures, two waits.
    assert_eq!(*events.lock().unwrap(), 2 + 3 + 2 + 2);
}

#[tokio::test]
async fn request_is_cancelled_by_its_signal() {
    let server = Server::statuses([503]);
    let policy = Policy::fixed(MINUTE);
    let request = Client::new()
        .get(server.url())
        .retrying(&policy, TokioSleeper)
        .explained();
    let cancelled = request
        .cancelled_by(tokio::time::sleep(Duration::from_millis(200)))
        .send()
        .await;
    let error = cancelled.unwrap_err();
    assert_eq!((error.reason(), server.requests()), (StopReason::Cancelled, 1));
    assert_eq!(error.last_error().unwrap().status().unwrap(), 503);
}
