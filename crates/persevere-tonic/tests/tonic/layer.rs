//! The layer for unary calls, over tonic's client and server.

use crate::server::{Scripted, channel};
use persevere::backoff::Exponential;
use persevere::budget::GrpcThrottle;
use persevere::{Policy, Stats, TokioSleeper};
use persevere_tonic::{Codes, GrpcLayer, codes};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tonic::{Code, Request, Status};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;
use tower::ServiceBuilder;

const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

static RPC: Policy<Exponential, Codes> = Policy::exponential(ms(1))
    .max_attempts(4)
    .exact_hints()
    .classify(codes([Code::Unavailable]));

fn layer() -> GrpcLayer<&'static Policy<Exponential, Codes>, TokioSleeper> {
    GrpcLayer::new(&RPC, TokioSleeper)
}

fn request() -> Request<HealthCheckRequest> {
    let service = "pkg.Service".to_owned();
    Request::new(HealthCheckRequest { service })
}

fn unavailable(times: usize) -> Vec<Status> {
    let mut status = Status::unavailable("starting");
    status.metadata_mut().insert("x-node", "seven".parse().unwrap());
    vec![status; times]
}

fn header(server: &Scripted, name: &str) -> Vec<Option<String>> {
    let text = |value: &tonic::metadata::AsciiMetadataValue| value.to_str().unwrap().to_owned();
    server.calls().iter().map(|call| call.1.get(name).map(text)).collect()
}

#[tokio::test]
async fn unavailable_twice_is_retried_with_the_same_message() {
    let (server, channel) = channel(unavailable(2)).await;
    let mut client = HealthClient::new(ServiceBuilder::new().layer(layer()).service(channel));
    assert_eq!(client.check(request()).await.unwrap().into_inner().status, 1);
    assert_eq!(server.messages(), ["pkg.Service"; 3]);
    let previous = header(&server, "grpc-previous-rpc-attempts");
    assert_eq!(previous, [None, Some("1".to_owned()), Some("2".to_owned())]);
    assert_eq!(header(&server, "grpc-timeout"), [None, None, None]);
}

#[tokio::test]
async fn status_in_the_trailers_is_retried() {
    let (server, channel) = channel(unavailable(2)).await;
    let mut client = HealthClient::new(ServiceBuilder::new().layer(layer()).service(channel));
    let mut replies = client.watch(request()).await.unwrap().into_inner();
    assert_eq!(replies.message().await.unwrap().unwrap().status, 1);
    assert!(replies.message().await.unwrap().is_none());
    assert_eq!(server.calls().len(), 3);
}

#[tokio::test]
async fn last_status_is_returned_whole() {
    let (server, channel) = channel(unavailable(9)).await;
    let mut client = HealthClient::new(ServiceBuilder::new().layer(layer()).service(channel));
    let status = client.check(request()).await.unwrap_err();
    assert_eq!((status.code(), status.message()), (Code::Unavailable, "starting"));
    assert_eq!(status.metadata().get("x-node").unwrap(), "seven");
    assert_eq!(server.calls().len(), 4);
}

#[tokio::test]
async fn other_code_is_not_retried() {
    let (server, channel) = channel([Status::not_found("no such order")]).await;
    let mut client = HealthClient::new(ServiceBuilder::new().layer(layer()).service(channel));
    assert_eq!(client.check(request()).await.unwrap_err().code(), Code::NotFound);
    assert_eq!(server.calls().len(), 1);
}

#[tokio::test]
async fn request_above_the_bound_is_sent_once() {
    let (server, channel) = channel(unavailable(1)).await;
    let stats = Arc::new(Stats::new());
    let layer = layer().up_to(8).observe(Arc::clone(&stats));
    let mut client = HealthClient::new(ServiceBuilder::new().layer(layer).service(channel));
    assert_eq!(client.check(request()).await.unwrap_err().code(), Code::Unavailable);
    assert_eq!(server.messages(), ["pkg.Service"]);
    assert_eq!(client.check(request()).await.unwrap().into_inner().status, 1);
}

#[tokio::test]
async fn timeout_of_the_call_bounds_all_attempts() {
    // The second attempt is never answered.
    let (server, channel) = channel([Status::unavailable("starting"), Status::unknown("hang")]).await;
    let mut client = HealthClient::new(ServiceBuilder::new().layer(layer()).service(channel));
    let mut request = request();
    request.set_timeout(ms(300));
    let start = Instant::now();
    let status = client.check(request).await.unwrap_err();
    assert_eq!(status.code(), Code::Unavailable, "the last status");
    assert!(start.elapsed() >= ms(300) && start.elapsed() < ms(3000));
    assert_eq!(server.calls().len(), 2);
    let micros = |text: &Option<String>| -> u64 { text.as_ref().unwrap().strip_suffix('u').unwrap().parse().unwrap() };
    let sent: Vec<_> = header(&server, "grpc-timeout").iter().map(micros).collect();
    assert!(sent[0] <= 400_000 && sent[1] < sent[0], "{sent:?}");
}

#[tokio::test]
async fn call_that_is_never_answered_exceeds_its_deadline() {
    let (server, channel) = channel([Status::unknown("hang")]).await;
    let mut client = HealthClient::new(ServiceBuilder::new().layer(layer()).service(channel));
    let mut request = request();
    request.set_timeout(ms(100));
    let status = client.check(request).await.unwrap_err();
    assert_eq!(status.code(), Code::DeadlineExceeded, "{status}");
    assert_eq!(server.calls().len(), 1);
}

#[tokio::test]
async fn attempt_that_times_out_is_repeated() {
    let (server, channel) = channel([Status::unknown("hang")]).await;
    let policy = RPC.attempt_timeout(ms(100));
    let layer = GrpcLayer::new(policy, TokioSleeper);
    let mut client = HealthClient::new(ServiceBuilder::new().layer(layer).service(channel));
    assert_eq!(client.check(request()).await.unwrap().into_inner().status, 1);
    assert_eq!(server.messages(), ["pkg.Service"; 2]);
}

#[tokio::test]
async fn throttle_stops_retries_of_all_calls() {
    static THROTTLE: GrpcThrottle = GrpcThrottle::new(10, 0.1);
    let (server, channel) = channel(unavailable(20)).await;
    let layer = layer().budget(&THROTTLE);
    let mut client = HealthClient::new(ServiceBuilder::new().layer(layer).service(channel));
    assert!(client.check(request()).await.is_err());
    assert_eq!(server.calls().len(), 4);
    assert!(client.check(request()).await.is_err());
    assert_eq!(server.calls().len(), 5, "the fifth failure leaves half of the tokens");
}

#[tokio::test]
async fn connection_refused_is_retried() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let stats = Arc::new(Stats::new());
    let endpoint = tonic::transport::Endpoint::from_shared(format!("http://{address}")).unwrap();
    let layer = layer().observe(Arc::clone(&stats));
    let mut client = HealthClient::new(ServiceBuilder::new().layer(layer).service(endpoint.connect_lazy()));
    assert_eq!(client.check(request()).await.unwrap_err().code(), Code::Unavailable);
    assert_eq!(stats.snapshot().attempts, 4);
}
