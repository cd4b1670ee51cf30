//! One request and the judgement of its attempts.

use crate::error::ClientError;
use crate::last::Last;
use crate::retrying::Settings;
use crate::unrepeatable::{OnUnrepeatable, Unrepeatable};
use http::{HeaderMap, StatusCode};
use persevere_core::{RetryError, StopReason, Verdict};
use persevere_http::{Delivery, Transient, system_time};
use std::sync::Arc;

/// A response of reqwest, async or blocking.
pub(crate) trait Answer: Sized {
    fn status(&self) -> StatusCode;
    fn headers(&self) -> &HeaderMap;
    /// The status as an error; `None` if it is neither of the client nor of the server.
    fn error(&self) -> Option<reqwest::Error>;
}

impl Answer for reqwest::Response {
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

/// Whether and why a request may be sent again.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Repetition {
    pub(crate) rules: Transient,
    /// Whether the body can be sent again.
    pub(crate) has_repeatable_body: bool,
}

impl Repetition {
    /// Why an attempt whose outcome is unknown is not repeated; `None` if it is.
    pub(crate) fn obstacle(&self) -> Option<Unrepeatable> {
        if !self.has_repeatable_body {
            Some(Unrepeatable::Body)
        } else if !self.rules.is_repeatable() {
            Some(Unrepeatable::Method)
        } else {
            None
        }
    }
}

/// The judgement of a request's attempts.
#[derive(Debug)]
pub(crate) struct Exchange<R> {
    pub(crate) repetition: Repetition,
    pub(crate) on_unrepeatable: OnUnrepeatable,
    pub(crate) last: Arc<Last<R>>,
    /// Whether an unaccepted response is returned as an error.
    pub(crate) is_explained: bool,
}

impl<R> Exchange<R> {
    pub(crate) fn new(settings: Settings<R>) -> Self {
        Exchange {
            repetition: settings.repetition,
            on_unrepeatable: settings.on_unrepeatable,
            last: settings.last,
            is_explained: settings.is_explained,
        }
    }

    /// Keeps the verdict of the rules, unless the request cannot be repeated.
    fn judge(&self, judge: impl Fn(&Transient) -> Verdict) -> Verdict {
        let Repetition {
            rules,
            has_repeatable_body,
        } = self.repetition;
        let verdict = judge(&rules);
        let would_retry = || judge(&rules.repeatable(true)).is_retry();
        let obstacle = match verdict {
            _ if verdict.is_retry() && !has_repeatable_body => Some(Unrepeatable::Body),
            Verdict::Stop if !rules.is_repeatable() && would_retry() => self.repetition.obstacle(),
            _ => None,
        };
        if let Some(obstacle) = obstacle {
            self.on_unrepeatable.call(obstacle);
        }
        let verdict = if obstacle.is_some() { Verdict::Stop } else { verdict };
        self.last.keep_verdict(verdict);
        verdict
    }

    /// Judges an attempt that failed without a response.
    pub(crate) fn failed<E: ClientError>(&self, mut error: E, delivery: Delivery) -> E {
        self.judge(|rules| rules.failure(delivery));
        error.redact();
        error
    }

    /// Returns the result of the run: the last response if there is one, unless the caller asked for an explanation.
    pub(crate) fn finish<E>(&self, outcome: Result<R, RetryError<E>>) -> Result<R, RetryError<E>> {
        let error = match outcome {
            Ok(response) => return Ok(response),
            Err(error) => error,
        };
        if error.reason() == StopReason::AttemptTimedOut {
            if let Some(obstacle) = self.repetition.obstacle() {
                self.on_unrepeatable.call(obstacle);
            }
        }
        match self.last.take_response().filter(|_| !self.is_explained) {
            Some(response) => Ok(response),
            None => Err(error),
        }
    }
}

impl<R: Answer> Exchange<R> {
    /// Judges the end of an attempt. A response that is not accepted is kept, and its status is the error.
    pub(crate) fn ended<E: ClientError>(&self, outcome: Result<R, E>) -> Result<R, E> {
        let response = match outcome {
            Ok(response) => response,
            Err(error) => {
                let delivery = error.delivery();
                return Err(self.failed(error, delivery));
            }
        };
        let now = system_time();
        let verdict = self.judge(|rules| rules.response(response.status(), response.headers(), now));
        match response.error().filter(|_| verdict != Verdict::Accept) {
            Some(error) => {
                self.last.keep_response(response);
                let mut error = E::from(error);
                error.redact();
                Err(error)
            }
            None => Ok(response),
        }
    }
}
