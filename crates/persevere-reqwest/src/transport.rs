//! Sending one request, and its attempts.

use crate::body::Source;
use crate::buffer::buffer;
use crate::drain::drain;
use crate::error::ClientError;
use crate::exchange::Exchange;
use persevere_core::observe::Observer;
use persevere_core::policy::Judges;
use persevere_core::run::{Explained, Guards};
use persevere_core::sleeper::AwaitedBy;
use persevere_core::{RetryError, Run, Sleeper};
use persevere_http::Delivery;
use reqwest::{Request, Response};
use std::future::Future;
use std::sync::Arc;

/// Something that sends requests.
pub(crate) trait Transport: Clone {
    type Error: ClientError;
    fn send(self, request: Request) -> impl Future<Output = Result<Response, Self::Error>>;
}

impl Transport for reqwest::Client {
    type Error = reqwest::Error;

    fn send(self, request: Request) -> impl Future<Output = reqwest::Result<Response>> {
        self.execute(request)
    }
}

/// How the attempts of a request treat its responses.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reading {
    /// The most bytes of an unaccepted response that are read for the sake of its connection.
    pub(crate) drain: u64,
    /// Whether the body of an accepted response is a part of the attempt.
    pub(crate) is_buffered: bool,
}

impl Reading {
    pub(crate) const DEFAULT: Reading = Reading {
        drain: 16 * 1024,
        is_buffered: false,
    };
}

/// Sends a request until the run ends.
pub(crate) async fn send<P, S, O, G, X, N>(
    run: Run<P, Arc<S>, O, G, Explained, X>,
    sleeper: Arc<S>,
    exchange: Exchange<Response>,
    mut source: Source,
    transport: N,
    reading: Reading,
) -> Result<Response, RetryError<N::Error>>
where
    P: Judges<Response, N::Error>,
    S: Sleeper<Sleep: AwaitedBy<S>>,
    O: Observer<N::Error>,
    G: Guards<Response, N::Error>,
    X: Future,
    N: Transport,
{
    let exchange = &exchange;
    let sleeper = &*sleeper;
    let operation = || {
        let next = source.next();
        let transport = transport.clone();
        async move {
            let unread = exchange.last.take_response();
            if let Some(response) = unread {
                drain(response, reading.drain, sleeper).await;
            }
            let (mut request, body) = next.expect("a request that cannot be repeated stops the run");
            if let Some(body) = body {
                *request.body_mut() = Some(body.await);
            }
            let response = exchange.ended(transport.send(request).await)?;
            if !reading.is_buffered {
                return Ok(response);
            }
            match buffer(response).await {
                Ok(response) => Ok(response),
                Err(error) => Err(exchange.failed(N::Error::from(error), Delivery::Answered)),
            }
        }
    };
    let outcome = run.accept_last().run(operation).await;
    exchange.finish(outcome)
}
