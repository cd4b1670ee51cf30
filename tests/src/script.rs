//! Scripted operations whose outcomes carry their verdicts.

use persevere::{Retryable, Verdict};
use persevere_testkit::VirtualTime;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// One call of a scripted operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Call {
    /// How long it takes.
    pub takes: Duration,
    /// Whether it returns an `Ok`.
    pub succeeds: bool,
    /// The verdict of the classifier.
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

    /// The same, after the given time.
    #[must_use]
    pub const fn after(mut self, takes: Duration) -> Call {
        self.takes = takes;
        self
    }

    /// The outcome of the `number`th call.
    ///
    /// # Errors
    ///
    /// If the call fails by the script.
    pub const fn outcome(self, number: usize) -> Result<Reply, Fault> {
        let Call { verdict, succeeds, .. } = self;
        if succeeds {
            Ok(Reply { number, verdict })
        } else {
            Err(Fault { number, verdict })
        }
    }
}

/// The value of a scripted call that succeeds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reply {
    /// The number of the call, from 1.
    pub number: usize,
    /// The verdict of the classifier.
    pub verdict: Verdict,
}

/// The error of a scripted call that fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault {
    /// The number of the call, from 1.
    pub number: usize,
    /// The verdict of the classifier.
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
/// None: the outcome that is classified is the parameter.
#[must_use]
pub fn verdict(outcome: &Result<Reply, Fault>) -> Verdict {
    match outcome {
        Ok(reply) => reply.verdict,
        Err(fault) => fault.verdict,
    }
}

/// An operation that follows such a script.
pub type Script = persevere_testkit::Script<Reply, Fault>;

/// An operation that goes through `calls` on the clock of `time`, and makes the last of them for ever.
///
/// # Panics
///
/// If there are no calls.
#[must_use]
pub fn scripted(time: &VirtualTime, calls: impl Into<Arc<[Call]>>) -> Script {
    let calls = calls.into();
    assert!(!calls.is_empty(), "a script has at least one call");
    let answer = move |number: u32| {
        let number = number as usize;
        let call = calls[number.min(calls.len()) - 1];
        persevere_testkit::Call::from(call.outcome(number)).taking(call.takes)
    };
    Script::from_fn(answer).on(time)
}
