//! The observer of the program, for runs without an observer for the same purpose.

#[cfg(debug_assertions)]
use crate::observe::Misplaced;
use crate::observe::{Event, Failure, Observer};
use core::any::type_name;
use core::error::Error;
use core::fmt;
use std::boxed::Box;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

static IS_SET: AtomicBool = AtomicBool::new(false);
static OBSERVER: OnceLock<Box<dyn Observer<UnknownError> + Send + Sync>> = OnceLock::new();

/// Sets the observer of the program. It receives the events of every run of this process from now on, in libraries too,
/// beside the observers of the run. For the application, which sets it once, at its start; a library must not.
///
/// It receives no events of runs with an observer that [replaces it](Observer::replaces_global). Since runs fail with
/// errors of any type, it receives an [`UnknownError`] in place of the error.
///
/// A program without such an observer pays one relaxed load for each event.
///
/// ```
/// use persevere::observe::{self, Event, UnknownError};
/// use persevere::{Policy, ThreadSleeper};
/// use std::{sync::atomic::{AtomicU32, Ordering::Relaxed}, time::Duration};
///
/// static RETRIES: AtomicU32 = AtomicU32::new(0);
///
/// observe::set_global(observe::from_fn(|event: &Event<'_, UnknownError>| {
///     if let Event::Waiting { .. } = event { RETRIES.fetch_add(1, Relaxed); }
/// }))?;
///
/// let policy = Policy::fixed(Duration::ZERO).max_attempts(3);
/// let _ = policy.on(ThreadSleeper).run_blocking(|| Err::<(), _>("in a library"));
/// assert_eq!(RETRIES.load(Relaxed), 2);
/// # Ok::<(), observe::GlobalIsSet>(())
/// ```
///
/// # Errors
///
/// [`GlobalIsSet`] if there is an observer already, which stays.
pub fn set_global(observer: impl Observer<UnknownError> + Send + Sync + 'static) -> Result<(), GlobalIsSet> {
    OBSERVER.set(Box::new(observer)).map_err(|_| GlobalIsSet)?;
    // Ordering: relaxed, since whoever reads it reads `OBSERVER` by the acquiring load of the lock.
    IS_SET.store(true, Ordering::Relaxed);
    Ok(())
}

/// The program already has an observer; returned by [`set_global`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GlobalIsSet;

impl fmt::Display for GlobalIsSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the program already has an observer of its runs: set it once, at the start of the application")
    }
}

impl Error for GlobalIsSet {}

/// The error of a run as the observer of the program receives it: its type alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnknownError {
    type_name: &'static str,
}

impl UnknownError {
    /// The name of the error's type, such as `std::io::error::Error`: for logs, since it may differ between compilers.
    #[must_use]
    pub const fn type_name(&self) -> &'static str {
        self.type_name
    }
}

impl fmt::Display for UnknownError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an error of type {}", self.type_name)
    }
}

impl Error for UnknownError {}

/// Whether the program has an observer.
#[inline]
pub(crate) fn is_set() -> bool {
    IS_SET.load(Ordering::Relaxed)
}

/// Emits an event to the observer of the program.
#[cold]
#[inline(never)]
pub(crate) fn emit<E>(event: &Event<'_, E>) {
    let Some(observer) = OBSERVER.get() else { return };
    let error = UnknownError {
        type_name: type_name::<E>(),
    };
    let unknown = |failure: Failure<'_, E>| match failure {
        Failure::Error(_) => Failure::Error(&error),
        Failure::Unaccepted {} => Failure::Unaccepted {},
        Failure::TimedOut {} => Failure::TimedOut {},
        Failure::Rejected {} => Failure::Rejected {},
    };
    observer.on_event(&match *event {
        Event::Started {} => Event::Started {},
        Event::AttemptStarted { attempt } => Event::AttemptStarted { attempt },
        Event::Failed {
            attempt,
            failure,
            verdict,
            took,
        } => Event::Failed {
            attempt,
            failure: unknown(failure),
            verdict,
            took,
        },
        Event::Rejected { attempt, retry_after } => Event::Rejected { attempt, retry_after },
        Event::Paced { attempt, delay } => Event::Paced { attempt, delay },
        Event::Waiting {
            attempt,
            failure,
            delay,
        } => Event::Waiting {
            attempt,
            failure: unknown(failure),
            delay,
        },
        Event::Succeeded { attempts, waited, took } => Event::Succeeded { attempts, waited, took },
        Event::GaveUp {
            reason,
            attempts,
            waited,
            failure,
        } => Event::GaveUp {
            reason,
            attempts,
            waited,
            failure: failure.map(unknown),
        },
    });
}

/// Passes misplaced parts to the observer of the program; returns whether it reported them.
#[cfg(debug_assertions)]
pub(crate) fn misplaced(misplaced: Misplaced) -> bool {
    OBSERVER.get().is_some_and(|observer| observer.on_misplaced(misplaced))
}
