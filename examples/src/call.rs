//! One run against the server: what it needs to know, and the waits that it made.

use crate::http::HttpError;
use persevere::{Event, Observer, RetryError};
use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// How a run against the server ends.
pub type Outcome = Result<String, RetryError<HttpError>>;

/// Runs the policy under test on one sleeper.
pub type Runner = fn(&Call) -> Outcome;

/// What a run needs to know. It observes the run too, and notes each wait.
#[derive(Debug)]
pub struct Call {
    /// Where the server listens.
    pub server: SocketAddr,
    /// The path to get.
    pub path: String,
    /// The deadline of the run.
    pub deadline: Duration,
    waits: Mutex<Vec<Duration>>,
}

impl Call {
    /// A run that is about to begin.
    #[must_use]
    pub fn new(server: SocketAddr, path: String, deadline: Duration) -> Call {
        Call {
            server,
            path,
            deadline,
            waits: Mutex::default(),
        }
    }

    /// Each wait between two attempts, in order.
    #[must_use]
    pub fn into_waits(self) -> Vec<Duration> {
        self.waits.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<E> Observer<E> for Call {
    fn on_event(&self, event: &Event<'_, E>) {
        if let Event::Waiting { delay, .. } = event {
            let mut waits = self.waits.lock().unwrap_or_else(PoisonError::into_inner);
            waits.push(*delay);
        }
    }
}
