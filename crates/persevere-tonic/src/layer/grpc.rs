//! The channel with retries.

use persevere_core::{RetryError, StopReason};
use pin_project_lite::pin_project;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use tonic::Status;
use tower_service::Service;

/// A channel whose unary calls are retried; made by [`GrpcLayer`](crate::GrpcLayer). `V` is the service that retries.
#[derive(Debug, Clone)]
pub struct Grpc<V> {
    retry: V,
}

impl<V> Grpc<V> {
    pub(super) const fn new(retry: V) -> Self {
        Grpc { retry }
    }
}

impl<V, Req> Service<Req> for Grpc<V>
where
    V: Service<Req, Error = RetryError<Status>>,
{
    type Response = V::Response;
    type Error = Status;
    type Future = GrpcFuture<V::Future>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Status>> {
        self.retry.poll_ready(context).map_err(status)
    }

    fn call(&mut self, request: Req) -> Self::Future {
        GrpcFuture {
            call: self.retry.call(request),
        }
    }
}

pin_project! {
    /// The future of a call of [`Grpc`].
    pub struct GrpcFuture<F> {
        #[pin]
        call: F,
    }
}

impl<T, F: Future<Output = Result<T, RetryError<Status>>>> Future for GrpcFuture<F> {
    type Output = Result<T, Status>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.project().call.poll(context).map_err(status)
    }
}

impl<F> fmt::Debug for GrpcFuture<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GrpcFuture").finish_non_exhaustive()
    }
}

/// The last status, or the status for a call that has none.
fn status(error: RetryError<Status>) -> Status {
    let message = error.summary().to_string();
    error.into_last_or(|reason| match reason {
        StopReason::Rejected => Status::unavailable(message),
        StopReason::Cancelled => Status::cancelled(message),
        _ => Status::deadline_exceeded(message),
    })
}
