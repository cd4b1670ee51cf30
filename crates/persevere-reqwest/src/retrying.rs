//! A request that is sent again when it fails.

use crate::exchange::Repetition;
use crate::last::{Judged, Last};
use crate::transport::Reading;
use crate::unrepeatable::{OnUnrepeatable, Unrepeatable};
use persevere_core::budget::{Budget, Class};
use persevere_core::classify::Outcomes;
use persevere_core::gate::Gate;
use persevere_core::observe::{Event, FromFn, OnRetry};
use persevere_core::policy::{PolicyParts, Seeded, Within};
use persevere_core::run::{AnyClass, Budgeted, Explained, FirstAsked, Gated, NoSignal, Paced};
use persevere_core::{Backoff, Clock, Limits, Policy, Run, Sleeper};
use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

/// The policy of one request: the caller's, with the verdicts of the HTTP rules.
pub type RequestPolicy<'p, B, R> = Policy<&'p B, Judged<R>, Outcomes>;

/// The guards `G`, and a budget.
type WithBudget<G, N, F> = (G, Budgeted<N, F>);

/// Guards and a bulkhead.
type WithBulkhead<G, N> = (G, Gated<N, FirstAsked>);

/// A request that is sent again when it fails; made by [`RetryRequest::retrying`](crate::RetryRequest::retrying).
///
/// It takes what any [`Run`] takes: observers, breakers, budgets, limits of time. They receive the failure of an
/// attempt as a [`reqwest::Error`]. For a response that is not accepted, this is the error of
/// [`error_for_status`](reqwest::Response::error_for_status), so that breakers count it and logs contain its status.
/// The URL in these errors has neither credentials nor a query.
///
/// # What `send` returns
///
/// | the last attempt | by default | [`explained`](Retrying::explained) |
/// |---|---|---|
/// | response with any other status | the response | the response |
/// | response with a status of the rules, such as 503 | the response | `RetryError` |
/// | no response | `RetryError` | `RetryError` |
///
/// `C` is the request, `R` the type of its responses, `P` the policy, `S` the sleeper. `O` is for the observers, `G`
/// for the guards, `X` for the signal that cancels it. You need not name them.
#[must_use = "a request is not sent until `.send()`"]
pub struct Retrying<C, R, P, S, O = (), G = (), X = NoSignal> {
    pub(crate) call: C,
    pub(crate) run: Run<P, Arc<S>, O, G, Explained, X>,
    pub(crate) settings: Settings<R>,
    pub(crate) sleeper: Arc<S>,
}

/// How a request is repeated, and what is done with its responses.
#[derive(Debug)]
pub(crate) struct Settings<R> {
    pub(crate) repetition: Repetition,
    pub(crate) last: Arc<Last<R>>,
    pub(crate) on_unrepeatable: OnUnrepeatable,
    pub(crate) reading: Reading,
    pub(crate) is_explained: bool,
}

impl<R> Settings<R> {
    /// The defaults, and the policy of a run that keeps its verdicts there.
    pub(crate) fn new<B: Backoff>(
        backoff: B,
        limits: Limits,
        repetition: Repetition,
    ) -> (Policy<B, Judged<R>, Outcomes>, Settings<R>) {
        let last = Arc::new(Last::new());
        let retries_timeouts = limits.retry_timeouts() && repetition.obstacle().is_none();
        let policy = Policy::from_parts(backoff, Judged(Arc::clone(&last)), limits).retry_timeouts(retries_timeouts);
        let settings = Settings {
            repetition,
            last,
            on_unrepeatable: OnUnrepeatable::default(),
            reading: Reading::DEFAULT,
            is_explained: false,
        };
        (policy, settings)
    }
}

impl<'p, C, R, B: Backoff, S: Sleeper> Retrying<C, R, RequestPolicy<'p, B, R>, S> {
    pub(crate) fn new<D, On>(call: C, repetition: Repetition, policy: &'p Policy<B, D, On>, sleeper: S) -> Self {
        let sleeper = Arc::new(sleeper);
        let (policy, settings) = Settings::new(policy.backoff(), *policy.limits(), repetition);
        Retrying {
            call,
            run: policy.into_run(Arc::clone(&sleeper)),
            settings,
            sleeper,
        }
    }
}

/// Responses.
impl<C, R, P, S, O, G, X> Retrying<C, R, P, S, O, G, X> {
    /// Returns a response with a status of the rules, such as 503, as an error. It contains the reason why the run gave
    /// up, and the number of attempts. By default the last response is returned as it is.
    ///
    /// ```
    /// use persevere::reqwest::RetryRequest;
    /// use persevere::{Policy, StopReason, TokioSleeper};
    ///
    /// static API: Policy = Policy::DEFAULT;
    ///
    /// async fn page(client: &reqwest::Client) -> Option<String> {
    ///     match client.get("https://example.com").retrying(&API, TokioSleeper).explained().send().await {
    ///         Ok(response) => response.text().await.ok(),
    ///         Err(error) if error.reason() == StopReason::Hint => None, // asked to wait for more than `max_hint`
    ///         Err(error) => panic!("{error}"),
    ///     }
    /// }
    /// ```
    pub const fn explained(mut self) -> Self {
        self.settings.is_explained = true;
        self
    }

    /// Reads the body of an accepted response within the attempt, so that a repeatable request is retried if the body
    /// breaks off. The whole body is in memory then. Not in browsers.
    #[cfg(not(target_arch = "wasm32"))]
    pub const fn buffered(mut self) -> Self {
        self.settings.reading.is_buffered = true;
        self.settings.repetition.rules = self.settings.repetition.rules.incomplete_bodies(true);
        self
    }

    /// Sets how many bytes of an unaccepted response are read before the next attempt; 16 KiB by default. Its
    /// connection can then be used again. The connection of a longer response is closed.
    pub const fn drain(mut self, bytes: u64) -> Self {
        self.settings.reading.drain = bytes;
        self
    }

    /// Calls a closure with the reason if a failure is worth a retry, but the request cannot be repeated: for a log.
    ///
    /// ```
    /// use persevere::reqwest::{RetryRequest, Unrepeatable};
    /// use persevere::{Policy, TokioSleeper};
    ///
    /// static API: Policy = Policy::DEFAULT;
    ///
    /// # fn order(client: &reqwest::Client) -> impl Future {
    /// client
    ///     .post("https://example.com/orders")
    ///     .retrying(&API, TokioSleeper)
    ///     .on_unrepeatable(|why: Unrepeatable| eprintln!("POST /orders: {why}"))
    ///     .send()
    /// # }
    /// ```
    pub fn on_unrepeatable(mut self, f: impl Fn(Unrepeatable) + Send + Sync + 'static) -> Self {
        self.settings.on_unrepeatable = OnUnrepeatable::new(f);
        self
    }

    fn with_run<Q, M, H, Y>(
        self,
        with: impl FnOnce(Run<P, Arc<S>, O, G, Explained, X>) -> Run<Q, Arc<S>, M, H, Explained, Y>,
    ) -> Retrying<C, R, Q, S, M, H, Y> {
        Retrying {
            call: self.call,
            run: with(self.run),
            settings: self.settings,
            sleeper: self.sleeper,
        }
    }
}

/// Limits and seeds of this request alone.
impl<C, R, P: PolicyParts, S: Sleeper, O, G, X> Retrying<C, R, P, S, O, G, X> {
    /// Ends within `limit` of the start, attempts and waits included: see [`Run::timeout`].
    pub fn timeout(self, limit: Duration) -> Retrying<C, R, Within<P>, S, O, G, X>
    where
        S: Clock,
    {
        self.with_run(|run| run.timeout(limit))
    }

    /// Ends at a point in time on the sleeper's clock: see [`Run::deadline`].
    pub fn deadline(self, at: Duration) -> Retrying<C, R, Within<P>, S, O, G, X>
    where
        S: Clock,
    {
        self.with_run(|run| run.deadline(at))
    }

    /// Makes the delays reproducible: see [`Run::seed`].
    pub fn seed(self, seed: u64) -> Retrying<C, R, Seeded<P>, S, O, G, X> {
        self.with_run(|run| run.seed(seed))
    }
}

/// Observers.
impl<C, R, P, S, O, G, X> Retrying<C, R, P, S, O, G, X> {
    /// Adds `observer`, which receives every event: see [`Run::observe`].
    pub fn observe<N>(self, observer: N) -> Retrying<C, R, P, S, (O, N), G, X> {
        self.with_run(|run| run.observe(observer))
    }

    /// Calls a closure with every event: see [`Run::on_event`].
    pub fn on_event<F>(self, f: F) -> Retrying<C, R, P, S, (O, FromFn<F>), G, X>
    where
        F: Fn(&Event<'_, reqwest::Error>),
    {
        self.with_run(|run| run.on_event(f))
    }

    /// Calls a closure before each wait, with the number of the attempt that failed, its error, and the delay. The error is
    /// `None` if the attempt timed out or was rejected: see [`Run::on_retry`].
    pub fn on_retry<F>(self, f: F) -> Retrying<C, R, P, S, (O, OnRetry<F>), G, X>
    where
        F: FnMut(u32, Option<&reqwest::Error>, Duration),
    {
        self.with_run(|run| run.on_retry(f))
    }
}

/// Guards.
impl<C, R, P, S, O, G, X> Retrying<C, R, P, S, O, G, X> {
    /// Asks a circuit breaker before each attempt: see [`Run::breaker`].
    pub fn breaker<N: Gate>(self, breaker: N) -> Retrying<C, R, P, S, O, (G, Gated<N>), X>
    where
        S: Clock,
    {
        self.with_run(|run| run.breaker(breaker))
    }

    /// Waits before each attempt until a gate admits it, such as a pause that all requests to a server share: see
    /// [`Run::pace`].
    pub fn pace<N: Gate>(self, gate: N) -> Retrying<C, R, P, S, O, (G, Paced<N>), X> {
        self.with_run(|run| run.pace(gate))
    }

    /// Asks a limit of the concurrent requests before each attempt: see [`Run::bulkhead`].
    pub fn bulkhead<N: Gate>(self, bulkhead: N) -> Retrying<C, R, P, S, O, WithBulkhead<G, N>, X> {
        self.with_run(|run| run.bulkhead(bulkhead))
    }

    /// Asks any other gate before each attempt: see [`Run::gate`].
    pub fn gate<N: Gate>(self, gate: N) -> Retrying<C, R, P, S, O, (G, Gated<N>), X> {
        self.with_run(|run| run.gate(gate))
    }

    /// Asks a budget before each retry: see [`Run::budget`].
    pub fn budget<N: Budget>(self, budget: N) -> Retrying<C, R, P, S, O, WithBudget<G, N, AnyClass>, X> {
        self.with_run(|run| run.budget(budget))
    }

    /// Asks a budget that takes more for some failures than for others: see [`Run::budget_by`].
    pub fn budget_by<N: Budget, F>(self, budget: N, class_of: F) -> Retrying<C, R, P, S, O, WithBudget<G, N, F>, X>
    where
        F: Fn(&reqwest::Error) -> Class,
    {
        self.with_run(|run| run.budget_by(budget, class_of))
    }
}

/// Cancelling.
impl<C, R, P, S, O, G, X> Retrying<C, R, P, S, O, G, X> {
    /// Cancels when `signal` is ready, whatever it returns, whether the run waits or makes an attempt: see [`Run::cancelled_by`].
    pub fn cancelled_by<Y: Future>(self, signal: Y) -> Retrying<C, R, P, S, O, G, Y> {
        self.with_run(|run| run.cancelled_by(signal))
    }
}

impl<C, R, P, S, O, G, X> fmt::Debug for Retrying<C, R, P, S, O, G, X> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Retrying").finish_non_exhaustive()
    }
}
