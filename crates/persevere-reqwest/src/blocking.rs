//! Retries for [`reqwest::blocking`].
//!
//! [`RetryRequest`] is implemented for its requests too, and takes a blocking sleeper:
//!
//! ```
//! use persevere::reqwest::RetryRequest;
//! use persevere::{Policy, ThreadSleeper};
//!
//! static API: Policy = Policy::DEFAULT;
//!
//! fn page(client: &reqwest::blocking::Client) -> Result<String, Box<dyn std::error::Error>> {
//!     let response = client.get("https://example.com").retrying(&API, ThreadSleeper).send()?;
//!     Ok(response.text()?)
//! }
//! ```
//!
//! A blocking attempt cannot be interrupted. The time that is left for it is set as the timeout of its request, in
//! place of the client's. It is limited by the policy's `attempt_timeout` and by the time of the whole run.

use crate::RetryRequest;
use crate::buffer::buffered;
use crate::exchange::{Answer, Exchange, Repetition};
use crate::request::invalid;
use crate::retrying::{RequestPolicy, Retrying};
use http::{HeaderMap, StatusCode};
use persevere_core::observe::Observer;
use persevere_core::policy::Judges;
use persevere_core::run::Guards;
use persevere_core::sleeper::SleptBy;
use persevere_core::{Attempt, Backoff, Policy, RetryError, Sleeper};
use persevere_http::{Delivery, Rules, Transient};
use reqwest::blocking::{Body, Client, Request, RequestBuilder, Response};
use std::fmt;
use std::io::{self, Read};

/// A request of [`reqwest::blocking::Client`], ready to be sent.
#[derive(Debug)]
pub struct Call {
    client: Client,
    source: reqwest::Result<Source>,
}

/// Makes a body for each attempt.
type Maker = Box<dyn FnMut() -> Body + Send>;

/// A request, and how its body is made.
struct Source {
    request: Option<Request>,
    maker: Option<Maker>,
}

impl Source {
    /// The request for the next attempt; `None` if it cannot be repeated and was sent.
    fn next(&mut self) -> Option<Request> {
        let clone = self.request.as_ref().and_then(Request::try_clone);
        let mut request = clone.or_else(|| self.request.take())?;
        if let Some(make) = &mut self.maker {
            *request.body_mut() = Some(make());
        }
        Some(request)
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Source").finish_non_exhaustive()
    }
}

impl Answer for Response {
    fn status(&self) -> StatusCode {
        self.status()
    }

    fn headers(&self) -> &HeaderMap {
        self.headers()
    }

    fn error(&self) -> Option<reqwest::Error> {
        self.error_for_status_ref().err()
    }
}

impl Call {
    fn new(request: RequestBuilder, maker: Option<Maker>, rules: Transient) -> (Call, Repetition) {
        let (client, request) = request.build_split();
        let repetition = Repetition {
            rules: match &request {
                Ok(request) => rules.for_request(request.method(), request.headers()),
                Err(_) => rules,
            },
            has_repeatable_body: request.as_ref().is_ok_and(|request| {
                let body = request.body();
                maker.is_some() || body.is_none_or(|body| body.as_bytes().is_some())
            }),
        };
        let source = request.map(|request| Source {
            request: Some(request),
            maker,
        });
        (Call { client, source }, repetition)
    }
}

impl RetryRequest for RequestBuilder {
    type Call = Call;
    type Response = Response;

    fn retrying<'p, B, D, On, S>(
        self,
        policy: &'p Policy<B, D, On>,
        sleeper: S,
    ) -> Retrying<Call, Response, RequestPolicy<'p, B, Response>, S>
    where
        B: Backoff,
        D: Rules,
        S: Sleeper,
    {
        let (call, repetition) = Call::new(self, None, policy.classifier().rules());
        Retrying::new(call, repetition, policy, sleeper)
    }
}

impl<P, S, O, G> Retrying<Call, Response, P, S, O, G> {
    /// Sends the request, and sends it again until its response is accepted or the policy stops, on this thread.
    ///
    /// # Errors
    ///
    /// [`RetryError`] with the reason and the last error, if the last attempt got no response; see
    /// [`explained`](Retrying::explained) for responses as errors.
    pub fn send(self) -> Result<Response, RetryError<reqwest::Error>>
    where
        P: Judges<Response, reqwest::Error>,
        S: Sleeper<Sleep: SleptBy<S>>,
        O: Observer<reqwest::Error>,
        G: Guards<Response, reqwest::Error>,
    {
        let client = self.call.client;
        let mut source = self.call.source.map_err(invalid)?;
        let reading = self.settings.reading;
        let exchange = Exchange::new(self.settings);
        let outcome = self.run.accept_last().run_blocking_with(|attempt: Attempt| {
            if let Some(response) = exchange.last.take_response() {
                drain(response, reading.drain);
            }
            let mut request = source.next().expect("a request that cannot be repeated stops the run");
            if let Some(left) = attempt.timeout() {
                let own = request.timeout().copied();
                *request.timeout_mut() = Some(own.map_or(left, |own| own.min(left)));
            }
            let response = exchange.ended(client.execute(request))?;
            if !reading.is_buffered {
                return Ok(response);
            }
            buffer(response).map_err(|error| exchange.failed(error, Delivery::Answered))
        });
        exchange.finish(outcome)
    }
}

/// Reads a response of known length, unless it is longer than `limit` bytes.
fn drain(mut response: Response, limit: u64) {
    if response.content_length().is_some_and(|length| length <= limit) {
        // A connection that fails is not used again.
        let _ = io::copy(&mut response, &mut io::sink());
    }
}

/// The same response, with its whole body at hand.
fn buffer(response: Response) -> reqwest::Result<Response> {
    let head = http::Response::builder()
        .status(response.status())
        .version(response.version());
    let (url, headers, extensions) = (
        response.url().clone(),
        response.headers().clone(),
        response.extensions().clone(),
    );
    let body = response.bytes()?;
    Ok(buffered(head, url, headers, extensions, body.into()).into())
}

/// Bodies that are made anew for each attempt.
pub trait RemakeBody: Sized {
    /// Sets a body that is made anew for each attempt: for readers, which can be sent once. An attempt whose body cannot be
    /// made fails, and is not retried.
    ///
    /// ```
    /// use persevere::reqwest::{RetryRequest, blocking::RemakeBody};
    /// use persevere::{Policy, ThreadSleeper};
    /// use std::fs::File;
    ///
    /// static API: Policy = Policy::DEFAULT;
    ///
    /// fn upload(client: &reqwest::blocking::Client) -> Result<(), Box<dyn std::error::Error>> {
    ///     let put = client.put("https://example.com/file").body_from(|| File::open("file"));
    ///     put.retrying(&API, ThreadSleeper).explained().send()?;
    ///     Ok(())
    /// }
    /// ```
    fn body_from<F, T>(self, make: F) -> RemadeBody
    where
        F: FnMut() -> io::Result<T> + Send + 'static,
        T: Into<Body>;
}

/// A request whose body is made anew for each attempt; made by [`RemakeBody`].
pub struct RemadeBody {
    request: RequestBuilder,
    maker: Maker,
}

impl RemakeBody for RequestBuilder {
    fn body_from<F, T>(self, mut make: F) -> RemadeBody
    where
        F: FnMut() -> io::Result<T> + Send + 'static,
        T: Into<Body>,
    {
        RemadeBody {
            request: self,
            maker: Box::new(move || make().map_or_else(|error| Body::new(Failed(Some(error))), Into::into)),
        }
    }
}

impl RetryRequest for RemadeBody {
    type Call = Call;
    type Response = Response;

    fn retrying<'p, B, D, On, S>(
        self,
        policy: &'p Policy<B, D, On>,
        sleeper: S,
    ) -> Retrying<Call, Response, RequestPolicy<'p, B, Response>, S>
    where
        B: Backoff,
        D: Rules,
        S: Sleeper,
    {
        let (call, repetition) = Call::new(self.request, Some(self.maker), policy.classifier().rules());
        Retrying::new(call, repetition, policy, sleeper)
    }
}

impl fmt::Debug for RemadeBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RemadeBody")
            .field("request", &self.request)
            .finish_non_exhaustive()
    }
}

/// A body that reports an error instead of its bytes.
struct Failed(Option<io::Error>);

impl Read for Failed {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
    }
}
