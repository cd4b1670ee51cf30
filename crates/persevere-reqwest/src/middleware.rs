//! Retries for [`reqwest_middleware`]: [`RetryMiddleware`] for all requests of a client, [`Retries`] for one.
//!
//! ```
//! use persevere::reqwest::middleware::RetryMiddleware;
//! use persevere::{Policy, TokioSleeper};
//! use std::time::Duration;
//!
//! static API: Policy = Policy::exponential(Duration::from_millis(100)).max_attempts(4);
//!
//! let client = reqwest_middleware::ClientBuilder::new(reqwest::Client::new())
//!     .with(RetryMiddleware::new(API, TokioSleeper))
//!     .build();
//! ```
//!
//! The middlewares after this one receive each attempt, with the extensions that the request had at first. The
//! middlewares before it receive one request, with the extensions of the last attempt. The last response is returned
//! whatever its status. An error is the last error that an attempt returned. If no attempt returned an error, since all
//! timed out or a breaker rejected the first, it is a middleware error that contains a
//! [`RetryError`](persevere_core::RetryError).

use crate::body::Source;
use crate::error::{ClientError, delivery, redact};
use crate::exchange::{Exchange, Repetition};
use crate::last::Judged;
use crate::retrying::Settings;
use crate::transport::{Transport, send};
use crate::unrepeatable::{OnUnrepeatable, Unrepeatable};
use http::Extensions;
use persevere_core::classify::Outcomes;
use persevere_core::observe::Observer;
use persevere_core::run::Guards;
use persevere_core::shared::SharedBackoff;
use persevere_core::{AsyncSleeper, Backoff, Policy, Run};
use persevere_http::{Delivery, Rules, Transient};
use reqwest::{Request, Response};
use reqwest_middleware::{Error, Middleware, Next};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// The run of a request below a middleware.
pub type MiddlewareRun<S, O = (), G = ()> = Run<Policy<SharedBackoff, Judged<Response>, Outcomes>, Arc<S>, O, G>;

/// A policy for one request, as an extension of it, in the place of the middleware's.
///
/// ```
/// use persevere::Policy;
/// use persevere::reqwest::middleware::Retries;
///
/// # fn get(client: &reqwest_middleware::ClientWithMiddleware) -> impl Future {
/// client.get("https://example.com").with_extension(Retries::new(Policy::DEFAULT.max_attempts(7))).send()
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Retries(Policy<SharedBackoff, Transient>);

impl Retries {
    /// Retries by this policy.
    pub fn new<B, D, On>(policy: Policy<B, D, On>) -> Retries
    where
        B: Backoff + Clone + Send + Sync + 'static,
        D: Rules,
    {
        let backoff = SharedBackoff::new(policy.backoff().clone());
        Retries(Policy::from_parts(
            backoff,
            policy.classifier().rules(),
            *policy.limits(),
        ))
    }

    /// Sends the request once.
    #[must_use]
    pub fn never() -> Retries {
        Retries::new(Policy::DEFAULT.max_attempts(1))
    }
}

/// A middleware that sends requests again when they fail: see [`persevere::reqwest`](crate) for what it retries.
///
/// `F` adds observers and guards to the run of each request. You need not name it.
pub struct RetryMiddleware<S, F = fn(MiddlewareRun<S>) -> MiddlewareRun<S>> {
    retries: Retries,
    sleeper: Arc<S>,
    on_unrepeatable: OnUnrepeatable,
    prepare: F,
}

impl<S: AsyncSleeper> RetryMiddleware<S> {
    /// Sends requests by this policy on a sleeper.
    pub fn new<B, D, On>(policy: Policy<B, D, On>, sleeper: S) -> Self
    where
        B: Backoff + Clone + Send + Sync + 'static,
        D: Rules,
    {
        RetryMiddleware {
            retries: Retries::new(policy),
            sleeper: Arc::new(sleeper),
            on_unrepeatable: OnUnrepeatable::default(),
            prepare: |run| run,
        }
    }

    /// Adds observers, breakers and budgets to the run of each request.
    ///
    /// ```
    /// use persevere::budget::WindowedRatio;
    /// use persevere::reqwest::middleware::RetryMiddleware;
    /// use persevere::{Policy, Stats, TokioSleeper};
    ///
    /// static BUDGET: WindowedRatio = WindowedRatio::new().ratio(0.1).reserve(10);
    /// static STATS: Stats = Stats::new();
    ///
    /// let middleware =
    ///     RetryMiddleware::new(Policy::DEFAULT, TokioSleeper).with_run(|run| run.budget(&BUDGET).observe(&STATS));
    /// ```
    pub fn with_run<F, O, G>(self, prepare: F) -> RetryMiddleware<S, F>
    where
        F: Fn(MiddlewareRun<S>) -> MiddlewareRun<S, O, G>,
    {
        RetryMiddleware {
            retries: self.retries,
            sleeper: self.sleeper,
            on_unrepeatable: self.on_unrepeatable,
            prepare,
        }
    }
}

impl<S, F> RetryMiddleware<S, F> {
    /// Calls a closure with the reason if a failure is worth a retry, but the request cannot be repeated: for a log.
    #[must_use]
    pub fn on_unrepeatable(mut self, f: impl Fn(Unrepeatable) + Send + Sync + 'static) -> Self {
        self.on_unrepeatable = OnUnrepeatable::new(f);
        self
    }
}

#[cfg_attr(not(target_arch = "wasm32"), async_trait::async_trait)]
#[cfg_attr(target_arch = "wasm32", async_trait::async_trait(?Send))]
impl<S, F, O, G> Middleware for RetryMiddleware<S, F>
where
    S: AsyncSleeper<Sleep: Send> + Send + Sync + 'static,
    F: Fn(MiddlewareRun<S>) -> MiddlewareRun<S, O, G> + Send + Sync + 'static,
    O: Observer<Error> + Send + 'static,
    G: Guards<Response, Error> + Send + 'static,
{
    async fn handle(
        &self,
        request: Request,
        extensions: &mut Extensions,
        next: Next<'_>,
    ) -> reqwest_middleware::Result<Response> {
        let Retries(policy) = extensions.get().unwrap_or(&self.retries).clone();
        let rules = policy.classifier().for_request(request.method(), request.headers());
        let source = Source::new(request, None);
        let repetition = Repetition {
            rules,
            has_repeatable_body: source.is_repeatable(),
        };
        let (policy, mut settings) = Settings::new(policy.backoff().clone(), *policy.limits(), repetition);
        settings.on_unrepeatable = self.on_unrepeatable.clone();
        let run = (self.prepare)(policy.into_run(Arc::clone(&self.sleeper)));
        let reading = settings.reading;
        let chain = Chain {
            next,
            extensions: extensions.clone(),
            last: Arc::new(Mutex::new(None)),
        };
        let last = Arc::clone(&chain.last);
        let sleeper = Arc::clone(&self.sleeper);
        let outcome = send(run, sleeper, Exchange::new(settings), source, chain, reading).await;
        if let Some(last) = last.lock().unwrap_or_else(PoisonError::into_inner).take() {
            *extensions = last;
        }
        outcome.map_err(|error| match error.last_error() {
            Some(_) => error.into_last_or(|_| unreachable!("there is a last error")),
            None => Error::middleware(error),
        })
    }
}

impl<S, F> fmt::Debug for RetryMiddleware<S, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RetryMiddleware")
            .field("retries", &self.retries)
            .finish_non_exhaustive()
    }
}

/// The middlewares after this one.
#[derive(Clone)]
struct Chain<'a> {
    next: Next<'a>,
    extensions: Extensions,
    /// The extensions of the last attempt.
    last: Arc<Mutex<Option<Extensions>>>,
}

impl Transport for Chain<'_> {
    type Error = Error;

    async fn send(mut self, request: Request) -> reqwest_middleware::Result<Response> {
        let response = self.next.run(request, &mut self.extensions).await;
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(self.extensions);
        response
    }
}

impl ClientError for Error {
    fn delivery(&self) -> Delivery {
        match self {
            Error::Reqwest(error) => delivery(error),
            Error::Middleware(_) => Delivery::Impossible,
        }
    }

    fn redact(&mut self) {
        if let Error::Reqwest(error) = self {
            redact(error);
        }
    }
}
