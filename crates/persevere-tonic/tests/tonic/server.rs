//! A health service on loopback that answers by a script.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Instant;
use std::vec::IntoIter;
use tonic::codegen::tokio_stream::{self, Iter};
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
    messages: Arc<Mutex<Vec<String>>>,
}

impl Scripted {
    pub(crate) fn calls(&self) -> Vec<Call> {
        self.calls.lock().unwrap().clone()
    }

    /// The names of the services in the requests.
    pub(crate) fn messages(&self) -> Vec<String> {
        self.messages.lock().unwrap().clone()
    }

    /// Records a call, and returns its failure.
    fn reply(&self, request: &Request<HealthCheckRequest>) -> Option<Status> {
        let call = (Instant::now(), request.metadata().clone());
        self.calls.lock().unwrap().push(call);
        self.messages.lock().unwrap().push(request.get_ref().service.clone());
        self.failures.lock().unwrap().pop_front()
    }
}

#[tonic::async_trait]
impl Health for Scripted {
    type WatchStream = Iter<IntoIter<Result<HealthCheckResponse, Status>>>;

    async fn check(&self, request: Request<HealthCheckRequest>) -> Result<Response<HealthCheckResponse>, Status> {
        match self.reply(&request) {
            Some(status) if status.code() == Code::Unknown => std::future::pending().await,
            Some(status) => Err(status),
            None => Ok(Response::new(HealthCheckResponse { status: 1 })),
        }
    }

    /// Sends its status in the trailers, after the headers.
    async fn watch(&self, request: Request<HealthCheckRequest>) -> Result<Response<Self::WatchStream>, Status> {
        let reply = match self.reply(&request) {
            Some(status) => Err(status),
            None => Ok(HealthCheckResponse { status: 1 }),
        };
        Ok(Response::new(tokio_stream::iter(vec![reply])))
    }
}

/// A server that fails with these statuses in turn, and succeeds then; and a client of it. `UNKNOWN` never answers.
pub(crate) async fn serve(failures: impl IntoIterator<Item = Status>) -> (Scripted, HealthClient<Channel>) {
    let (scripted, channel) = channel(failures).await;
    (scripted, HealthClient::new(channel))
}

/// A server as in [`serve`], and a channel to it.
pub(crate) async fn channel(failures: impl IntoIterator<Item = Status>) -> (Scripted, Channel) {
    let scripted = Scripted {
        failures: Arc::new(Mutex::new(failures.into_iter().collect())),
        ..Scripted::default()
    };
    let incoming = TcpIncoming::bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = incoming.local_addr().unwrap();
    let service = HealthServer::new(scripted.clone());
    tokio::spawn(Server::builder().add_service(service).serve_with_incoming(incoming));
    let endpoint = Endpoint::from_shared(format!("http://{address}")).unwrap();
    (scripted, endpoint.connect().await.unwrap())
}
