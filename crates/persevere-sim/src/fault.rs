//! How simulated calls fail.

use core::fmt;
use core::time::Duration;
use persevere_core::budget::Class;
use persevere_core::{Classifier, Verdict};

/// How a simulated call failed. A call that timed out has no error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// The service failed, or a service that it calls did.
    Failed,
    /// The service is down and refused the connection.
    Refused,
    /// The queue of the service was full, or the call was shed from it.
    Overloaded,
    /// The service admits no more calls for now, as by status 429.
    RateLimited {
        /// After how long it may admit a call, as by `Retry-After`.
        retry_after: Duration,
    },
}

impl Fault {
    /// The class that a budget charges for.
    #[must_use]
    pub fn class(&self) -> Class {
        match self {
            Fault::RateLimited { .. } => Class::Throttling,
            _ => Class::Transient,
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Fault::Failed => "the service failed",
            Fault::Refused => "the service is down",
            Fault::Overloaded => "the service is overloaded",
            Fault::RateLimited { .. } => "the service admits no more calls for now",
        })
    }
}

impl core::error::Error for Fault {}

/// Retries every [`Fault`], and obeys the delay in the error of a rate limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Faults;

impl Classifier<Fault> for Faults {
    fn classify(&self, fault: &Fault) -> Verdict {
        match fault {
            Fault::RateLimited { retry_after } => Verdict::RetryAfter(*retry_after),
            _ => Verdict::Retry,
        }
    }
}
