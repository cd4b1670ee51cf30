//! gRPC: tonic's client, by a policy of gRPC's own service config. The server, on loopback, is not ready at first.

use persevere::{Attempt, TokioSleeper};
use persevere_tonic::{ServiceConfig, repeat};
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::{error::Error, time::Duration};
use tonic::transport::{Channel, Server, server::TcpIncoming};
use tonic::{Request, Status};
use tonic_health::pb::{HealthCheckRequest, health_client::HealthClient, health_server::HealthServer};
use tonic_health::server::{HealthReporter, HealthService};

const CONFIG: &str = r#"{
    "methodConfig": [{
        "name": [{ "service": "grpc.health.v1.Health" }],
        "retryPolicy": { "maxAttempts": 4, "initialBackoff": "0.02s", "maxBackoff": "1s",
            "backoffMultiplier": 2, "retryableStatusCodes": ["UNAVAILABLE"] }
    }],
    "retryThrottling": { "maxTokens": 10, "tokenRatio": 0.1 }
}"#;
static CALLS: AtomicU32 = AtomicU32::new(0);

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let incoming = TcpIncoming::bind("127.0.0.1:0".parse()?)?;
    let url = format!("http://{}", incoming.local_addr()?);
    let ready = |request: Request<()>| match CALLS.fetch_add(1, Relaxed) {
        0 | 1 => Err(Status::unavailable("starting")),
        _ => Ok(request),
    };
    let health = HealthService::from_health_reporter(HealthReporter::new());
    let health = HealthServer::with_interceptor(health, ready);
    tokio::spawn(Server::builder().add_service(health).serve_with_incoming(incoming));

    let config = ServiceConfig::parse(CONFIG)?;
    let (policy, throttle) = (config.for_method("grpc.health.v1.Health/Check"), config.throttle());
    let client = HealthClient::new(Channel::from_shared(url)?.connect().await?);
    let request = Request::new(HealthCheckRequest::default());
    let check = |attempt: Attempt| {
        let (mut client, request) = (client.clone(), repeat(&request).attempt(&attempt));
        async move { client.check(request).await }
    };
    let run = policy
        .on(TokioSleeper)
        .budget(&throttle)
        .timeout(Duration::from_secs(5));
    let reply = run.run_with(check).await?.into_inner();
    println!("{:?} after {} calls", reply.status(), CALLS.load(Relaxed));
    assert_eq!(CALLS.load(Relaxed), 3);
    Ok(())
}
