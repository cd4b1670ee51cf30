//! Attempts that time out, and a server that is not there yet.

use crate::server::serve;
use persevere::{Attempt, Policy, TokioSleeper};
use persevere_tonic::{codes, repeat};
use std::time::Duration;
use tonic::transport::server::TcpIncoming;
use tonic::transport::{Endpoint, Server};
use tonic::{Code, Request, Status};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;

#[tokio::test]
async fn attempt_that_times_out_is_retried() {
    for _ in 0..5 {
        let (server, client) = serve([Status::unknown("hang")]).await;
        let policy = Policy::exponential(Duration::from_millis(1)).max_attempts(2);
        let policy = policy
            .attempt_timeout(Duration::from_millis(50))
            .classify(codes([Code::Unavailable]));
        let request = Request::new(HealthCheckRequest::default());
        let attempt = |attempt: Attempt| {
            let (mut client, request) = (client.clone(), repeat(&request).attempt(&attempt));
            async move { client.check(request).await }
        };
        policy.on(TokioSleeper).run_with(attempt).await.unwrap();
        assert_eq!(server.calls().len(), 2);
    }
}

#[tokio::test]
async fn server_that_is_not_there_yet_is_reached() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let endpoint = Endpoint::from_shared(format!("http://{address}")).unwrap();
    let client = HealthClient::new(endpoint.connect_lazy());
    let policy = Policy::fixed(Duration::from_millis(20))
        .max_attempts(10)
        .classify(codes([Code::Unavailable]));
    let request = Request::new(HealthCheckRequest::default());
    let attempt = |attempt: Attempt| {
        let (mut client, request) = (client.clone(), repeat(&request).attempt(&attempt));
        if attempt.number() == 3 {
            let (_, service) = tonic_health::server::health_reporter();
            let incoming = TcpIncoming::bind(address).unwrap();
            tokio::spawn(Server::builder().add_service(service).serve_with_incoming(incoming));
        }
        async move { client.check(request).await }
    };
    let run = policy.on(TokioSleeper).run_with(attempt);
    assert_eq!(run.await.unwrap().into_inner().status, 1);
}
