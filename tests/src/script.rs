//! Scripted operations: each call takes its time on a virtual clock and ends as the script says.

use crate::live::Live;
use crate::time::VirtualTime;
use persevere::{Retryable, Verdict};
use std::fmt;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// One call of a scripted operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Call {
    /// How long it takes.
    pub takes: Duration,
    /// Whether it returns an `Ok`.
    pub succeeds: bool,
    /// What the classifier says of it.
    pub verdict: Verdict,
}

impl Call {
    /// Returns an `Ok` that is accepted, at once.
    #[must_use]
    pub const fn succeeds() -> Call {
        Call {
            takes: Duration::ZERO,
            succeeds: true,
            verdict: Verdict::Accept,
        }
    }

    /// Returns an error with this verdict, at once.
    #[must_use]
    pub const fn fails(verdict: Verdict) -> Call {
        Call {
            takes: Duration::ZERO,
            succeeds: false,
            verdict,
        }
    }

    /// The same, after so long.
    #[must_use]
    pub const fn after(mut self, takes: Duration) -> Call {
        self.takes = takes;
        self
    }

    /// What the `number`th call returns.
    ///
    /// # Errors
    ///
    /// If the script says so.
    pub const fn outcome(self, number: usize) -> Result<Reply, Fault> {
        let Call { verdict, succeeds, .. } = self;
        if succeeds {
            Ok(Reply { number, verdict })
        } else {
            Err(Fault { number, verdict })
        }
    }
}

/// What a scripted call returns if it succeeds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reply {
    /// The number of the call, from 1.
    pub number: usize,
    /// What the classifier is to say of it.
    pub verdict: Verdict,
}

/// What a scripted call returns if it fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault {
    /// The number of the call, from 1.
    pub number: usize,
    /// What the classifier is to say of it.
    pub verdict: Verdict,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "call {} failed", self.number)
    }
}

impl std::error::Error for Fault {}

impl Retryable for Fault {
    fn verdict(&self) -> Verdict {
        self.verdict
    }
}

/// The classifier of scripted outcomes.
///
/// # Errors
///
/// None: the parameter is what is classified.
#[must_use]
pub fn verdict(outcome: &Result<Reply, Fault>) -> Verdict {
    match outcome {
        Ok(reply) => reply.verdict,
        Err(fault) => fault.verdict,
    }
}

/// An operation that follows a script, and the last call of the script for ever. Clones go on where the others are.
#[derive(Debug, Clone)]
pub struct Script {
    time: VirtualTime,
    calls: Arc<[Call]>,
    started: Arc<Mutex<Vec<Duration>>>,
    live: Live,
}

impl Script {
    /// An operation that goes through `calls` on the clock of `time`.
    ///
    /// # Panics
    ///
    /// If there are no calls.
    #[must_use]
    pub fn new(time: &VirtualTime, calls: impl Into<Arc<[Call]>>) -> Script {
        let calls = calls.into();
        assert!(!calls.is_empty(), "a script has at least one call");
        Script {
            time: time.clone(),
            calls,
            started: Arc::default(),
            live: Live::new(),
        }
    }

    /// The times at which the calls so far began.
    #[must_use]
    pub fn started(&self) -> Vec<Duration> {
        self.started.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Counts the async calls that are neither over nor dropped.
    #[must_use]
    pub fn live(&self) -> &Live {
        &self.live
    }

    /// The next call, as a blocking operation.
    ///
    /// # Errors
    ///
    /// If the script says so.
    pub fn call(&self) -> Result<Reply, Fault> {
        let (number, call) = self.next();
        self.time.advance(call.takes);
        call.outcome(number)
    }

    /// The next call, as an async operation.
    pub fn call_async(&self) -> impl Future<Output = Result<Reply, Fault>> + Send + 'static + use<> {
        let (number, call) = self.next();
        let (pass, guard) = (self.time.pass(call.takes), self.live.guard());
        async move {
            if !call.takes.is_zero() {
                pass.await;
            }
            drop(guard);
            call.outcome(number)
        }
    }

    fn next(&self) -> (usize, Call) {
        let mut started = self.started.lock().unwrap_or_else(PoisonError::into_inner);
        started.push(self.time.peek());
        let number = started.len();
        (number, self.calls[number.min(self.calls.len()) - 1])
    }
}
