//! The rules for what is worth a retry.

use crate::{Delivery, Hints, HttpError, Statuses, is_repeatable, system_time};
use http::{HeaderMap, Method, Response, StatusCode};
use persevere_core::budget::Class;
use persevere_core::{Classifier, Verdict};
use std::time::SystemTime;

/// The standard rules, to be changed and set as the classifier of a policy: see [`Transient`].
#[must_use]
pub const fn transient() -> Transient {
    Transient {
        statuses: Statuses::STANDARD,
        rejected: Statuses::REJECTED,
        hinted: Statuses::NONE,
        hints: Hints::STANDARD,
        repeatable: false,
        incomplete_bodies: false,
    }
}

/// Decides which HTTP requests are worth a retry, by the outcome of the attempt and by whether the request may be
/// repeated; made by [`transient`].
///
/// A request is *repeatable* if its method is idempotent or it carries an `Idempotency-Key`.
///
/// | attempt | repeatable | other |
/// |---|---|---|
/// | never sent, or rejected by the protocol | retry | retry |
/// | 421, 425, 429 | retry | retry |
/// | 408, 500, 502, 503, 504 | retry | stop |
/// | timed out, reset, incomplete response head | retry | stop |
/// | body broke off or cannot be decoded | stop; retry by [`incomplete_bodies`](Transient::incomplete_bodies) | stop |
/// | invalid request, redirect loop, certificate | stop | stop |
/// | all other statuses, 501 and 505 included | accept | accept |
///
/// Wherever it retries a response, it obeys the response's [`Hints`].
///
/// Clients that have the request, such as `persevere::reqwest`, narrow the rules to it by
/// [`for_request`](Transient::for_request). A classifier of `Result<http::Response<B>, E>` alone does not receive the
/// request. It takes the request as not repeatable, unless [`repeatable`](Transient::repeatable) is set.
///
/// ```
/// use persevere::http::{Hints, Statuses, Transient, transient};
/// use persevere::{Policy, backoff::Exponential};
/// use std::time::Duration;
///
/// static API: Policy<Exponential, Transient> = Policy::exponential(Duration::from_millis(100)).classify(
///     transient().statuses(Statuses::STANDARD.with(409)).hints(Hints::STANDARD.and_retry_flags()),
/// );
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Transient {
    statuses: Statuses,
    rejected: Statuses,
    hinted: Statuses,
    hints: Hints,
    repeatable: bool,
    incomplete_bodies: bool,
}

impl Default for Transient {
    fn default() -> Self {
        transient()
    }
}

impl Transient {
    /// Sets the statuses that are retried: [`Statuses::STANDARD`] by default.
    #[must_use]
    pub const fn statuses(mut self, statuses: Statuses) -> Self {
        self.statuses = statuses;
        self
    }

    /// Sets which of the [`statuses`](Transient::statuses) mean that the request was not processed, so that any request
    /// is retried: [`Statuses::REJECTED`] by default. Use `Statuses::REJECTED.without(429)` for a server that does some
    /// work before it answers 429.
    #[must_use]
    pub const fn rejected(mut self, statuses: Statuses) -> Self {
        self.rejected = statuses;
        self
    }

    /// Sets statuses that are retried only if the response contains the time to wait, such as 403 for GitHub, or 413.
    /// They mean that the request was not processed. By default there are none.
    #[must_use]
    pub const fn hinted_statuses(mut self, statuses: Statuses) -> Self {
        self.hinted = statuses;
        self
    }

    /// Sets which headers contain the time to wait: [`Hints::STANDARD`] by default.
    #[must_use]
    pub const fn hints(mut self, hints: Hints) -> Self {
        self.hints = hints;
        self
    }

    /// Chooses whether all requests count as repeatable (`true`), or only requests with an idempotent method or an
    /// `Idempotency-Key` (`false`, the default). Use `true` for an API whose server recognizes repetitions by something
    /// else.
    #[must_use]
    pub const fn repeatable(mut self, repeatable: bool) -> Self {
        self.repeatable = repeatable;
        self
    }

    /// Chooses whether a repeatable request is retried if the response's body broke off or cannot be decoded (`true`), or
    /// not (`false`, the default).
    #[must_use]
    pub const fn incomplete_bodies(mut self, retry: bool) -> Self {
        self.incomplete_bodies = retry;
        self
    }

    /// These rules for one request: repeatable by [`is_repeatable`], or if they are already.
    #[must_use]
    pub fn for_request(self, method: &Method, headers: &HeaderMap) -> Self {
        self.repeatable(self.repeatable || is_repeatable(method, headers))
    }

    /// Whether these rules take a request as repeatable.
    #[must_use]
    pub const fn is_repeatable(&self) -> bool {
        self.repeatable
    }

    /// Judges a response that came at `now`.
    ///
    /// ```
    /// use http::{HeaderMap, Method, StatusCode};
    /// use persevere::{Verdict, http::transient};
    /// use std::time::SystemTime;
    ///
    /// let headers = HeaderMap::new();
    /// let judge = |method, status| transient().for_request(&method, &headers).response(status, &headers, SystemTime::now());
    /// assert_eq!(judge(Method::GET, StatusCode::SERVICE_UNAVAILABLE), Verdict::Retry);
    /// assert_eq!(judge(Method::POST, StatusCode::SERVICE_UNAVAILABLE), Verdict::Stop);
    /// assert_eq!(judge(Method::GET, StatusCode::NOT_FOUND), Verdict::Accept);
    /// ```
    #[must_use]
    pub fn response(&self, status: StatusCode, headers: &HeaderMap, now: SystemTime) -> Verdict {
        let hint = || self.hints.read(headers, now);
        let is_failure = self.statuses.has(status);
        match self.hints.retry_flag(headers) {
            Some(true) => return retry(status, hint().unwrap_or_default()),
            Some(false) if is_failure => return Verdict::Stop,
            Some(false) => return Verdict::Accept,
            None => {}
        }
        if is_failure && (self.repeatable || self.rejected.has(status)) {
            retry(status, hint().unwrap_or_default())
        } else if self.hinted.has(status) {
            match hint() {
                Some(hint) => retry(status, hint),
                None if is_failure => Verdict::Stop,
                None => Verdict::Accept,
            }
        } else if is_failure {
            Verdict::Stop
        } else {
            Verdict::Accept
        }
    }

    /// Judges an attempt that got no response.
    #[must_use]
    pub const fn failure(&self, delivery: Delivery) -> Verdict {
        match delivery {
            Delivery::NeverSent | Delivery::Rejected => Verdict::Retry,
            Delivery::TimedOut if self.repeatable => Verdict::RetryAs(Class::Timeout),
            Delivery::Unknown if self.repeatable => Verdict::Retry,
            Delivery::Answered if self.repeatable && self.incomplete_bodies => Verdict::Retry,
            Delivery::TimedOut | Delivery::Unknown | Delivery::Answered | Delivery::Impossible => Verdict::Stop,
        }
    }
}

/// A retry after the hint, which is zero if the response has none.
fn retry(status: StatusCode, hint: core::time::Duration) -> Verdict {
    match status {
        _ if !hint.is_zero() => Verdict::RetryAfter(hint),
        StatusCode::TOO_MANY_REQUESTS => Verdict::RetryAs(Class::Throttling),
        _ => Verdict::Retry,
    }
}

impl<E: HttpError> Classifier<E> for Transient {
    fn classify(&self, error: &E) -> Verdict {
        self.failure(error.delivery())
    }
}

impl<B, E: HttpError> Classifier<Result<Response<B>, E>> for Transient {
    fn classify(&self, outcome: &Result<Response<B>, E>) -> Verdict {
        match outcome {
            Ok(response) => self.response(response.status(), response.headers(), system_time()),
            Err(error) => self.failure(error.delivery()),
        }
    }
}
