//! A response of status 200, at once, through layers of tower and middlewares of reqwest. Nothing is sent.

use crate::case::{ATTEMPTS, BASE, CAP, Job, case, no_sleep_async};
use ::tower::retry::backoff::{ExponentialBackoff, ExponentialBackoffMaker, MakeBackoff};
use ::tower::retry::{Policy as TowerPolicy, Retry};
use ::tower::util::rng::HasherRng;
use ::tower::{Layer, Service, service_fn};
use backon::{ExponentialBuilder, Retryable};
use http::{Extensions, Request, Response};
use persevere::backoff::Exponential;
use persevere::classify::Outcomes;
use persevere::http::{Transient, transient};
use persevere::reqwest::middleware::RetryMiddleware;
use persevere::tower::{Buffered, HttpClone, RetryLayer};
use persevere::{Policy, TokioSleeper};
use reqwest_middleware::{ClientBuilder, ClientWithMiddleware, Middleware, Next};
use reqwest_retry::RetryTransientMiddleware;
use reqwest_retry::policies::ExponentialBackoff as RetryPolicy;
use std::future::{Ready, ready};
use std::io;

type Body = http_body_util::Empty<bytes::Bytes>;

static POLICY: Policy = Policy::exponential(BASE).max_delay(CAP).max_attempts(ATTEMPTS);
static HTTP: Policy<Exponential, Transient, Outcomes> = POLICY.classify_outcome(transient());

/// A service that answers at once.
fn server<B>(_: Request<B>) -> Ready<io::Result<Response<()>>> {
    ready(Ok(Response::new(())))
}

/// A policy of tower by the rules of ours.
#[derive(Clone)]
struct Rules(ExponentialBackoff);

impl TowerPolicy<Request<Body>, Response<()>, io::Error> for Rules {
    type Future = <ExponentialBackoff as ::tower::retry::backoff::Backoff>::Future;

    fn retry(&mut self, _: &mut Request<Body>, outcome: &mut io::Result<Response<()>>) -> Option<Self::Future> {
        use ::tower::retry::backoff::Backoff as _;
        let is_failure = match outcome {
            Ok(response) => response.status().is_server_error() || response.status() == 429,
            Err(_) => true,
        };
        is_failure.then(|| self.0.next_backoff())
    }

    fn clone_request(&mut self, request: &Request<Body>) -> Option<Request<Body>> {
        Some(request.clone())
    }
}

/// The rules of the peer's policy.
fn rules() -> Rules {
    let maker = ExponentialBackoffMaker::new(BASE, CAP, 1.0, HasherRng::default());
    Rules(maker.expect("numbers that tower takes").make_backoff())
}

/// The last middleware, which answers at once.
struct Answer;

#[async_trait::async_trait]
impl Middleware for Answer {
    async fn handle(
        &self,
        _: reqwest::Request,
        _: &mut Extensions,
        _: Next<'_>,
    ) -> reqwest_middleware::Result<reqwest::Response> {
        Ok(reqwest::Response::from(Response::new("")))
    }
}

fn client(middleware: Option<impl Middleware>) -> ClientWithMiddleware {
    let client = ClientBuilder::new(reqwest::Client::new());
    let client = match middleware {
        Some(middleware) => client.with(middleware),
        None => client,
    };
    client.with(Answer).build()
}

pub(crate) fn cases(job: Job) {
    let request = || Request::new(Body::new());
    case!(job, "layer/bare/200", let service = service_fn(server); 0, |_operation| async {
        async { service.call(request()).await }
    });
    case!(job, "layer/persevere/200", let service = RetryLayer::new(&HTTP, TokioSleeper).replay(HttpClone).layer(service_fn(server)); 0, |_operation| async {
        async { service.call(request()).await }
    });
    case!(job, "layer/persevere-buffered/200", let service = RetryLayer::new(&HTTP, TokioSleeper).replay(Buffered::up_to(1024)).layer(service_fn(server)); 0, |_operation| async {
        async { service.call(request()).await }
    });
    case!(job, "layer/backon/200", let service = service_fn(server); 0, |_operation| async {
        async {
            let call = || service.clone().call(request());
            let policy = ExponentialBuilder::default().with_jitter().with_max_times(4);
            call.retry(policy).sleep(no_sleep_async).await
        }
    });
    case!(job, "layer/tower/200", let service = Retry::new(rules(), service_fn(server)); 0, |_operation| async {
        async { service.call(request()).await }
    });

    case!(job, "client/bare/200", let client = client(None::<Answer>); 0, |_operation| async {
        client.get("http://localhost/").send()
    });
    case!(job, "client/persevere/200", let client = client(Some(RetryMiddleware::new(POLICY, TokioSleeper))); 0, |_operation| async {
        client.get("http://localhost/").send()
    });
    case!(job, "client/reqwest-retry/200", let client = client(Some(RetryTransientMiddleware::new_with_policy(RetryPolicy::builder().build_with_max_retries(4)))); 0, |_operation| async {
        client.get("http://localhost/").send()
    });
}
