//! A record of the events of a run, owned, to be compared.

use persevere::{Event, Failure, Observer, StopReason, Verdict};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How an attempt failed, owned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How<E> {
    /// With this error.
    Error(E),
    /// With an `Ok` that was not accepted.
    Unaccepted,
    /// By its timeout.
    TimedOut,
}

impl<E: Clone> From<&Failure<'_, E>> for How<E> {
    fn from(failure: &Failure<'_, E>) -> How<E> {
        match failure {
            Failure::Error(error) => How::Error((*error).clone()),
            Failure::Unaccepted => How::Unaccepted,
            Failure::TimedOut => How::TimedOut,
            other => unreachable!("a failure of a new kind: {}", std::mem::size_of_val(other)),
        }
    }
}

/// An event, owned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry<E> {
    /// A run began.
    Started,
    /// This attempt failed, and the classifier said so.
    Failed(u32, How<E>, Verdict),
    /// A wait began after this attempt.
    Waiting(u32, How<E>, Duration),
    /// The run succeeded, after so many attempts and so long a wait.
    Succeeded(u32, Duration),
    /// The run gave up, after so many attempts and so long a wait.
    GaveUp(StopReason, u32, Duration, Option<How<E>>),
}

/// An observer that writes down what it sees. Clones write to the same record.
#[derive(Debug)]
pub struct Log<E>(Arc<Mutex<Vec<Entry<E>>>>);

impl<E> Clone for Log<E> {
    fn clone(&self) -> Self {
        Log(Arc::clone(&self.0))
    }
}

impl<E> Default for Log<E> {
    fn default() -> Self {
        Log(Arc::default())
    }
}

impl<E: Clone> Log<E> {
    /// An empty record.
    #[must_use]
    pub fn new() -> Log<E> {
        Log::default()
    }

    /// What was seen so far.
    #[must_use]
    pub fn entries(&self) -> Vec<Entry<E>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl<E: Clone> Observer<E> for Log<E> {
    fn on_event(&self, event: &Event<'_, E>) {
        let entry = match event {
            Event::Started => Entry::Started,
            Event::Failed {
                attempt,
                failure,
                verdict,
                ..
            } => Entry::Failed(*attempt, failure.into(), *verdict),
            Event::Waiting {
                attempt,
                failure,
                delay,
                ..
            } => Entry::Waiting(*attempt, failure.into(), *delay),
            Event::Succeeded { attempts, waited, .. } => Entry::Succeeded(*attempts, *waited),
            Event::GaveUp {
                reason,
                attempts,
                waited,
                failure,
                ..
            } => Entry::GaveUp(*reason, *attempts, *waited, failure.as_ref().map(How::from)),
            _ => unreachable!("an event of a new kind"),
        };
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(entry);
    }
}
