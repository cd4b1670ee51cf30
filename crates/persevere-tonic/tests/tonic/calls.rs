//! Runs over tonic's client and server.

use crate::server::{Call, Scripted, serve};
use persevere::backoff::Exponential;
use persevere::budget::{Budget, GrpcThrottle};
use persevere::{Attempt, Policy, RetryError, StopReason, TokioSleeper};
use persevere_tonic::{Codes, ServiceConfig, codes, repeat};
use std::time::Duration;
use tonic::transport::Channel;
use tonic::{Code, Request, Status};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;
use tonic_types::{ErrorDetails, StatusExt};

const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

const POLICY: Policy<Exponential, Codes> = Policy::exponential(ms(1))
    .max_attempts(4)
    .exact_hints()
    .classify(codes([Code::Unavailable]).and_if_delayed([Code::ResourceExhausted]));

fn request() -> Request<HealthCheckRequest> {
    let mut request = Request::new(HealthCheckRequest {
        service: "pkg.Service".to_owned(),
    });
    request.metadata_mut().insert("x-tenant", "seven".parse().unwrap());
    request
}

/// Calls once with retries, and returns the status of the reply.
async fn call(
    client: &HealthClient<Channel>,
    policy: &Policy<Exponential, Codes>,
    timeout: Option<Duration>,
    request: Request<HealthCheckRequest>,
) -> Result<i32, RetryError<Status>> {
    let attempt = |attempt: Attempt| {
        let (mut client, request) = (client.clone(), repeat(&request).attempt(&attempt));
        async move { client.check(request).await }
    };
    let run = policy.on(TokioSleeper);
    let reply = match timeout {
        Some(limit) => run.timeout(limit).run_with(attempt).await,
        None => run.run_with(attempt).await,
    };
    reply.map(|reply| reply.into_inner().status)
}

fn unavailable(pushback: &[&str]) -> Status {
    let mut status = Status::unavailable("starting");
    for value in pushback {
        let value = value.parse().unwrap();
        status.metadata_mut().append("grpc-retry-pushback-ms", value);
    }
    status
}

fn text<'a>(call: &'a Call, name: &str) -> Option<&'a str> {
    call.1.get(name).map(|value| value.to_str().unwrap())
}

/// The time between the first two calls.
fn gap(server: &Scripted) -> Duration {
    let calls = server.calls();
    calls[1].0 - calls[0].0
}

#[tokio::test]
async fn unavailable_twice_is_retried_to_success() {
    let (server, client) = serve([unavailable(&[]), unavailable(&[])]).await;
    assert_eq!(call(&client, &POLICY, None, request()).await.unwrap(), 1);
    let calls = server.calls();
    let previous: Vec<_> = calls
        .iter()
        .map(|call| text(call, "grpc-previous-rpc-attempts"))
        .collect();
    assert_eq!(previous, [None, Some("1"), Some("2")]);
    assert!(calls.iter().all(|call| text(call, "x-tenant") == Some("seven")));
    assert!(calls.iter().all(|call| text(call, "grpc-timeout").is_none()));
}

#[tokio::test]
async fn other_code_is_not_retried() {
    let (server, client) = serve([Status::not_found("no such order")]).await;
    let error = call(&client, &POLICY, None, request()).await.unwrap_err();
    assert_eq!(error.reason(), StopReason::Permanent);
    assert_eq!(error.last_error().unwrap().code(), Code::NotFound);
    assert_eq!(server.calls().len(), 1);
}

#[tokio::test]
async fn pushback_waits_as_long_as_asked() {
    let (server, client) = serve([unavailable(&["120"])]).await;
    call(&client, &POLICY, None, request()).await.unwrap();
    assert!(gap(&server) >= ms(120), "{:?}", gap(&server));
}

#[tokio::test]
async fn forbidding_pushback_stops_the_run() {
    for pushback in [&["-1"][..], &["soon"], &["5", "5"]] {
        let (server, client) = serve([unavailable(pushback)]).await;
        let error = call(&client, &POLICY, None, request()).await.unwrap_err();
        assert_eq!(error.reason(), StopReason::Hint, "{pushback:?}");
        assert_eq!(
            error.to_string().split(':').next(),
            Some("gave up after 1 attempt, asked not to retry")
        );
        assert_eq!(server.calls().len(), 1, "{pushback:?}");
    }
}

#[tokio::test]
async fn retry_info_of_chosen_code_is_obeyed() {
    let exhausted = || {
        let details = ErrorDetails::with_retry_info(Some(ms(120)));
        Status::with_error_details(Code::ResourceExhausted, "slow down", details)
    };
    let (server, client) = serve([exhausted()]).await;
    call(&client, &POLICY, None, request()).await.unwrap();
    assert!(gap(&server) >= ms(120), "{:?}", gap(&server));

    let (server, client) = serve([Status::resource_exhausted("quota")]).await;
    assert!(call(&client, &POLICY, None, request()).await.is_err());
    assert_eq!(server.calls().len(), 1, "without a delay");

    let (server, client) = serve([exhausted()]).await;
    let policy = POLICY.classify(codes([Code::Unavailable]));
    assert!(call(&client, &policy, None, request()).await.is_err());
    assert_eq!(server.calls().len(), 1, "not chosen");
}

/// A `grpc-timeout` in microseconds, as tonic sends from 0.1 s to 99 s.
fn micros(call: &Call) -> u64 {
    let timeout = text(call, "grpc-timeout").unwrap();
    timeout.strip_suffix('u').unwrap().parse().unwrap()
}

#[tokio::test]
async fn remaining_time_is_sent() {
    let (server, client) = serve([unavailable(&["150"])]).await;
    call(&client, &POLICY, Some(ms(20_000)), request()).await.unwrap();
    let calls = server.calls();
    assert!(micros(&calls[0]) <= 20_100_000 && micros(&calls[0]) > 15_000_000);
    assert!(micros(&calls[1]) + 150_000 <= micros(&calls[0]));
}

#[tokio::test]
async fn own_timeout_of_the_request_is_not_lengthened() {
    let (server, client) = serve([unavailable(&[])]).await;
    let mut short = request();
    short.set_timeout(ms(3000));
    call(&client, &POLICY, Some(ms(20_000)), short).await.unwrap();
    assert!(server.calls().iter().all(|call| micros(call) == 3_000_000));
}

#[tokio::test]
async fn service_config_rules_calls() {
    let config = r#"{
        "methodConfig": [{
            "name": [{ "service": "grpc.health.v1.Health", "method": "Check" }],
            "retryPolicy": { "maxAttempts": 3, "initialBackoff": "0.001s", "maxBackoff": "0.01s",
                "backoffMultiplier": 2, "retryableStatusCodes": ["unavailable"] }
        }],
        "retryThrottling": { "maxTokens": 10, "tokenRatio": 0.1 }
    }"#;
    let config = ServiceConfig::parse(config).unwrap();
    let policy = config.for_method("grpc.health.v1.Health/Check");
    let (server, client) = serve([unavailable(&[]), unavailable(&[]), unavailable(&[])]).await;
    let error = call(&client, &policy, None, request()).await.unwrap_err();
    assert_eq!((error.reason(), server.calls().len()), (StopReason::Attempts, 3));
    assert_eq!(call(&client, &policy, None, request()).await.unwrap(), 1);

    let (server, client) = serve([unavailable(&[])]).await;
    let policy = config.for_method("grpc.health.v1.Health/Watch");
    assert!(call(&client, &policy, None, request()).await.is_err());
    assert_eq!(server.calls().len(), 1);
}

/// As grpc-go's test of throttling: 10 tokens, and the fifth failure leaves no more than half.
#[tokio::test]
async fn fifth_failure_of_ten_tokens_stops_retries() {
    let budget = GrpcThrottle::new(10, 0.1);
    let (server, client) = serve((0..20).map(|_| unavailable(&[]))).await;
    let policy = POLICY.max_attempts(5);
    let run = async || {
        let attempt = |attempt: Attempt| {
            let (mut client, request) = (client.clone(), repeat(&request()).attempt(&attempt));
            async move { client.check(request).await }
        };
        policy
            .on(TokioSleeper)
            .budget(&budget)
            .run_with(attempt)
            .await
            .unwrap_err()
    };
    run().await;
    assert_eq!(server.calls().len(), 5);
    assert!(budget.is_throttling());
    run().await;
    assert_eq!(server.calls().len(), 6, "one attempt, no retry");
    for _ in 0..100 {
        budget.succeeded(None, Duration::ZERO);
    }
    assert_eq!(budget.available(), 10.0);
}

/// A6: a pushback that forbids a retry counts as a failure for the throttle.
#[tokio::test]
async fn forbidding_pushback_takes_a_token() {
    let budget = GrpcThrottle::new(10, 0.1);
    let (server, client) = serve([unavailable(&["-1"]), Status::not_found("no such order")]).await;
    for tokens in [9.0, 9.0] {
        let attempt = |attempt: Attempt| {
            let (mut client, request) = (client.clone(), repeat(&request()).attempt(&attempt));
            async move { client.check(request).await }
        };
        assert!(POLICY.on(TokioSleeper).budget(&budget).run_with(attempt).await.is_err());
        assert_eq!(budget.available(), tokens);
    }
    assert_eq!(server.calls().len(), 2);
}
