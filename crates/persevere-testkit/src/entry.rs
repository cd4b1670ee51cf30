//! Events of a run, owned.

use alloc::format;
use alloc::string::String;
use core::fmt;
use core::time::Duration;
use persevere_core::{Event, Failure, StopReason, Verdict};

/// An owned [`Event`], as a [`Recorder`](crate::Recorder) keeps it, with the `Debug` form of an error in place of
/// the error.
///
/// ```
/// use persevere::{Policy, StopReason};
/// use persevere_testkit::{Entry, How, Recorder, VirtualTime, script};
/// use std::time::Duration;
///
/// let recorder = Recorder::new();
/// let policy = Policy::default().max_attempts(1);
/// let _ = policy.on(VirtualTime::new()).observe(&recorder).run_blocking(script([Err::<(), _>("down")]));
/// assert_eq!(recorder.entries()[2], Entry::GaveUp {
///     reason: StopReason::Attempts,
///     attempts: 1,
///     waited: Duration::ZERO,
///     failure: Some(How::Error("\"down\"".to_owned())),
/// });
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Entry {
    /// A run began.
    Started,
    /// An attempt did not succeed.
    Failed {
        /// The attempt's number, from 1.
        attempt: u32,
        /// How it failed.
        failure: How,
        /// The classifier's verdict.
        verdict: Verdict,
    },
    /// A breaker rejected an attempt, which was not made.
    Rejected {
        /// The number that the attempt would have had, from 1.
        attempt: u32,
        /// The time after which the breaker may admit an attempt; `None` if it is unknown.
        retry_after: Option<Duration>,
    },
    /// A wait for a gate began.
    Paced {
        /// The number of the attempt that waits, from 1.
        attempt: u32,
        /// How long the wait is.
        delay: Duration,
    },
    /// A wait began.
    Waiting {
        /// The number of the attempt that failed or was rejected.
        attempt: u32,
        /// How it failed.
        failure: How,
        /// How long the wait is.
        delay: Duration,
    },
    /// The operation succeeded.
    Succeeded {
        /// The number of attempts.
        attempts: u32,
        /// The sum of the waits.
        waited: Duration,
    },
    /// The run ended without success.
    GaveUp {
        /// The reason.
        reason: StopReason,
        /// The number of attempts.
        attempts: u32,
        /// The sum of the waits.
        waited: Duration,
        /// How the last attempt failed; `None` if no attempt was made.
        failure: Option<How>,
    },
    /// An event of a kind that this version does not support, in its `Debug` form.
    Other(String),
}

/// How an attempt failed: a [`Failure`], owned.
///
/// ```
/// use persevere_testkit::How;
///
/// let how = How::Error("ConnectionRefused".to_owned());
/// assert_eq!(how.to_string(), "ConnectionRefused");
/// assert_eq!(How::TimedOut.to_string(), "a timeout");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum How {
    /// The attempt returned an error, given in its `Debug` form.
    Error(String),
    /// The attempt returned an `Ok` that was not accepted.
    Unaccepted,
    /// The attempt timed out.
    TimedOut,
    /// A breaker rejected the attempt.
    Rejected,
    /// The attempt failed in a way that this version does not support, in its `Debug` form.
    Other(String),
}

impl<E: fmt::Debug> From<&Event<'_, E>> for Entry {
    fn from(event: &Event<'_, E>) -> Entry {
        match event {
            Event::Started { .. } => Entry::Started,
            Event::Failed {
                attempt,
                failure,
                verdict,
                ..
            } => Entry::Failed {
                attempt: *attempt,
                failure: failure.into(),
                verdict: *verdict,
            },
            Event::Rejected {
                attempt, retry_after, ..
            } => Entry::Rejected {
                attempt: *attempt,
                retry_after: *retry_after,
            },
            Event::Paced { attempt, delay, .. } => Entry::Paced {
                attempt: *attempt,
                delay: *delay,
            },
            Event::Waiting {
                attempt,
                failure,
                delay,
                ..
            } => Entry::Waiting {
                attempt: *attempt,
                failure: failure.into(),
                delay: *delay,
            },
            Event::Succeeded { attempts, waited, .. } => Entry::Succeeded {
                attempts: *attempts,
                waited: *waited,
            },
            Event::GaveUp {
                reason,
                attempts,
                waited,
                failure,
                ..
            } => Entry::GaveUp {
                reason: *reason,
                attempts: *attempts,
                waited: *waited,
                failure: failure.as_ref().map(How::from),
            },
            other => Entry::Other(format!("{other:?}")),
        }
    }
}

impl<E: fmt::Debug> From<&Failure<'_, E>> for How {
    fn from(failure: &Failure<'_, E>) -> How {
        match failure {
            Failure::Error(error) => How::Error(format!("{error:?}")),
            Failure::Unaccepted { .. } => How::Unaccepted,
            Failure::TimedOut { .. } => How::TimedOut,
            Failure::Rejected { .. } => How::Rejected,
            other => How::Other(format!("{other:?}")),
        }
    }
}

impl fmt::Display for How {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            How::Error(text) | How::Other(text) => f.write_str(text),
            How::Unaccepted => f.write_str("an `Ok` that was not accepted"),
            How::TimedOut => f.write_str("a timeout"),
            How::Rejected => f.write_str("a rejection"),
        }
    }
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Entry::Started => f.write_str("started"),
            Entry::Failed {
                attempt,
                failure,
                verdict,
            } => write!(f, "attempt {attempt} failed with {failure}: {verdict:?}"),
            Entry::Rejected {
                attempt,
                retry_after: Some(left),
            } => write!(f, "attempt {attempt} was rejected, {left:?} left"),
            Entry::Rejected { attempt, .. } => write!(f, "attempt {attempt} was rejected"),
            Entry::Paced { attempt, delay } => write!(f, "attempt {attempt} waits {delay:?} for a gate"),
            Entry::Waiting { delay, .. } => write!(f, "waits {delay:?}"),
            Entry::Succeeded { attempts, waited } => {
                write!(f, "succeeded on attempt {attempts}, waited {waited:?}")
            }
            Entry::GaveUp {
                reason,
                attempts,
                waited,
                ..
            } => write!(f, "gave up after attempt {attempts}, waited {waited:?}: {reason}"),
            Entry::Other(text) => f.write_str(text),
        }
    }
}
