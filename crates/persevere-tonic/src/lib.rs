//! Retries for [tonic](https://docs.rs/tonic), gRPC's client.
//!
//! - [`codes`] is a classifier of [`tonic::Status`]: by code, by the server's pushback, by its `RetryInfo`.
//! - [`repeat`] builds a request for each attempt, with the time that is left and the number of attempts before.
//! - [`GrpcLayer`] retries the unary calls of a channel, for all generated clients on it.
//! - [`ServiceConfig`] reads gRPC's own JSON for retries into a policy and a throttle.
//!
//! A run is a loop above the generated client, and a [`GrpcLayer`] is below it. Interceptors of tonic cannot retry,
//! since they do not receive the response. A streaming response ends the run with its head: later failures in the
//! stream are left to the caller.
//!
//! ```
//! use persevere::{Attempt, Policy, TokioSleeper, backoff::Exponential};
//! use persevere_tonic::{Codes, codes, repeat};
//! use std::time::Duration;
//! use tonic::{Code, Request, Response, Status};
//!
//! static RPC: Policy<Exponential, Codes> =
//!     Policy::exponential(Duration::from_millis(1)).max_attempts(4).classify(codes([Code::Unavailable]));
//!
//! # #[derive(Clone)] struct Client;
//! # impl Client {
//! #     async fn get(&mut self, request: Request<u32>) -> Result<Response<u32>, Status> {
//! #         match request.metadata().get("grpc-previous-rpc-attempts") {
//! #             None => Err(Status::unavailable("starting")),
//! #             Some(_) => Ok(Response::new(request.into_inner() + 1)),
//! #         }
//! #     }
//! # }
//! # #[tokio::main(flavor = "current_thread")] async fn main() {
//! # let client = Client;
//! let request = Request::new(41);
//! let call = |attempt: Attempt| {
//!     let (mut client, request) = (client.clone(), repeat(&request).attempt(&attempt));
//!     async move { client.get(request).await }
//! };
//! let reply = RPC.on(TokioSleeper).timeout(Duration::from_secs(5)).run_with(call).await.unwrap();
//! assert_eq!(reply.into_inner(), 42);
//! # }
//! ```

#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

mod codes;
pub mod layer;
mod repeat;
mod retry_info;
mod service_config;
mod timeout;

pub use codes::{Codes, codes};
pub use layer::GrpcLayer;
pub use repeat::{Repeat, repeat};
pub use service_config::{InvalidServiceConfig, ServiceConfig};

/// Compiles and runs the examples of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
