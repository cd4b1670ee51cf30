//! The verdict and the response of the last attempt.

use persevere_core::{Classifier, Verdict};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The verdict on the last attempt, and its response if that was not accepted.
#[derive(Debug)]
pub(crate) struct Last<R>(Mutex<(Verdict, Option<R>)>);

impl<R> Last<R> {
    pub(crate) fn new() -> Self {
        Last(Mutex::new((Verdict::Stop, None)))
    }

    fn lock(&self) -> MutexGuard<'_, (Verdict, Option<R>)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn keep_verdict(&self, verdict: Verdict) {
        self.lock().0 = verdict;
    }

    pub(crate) fn keep_response(&self, response: R) {
        self.lock().1 = Some(response);
    }

    pub(crate) fn take_response(&self) -> Option<R> {
        self.lock().1.take()
    }
}

/// The classifier of a request's run. Each attempt is judged while its response is at hand; this returns the verdict.
#[derive(Debug)]
pub struct Judged<R>(pub(crate) Arc<Last<R>>);

impl<R, T, E> Classifier<Result<T, E>> for Judged<R> {
    fn classify(&self, _: &Result<T, E>) -> Verdict {
        self.0.lock().0
    }
}
