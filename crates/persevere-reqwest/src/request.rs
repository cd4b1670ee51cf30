//! Requests that can be retried.

#[cfg(not(target_arch = "wasm32"))]
use crate::body::failed;
use crate::body::{Maker, Source};
use crate::error::redact;
use crate::exchange::{Exchange, Repetition};
use crate::retrying::{RequestPolicy, Retrying};
use crate::transport;
use persevere_core::observe::Observer;
use persevere_core::policy::Judges;
use persevere_core::run::Guards;
use persevere_core::sleeper::AwaitedBy;
use persevere_core::{Backoff, Policy, RetryError, Sleeper};
use persevere_http::{Rules, Transient};
use reqwest::{Body, Client, RequestBuilder, Response};
#[cfg(not(target_arch = "wasm32"))]
use std::error::Error;
use std::fmt;
use std::future::Future;

/// Retries for a [`reqwest::RequestBuilder`], and for the builder of `reqwest::blocking`.
pub trait RetryRequest: Sized {
    /// The request that is sent.
    type Call;
    /// The response that comes back.
    type Response;

    /// Sends this request by a policy on a sleeper: see [`Retrying`] for all that can be set, and
    /// [`Transient`](persevere_http::Transient) for what is retried. A policy without a classifier has the standard rules.
    ///
    /// ```
    /// use persevere::reqwest::RetryRequest;
    /// use persevere::{Policy, TokioSleeper};
    /// use std::time::Duration;
    ///
    /// static API: Policy = Policy::exponential(Duration::from_millis(100)).max_attempts(4);
    ///
    /// async fn health(client: &reqwest::Client) -> Result<bool, Box<dyn std::error::Error>> {
    ///     let response = client.get("https://example.com/health").retrying(&API, TokioSleeper).send().await?;
    ///     Ok(response.status().is_success())
    /// }
    /// ```
    fn retrying<'p, B, D, On, S>(
        self,
        policy: &'p Policy<B, D, On>,
        sleeper: S,
    ) -> Retrying<Self::Call, Self::Response, RequestPolicy<'p, B, Self::Response>, S>
    where
        B: Backoff,
        D: Rules,
        S: Sleeper;
}

/// A request of `reqwest::Client`, ready to be sent.
#[derive(Debug)]
pub struct Call {
    client: Client,
    source: reqwest::Result<Source>,
}

impl Call {
    fn new(request: RequestBuilder, maker: Option<Maker>, rules: Transient) -> (Call, Repetition) {
        let (client, request) = request.build_split();
        let rules = match &request {
            Ok(request) => rules.for_request(request.method(), request.headers()),
            Err(_) => rules,
        };
        let source = request.map(|request| Source::new(request, maker));
        let has_repeatable_body = source.as_ref().is_ok_and(Source::is_repeatable);
        let repetition = Repetition {
            rules,
            has_repeatable_body,
        };
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

impl<P, S, O, G, X> Retrying<Call, Response, P, S, O, G, X> {
    /// Sends the request, and sends it again until its response is accepted or the policy stops.
    ///
    /// # Errors
    ///
    /// [`RetryError`] with the reason and the last error, if the last attempt got no response; see
    /// [`explained`](Retrying::explained) for responses as errors.
    pub fn send(self) -> impl Future<Output = Result<Response, RetryError<reqwest::Error>>>
    where
        P: Judges<Response, reqwest::Error>,
        S: Sleeper<Sleep: AwaitedBy<S>>,
        O: Observer<reqwest::Error>,
        G: Guards<Response, reqwest::Error>,
        X: Future,
    {
        let Retrying {
            call,
            run,
            settings,
            sleeper,
        } = self;
        async move {
            let source = call.source.map_err(invalid)?;
            let reading = settings.reading;
            let exchange = Exchange::new(settings);
            transport::send(run, sleeper, exchange, source, call.client, reading).await
        }
    }
}

/// The error of a request that cannot be built.
pub(crate) fn invalid(mut error: reqwest::Error) -> RetryError<reqwest::Error> {
    redact(&mut error);
    RetryError::permanent(error)
}

/// Bodies that are made anew for each attempt.
pub trait RemakeBody: Sized {
    /// Sets a body that is made anew for each attempt: for streams, which can be sent once.
    ///
    /// ```
    /// use persevere::reqwest::{RemakeBody, RetryRequest};
    /// use persevere::{Policy, TokioSleeper};
    ///
    /// static API: Policy = Policy::DEFAULT;
    ///
    /// # fn upload(client: &reqwest::Client) -> impl Future {
    /// client
    ///     .put("https://example.com/numbers")
    ///     .body_from(|| reqwest::Body::wrap(String::from("1 2 3")))
    ///     .retrying(&API, TokioSleeper)
    ///     .send()
    /// # }
    /// ```
    fn body_from<F, T>(self, make: F) -> RemadeBody
    where
        F: FnMut() -> T + Send + 'static,
        T: Into<Body>;

    /// [`body_from`](RemakeBody::body_from) for a body whose making awaits and may fail, such as a file that is opened. An
    /// attempt whose body cannot be made fails, and is not retried.
    ///
    /// ```
    /// use persevere::reqwest::{RemakeBody, RetryRequest};
    /// use persevere::{Policy, TokioSleeper};
    /// use tokio::fs::File;
    ///
    /// static API: Policy = Policy::DEFAULT;
    ///
    /// # fn upload(client: &reqwest::Client) -> impl Future {
    /// client
    ///     .put("https://example.com/file")
    ///     .body_from_async(|| File::open("file"))
    ///     .retrying(&API, TokioSleeper)
    ///     .send()
    /// # }
    /// ```
    #[cfg(not(target_arch = "wasm32"))]
    fn body_from_async<F, A, T, E>(self, make: F) -> RemadeBody
    where
        F: FnMut() -> A + Send + 'static,
        A: Future<Output = Result<T, E>> + Send + 'static,
        T: Into<Body>,
        E: Into<Box<dyn Error + Send + Sync>>;
}

/// A request whose body is made anew for each attempt; made by [`RemakeBody`].
pub struct RemadeBody {
    request: RequestBuilder,
    maker: Maker,
}

impl RemakeBody for RequestBuilder {
    fn body_from<F, T>(self, mut make: F) -> RemadeBody
    where
        F: FnMut() -> T + Send + 'static,
        T: Into<Body>,
    {
        RemadeBody {
            request: self,
            maker: Box::new(move || {
                let body = make().into();
                Box::pin(async { body })
            }),
        }
    }

    #[cfg(not(target_arch = "wasm32"))]
    fn body_from_async<F, A, T, E>(self, mut make: F) -> RemadeBody
    where
        F: FnMut() -> A + Send + 'static,
        A: Future<Output = Result<T, E>> + Send + 'static,
        T: Into<Body>,
        E: Into<Box<dyn Error + Send + Sync>>,
    {
        RemadeBody {
            request: self,
            maker: Box::new(move || {
                let making = make();
                Box::pin(async { making.await.map_or_else(|error| failed(error.into()), Into::into) })
            }),
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
