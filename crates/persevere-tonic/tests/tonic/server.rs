//! A health service on loopback that answers by a script.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Instant;
use tonic::codegen::tokio_stream::Empty;
use tonic::metadata::MetadataMap;
use tonic::transport::server::TcpIncoming;
use tonic::transport::{Channel, Endpoint, Server};
use tonic::{Code, Request, Response, Status};
use tonic_health::pb::health_client::HealthClient;
use tonic_health::pb::health_server::{Health, HealthServer};
use tonic_health::pb::{HealthCheckRequest, HealthCheckResponse};

/// The arrival of a call, and its metadata.
pub(crate) type Call = (Instant, MetadataMap);

#[derive(Clone, Default)]
pub(crate) struct Scripted {
    failures: Arc<Mutex<VecDeque<Status>>>,
    calls: Arc<Mutex<Vec<Call>>>,
}

impl Scripted {
    pub(crate) fn calls(&self) -> Vec<Call> {
        self.calls.lock().unwrap().clone()
    }
}

#[tonic::async_trait]
impl Health for Scripted {
    type WatchStream = Empty<Result<HealthCheckResponse, Status>>;

    async fn check(&self, request: Request<HealthCheckRequest>) -> Result<Response<HealthCheckResponse>, Status> {
        self.calls
            .lock()
            .unwrap()
            .push((Instant::now(), request.metadata().clone()));
        let failure = self.failures.lock().unwrap().pop_front();
        match failure {
            Some(status) if status.code() == Code::Unknown => std::future::pending().await,
            Some(status) => Err(status),
            None => Ok(Response::new(HealthCheckResponse { status: 1 })),
        }
    }

    async fn watch(&self, _: Request<HealthCheckRequest>) -> Result<Response<Self::WatchStream>, Status> {
        Err(Status::unimplemented("watch"))
    }
}

/// A server that fails with these statuses in turn, and succeeds then; and a client of it. `UNKNOWN` never answers.
pub(crate) async fn serve(failures: impl IntoIterator<Item = Status>) -> (Scripted, HealthClient<Channel>) {
    let scripted = Scripted {
        failures: Arc::new(Mutex::new(failures.into_iter().collect())),
        calls: Arc::default(),
    };
    let incoming = TcpIncoming::bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = incoming.local_addr().unwrap();
    let service = HealthServer::new(scripted.clone());
    tokio::spawn(Server::builder().add_service(service).serve_with_incoming(incoming));
    let endpoint = Endpoint::from_shared(format!("http://{address}")).unwrap();
    (scripted, HealthClient::new(endpoint.connect().await.unwrap()))
}
