//! One run against the server: its parameters and its waits.

use crate::http::HttpError;
use persevere::{Event, Observer, RetryError};
use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// The result of a run against the server.
pub type Outcome = Result<String, RetryError<HttpError>>;

/// Runs the policy under test on one sleeper.
pub type Runner = fn(&Call) -> Outcome;

/// The parameters of a run. It is also an observer that records each wait.
#[derive(Debug)]
pub struct Call {
    /// The server's address.
    pub server: SocketAddr,
    /// The path to fetch.
    pub path: String,
    /// The time limit of the run.
    pub deadline: Duration,
    waits: Mutex<Vec<Duration>>,
}

impl Call {
    /// Creates the parameters of a run without waits.
    #[must_use]
    pub fn new(server: SocketAddr, path: String, deadline: Duration) -> Call {
        Call {
            server,
            path,
            deadline,
            waits: Mutex::default(),
        }
    }

    /// Returns the waits between attempts, in order.
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
