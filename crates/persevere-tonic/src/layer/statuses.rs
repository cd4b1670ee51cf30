//! The statuses of responses as errors, which a policy can judge.

use super::Answer;
use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use persevere_tower::BoxError;
use persevere_tower::replay::ReplayBody;
use pin_project_lite::pin_project;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tonic::{Code, Status};
use tower_service::Service;

/// Turns a response that has failed before its first message into an error: its [`Status`], from its headers or trailers.
#[derive(Debug, Clone)]
pub struct Statuses<V> {
    channel: V,
}

impl<V> Statuses<V> {
    pub(super) const fn new(channel: V) -> Self {
        Statuses { channel }
    }
}

impl<V, B, A> Service<Request<ReplayBody<B>>> for Statuses<V>
where
    V: Service<Request<tonic::body::Body>, Response = Response<A>, Error: Into<BoxError>>,
    B: Body<Error: Into<BoxError>> + Send + Unpin + 'static,
    ReplayBody<B>: Body<Data = Bytes, Error = B::Error> + Send,
    A: Body<Error: Into<BoxError>> + Unpin,
{
    type Response = Response<Answer<A>>;
    type Error = Status;
    type Future = StatusesFuture<V::Future, A>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Status>> {
        self.channel.poll_ready(context).map_err(status)
    }

    fn call(&mut self, request: Request<ReplayBody<B>>) -> Self::Future {
        StatusesFuture {
            call: self.channel.call(request.map(tonic::body::Body::new)),
            response: None,
        }
    }
}

pin_project! {
    /// The future of a call of [`Statuses`].
    pub struct StatusesFuture<F, A> {
        #[pin]
        call: F,
        // `None` until the headers have come.
        response: Option<Response<A>>,
    }
}

impl<F, A, E> Future for StatusesFuture<F, A>
where
    F: Future<Output = Result<Response<A>, E>>,
    E: Into<BoxError>,
    A: Body<Error: Into<BoxError>> + Unpin,
{
    type Output = Result<Response<Answer<A>>, Status>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        if this.response.is_none() {
            let response = ready!(this.call.poll(context)).map_err(status)?;
            if let Some(failure) = failure(response.headers()) {
                return Poll::Ready(Err(failure));
            }
            *this.response = Some(response);
        }
        let response = this.response.as_mut().expect("it was set above");
        let first = ready!(Pin::new(response.body_mut()).poll_frame(context))
            .transpose()
            .map_err(status)?;
        let response = this.response.take().expect("it was set above");
        let response = response.map(|rest| Answer::new(first, rest));
        match response.body().trailers().and_then(failure) {
            Some(failure) => Poll::Ready(Err(failure)),
            None => Poll::Ready(Ok(response)),
        }
    }
}

impl<F, A> fmt::Debug for StatusesFuture<F, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StatusesFuture").finish_non_exhaustive()
    }
}

/// The status of headers or trailers, unless it is `OK` or missing.
fn failure(headers: &http::HeaderMap) -> Option<Status> {
    Status::from_header_map(headers).filter(|status| status.code() != Code::Ok)
}

fn status(error: impl Into<BoxError>) -> Status {
    Status::from_error(error.into())
}
