//! The observer.

use crate::kind::{Kind, Levels};
use crate::printing::{ByDebug, ByDisplay, ByKind, Cause, Print};
use core::fmt;
use core::marker::PhantomData;
use core::time::Duration;
use persevere_core::observe::{AtMostEvery, Misplaced, at_most_every};
use persevere_core::{Event, Observer, StopReason};
use tracing::Level;

/// Emits an event at a level that is chosen at run time, where `tracing` takes a constant.
macro_rules! emit {
    ($level:expr, $($fields:tt)*) => {
        match $level {
            Level::ERROR => tracing::event!(target: "persevere", Level::ERROR, $($fields)*),
            Level::WARN => tracing::event!(target: "persevere", Level::WARN, $($fields)*),
            Level::INFO => tracing::event!(target: "persevere", Level::INFO, $($fields)*),
            Level::DEBUG => tracing::event!(target: "persevere", Level::DEBUG, $($fields)*),
            Level::TRACE => tracing::event!(target: "persevere", Level::TRACE, $($fields)*),
        }
    };
}
#[cfg(feature = "breaker")]
pub(crate) use emit;

/// An observer that logs runs through `tracing`: levels and fields stand in [the crate](crate).
///
/// It fits in a `static`, and any number of runs may share it. Its settings are `const` methods.
///
/// ```
/// use persevere::tracing::{Kind, Trace};
/// use persevere::{Policy, TokioSleeper};
/// use tracing::Level;
///
/// static TRACE: Trace = Trace::named("billing").level(Kind::Retry, Level::INFO).off(Kind::Recovered);
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let charge = || async { Ok::<_, std::io::Error>(7) };
/// let charged = Policy::default().on(TokioSleeper).observe(&TRACE).run(charge).await;
/// assert_eq!(charged.unwrap(), 7);
/// # }
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Trace<P = ByDisplay> {
    name: Option<&'static str>,
    levels: Levels,
    printing: PhantomData<P>,
}

impl Trace {
    /// Logs without a name, such as for all runs of a program.
    #[must_use]
    pub const fn new() -> Trace {
        Trace {
            name: None,
            levels: Levels::DEFAULT,
            printing: PhantomData,
        }
    }

    /// Logs with a name: of the caller, or of the service that it calls.
    #[must_use]
    pub const fn named(name: &'static str) -> Trace {
        Trace {
            name: Some(name),
            ..Trace::new()
        }
    }

    /// Prints errors by `Debug`, for errors without `Display`.
    #[must_use]
    pub const fn by_debug(self) -> Trace<ByDebug> {
        self.printed()
    }

    /// Prints the kind of failure in place of the error, for errors that may hold secrets or cannot be printed.
    #[must_use]
    pub const fn by_kind(self) -> Trace<ByKind> {
        self.printed()
    }

    const fn printed<P>(self) -> Trace<P> {
        Trace {
            name: self.name,
            levels: self.levels,
            printing: PhantomData,
        }
    }
}

impl<P> Trace<P> {
    /// Sets the level of a kind of event.
    #[must_use]
    pub const fn level(self, kind: Kind, level: Level) -> Self {
        self.with(kind, Some(level))
    }

    /// Leaves out a kind of event.
    #[must_use]
    pub const fn off(self, kind: Kind) -> Self {
        self.with(kind, None)
    }

    const fn with(self, kind: Kind, level: Option<Level>) -> Self {
        Trace {
            levels: self.levels.with(kind, level),
            ..self
        }
    }

    /// Logs at most one event of each kind per `period`, over all runs that share the observer. Use it for outages, in
    /// which each run would log the same. Successes are always logged.
    ///
    /// ```
    /// use persevere::{Policy, ThreadSleeper, observe::AtMostEvery, tracing::Trace};
    /// use std::time::Duration;
    ///
    /// static TRACE: AtMostEvery<Trace> = Trace::named("billing").at_most_every(Duration::from_secs(60));
    ///
    /// let policy = Policy::fixed(Duration::ZERO).max_attempts(100);
    /// let _ = policy.on(ThreadSleeper).observe(&TRACE).run_blocking(|| Err::<(), _>("down"));
    /// assert!(TRACE.suppressed() > 90);
    /// ```
    #[must_use]
    pub const fn at_most_every(self, period: Duration) -> AtMostEvery<Self> {
        at_most_every(period, self)
    }

    #[inline]
    pub(crate) fn level_of(&self, kind: Kind) -> Option<Level> {
        self.levels.of(kind)
    }

    pub(crate) const fn name(&self) -> Option<&'static str> {
        self.name
    }

    pub(crate) const fn prefix(&self) -> Prefix {
        Prefix(self.name)
    }
}

impl Default for Trace {
    fn default() -> Trace {
        Trace::new()
    }
}

impl<E, P: Print<E>> Observer<E> for Trace<P> {
    fn on_event(&self, event: &Event<'_, E>) {
        let (name, prefix) = (self.name(), self.prefix());
        match *event {
            Event::AttemptStarted { attempt, .. } => {
                if let Some(level) = self.level_of(Kind::Attempt) {
                    emit!(
                        level,
                        persevere.name = name,
                        persevere.attempt = attempt,
                        "{prefix}attempt {attempt}"
                    );
                }
            }
            Event::Waiting {
                attempt,
                failure,
                delay,
                ..
            } => {
                if let Some(level) = self.level_of(Kind::Retry) {
                    let error = failure.error().and_then(P::print);
                    emit!(
                        level,
                        persevere.name = name,
                        persevere.attempt = attempt,
                        persevere.delay = delay.as_secs_f64(),
                        persevere.failure = failure.as_str(),
                        error = error.as_ref().map(tracing::field::display),
                        "{prefix}attempt {attempt} failed, again in {delay:.1?}{}",
                        Cause::new(error.as_ref(), Some(failure)),
                    );
                }
            }
            Event::Succeeded { attempts, waited, .. } => {
                let kind = if attempts == 1 {
                    Kind::Succeeded
                } else {
                    Kind::Recovered
                };
                if let Some(level) = self.level_of(kind) {
                    emit!(
                        level,
                        persevere.name = name,
                        persevere.attempt = attempts,
                        persevere.waited = waited.as_secs_f64(),
                        "{prefix}succeeded after {}",
                        Attempts(attempts),
                    );
                }
            }
            Event::GaveUp {
                reason,
                attempts,
                waited,
                failure,
                ..
            } => {
                let kind = match reason {
                    StopReason::Permanent | StopReason::Cancelled => Kind::Stopped,
                    _ => Kind::GaveUp,
                };
                if let Some(level) = self.level_of(kind) {
                    let error = failure.and_then(|failure| failure.error()).and_then(P::print);
                    emit!(
                        level,
                        persevere.name = name,
                        persevere.attempt = attempts,
                        persevere.waited = waited.as_secs_f64(),
                        persevere.reason = reason.as_str(),
                        persevere.failure = failure.map(|failure| failure.as_str()),
                        error = error.as_ref().map(tracing::field::display),
                        "{prefix}{reason} after {}{}",
                        Attempts(attempts),
                        Cause::new(error.as_ref(), failure.filter(|_| !says_how(reason))),
                    );
                }
            }
            _ => {}
        }
    }

    #[inline]
    fn replaces_global(&self) -> bool {
        true
    }

    fn on_misplaced(&self, misplaced: Misplaced) -> bool {
        let (name, prefix) = (self.name(), self.prefix());
        emit!(Level::WARN, persevere.name = name, "{prefix}{misplaced}");
        true
    }
}

/// Whether the reason already describes how the last attempt failed.
const fn says_how(reason: StopReason) -> bool {
    matches!(reason, StopReason::Rejected | StopReason::AttemptTimedOut)
}

/// The beginning of a message: the name and a colon.
#[derive(Clone, Copy)]
pub(crate) struct Prefix(Option<&'static str>);

impl fmt::Display for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(name) => write!(f, "{name}: "),
            None => Ok(()),
        }
    }
}

struct Attempts(u32);

impl fmt::Display for Attempts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = if self.0 == 1 { "" } else { "s" };
        write!(f, "{} attempt{plural}", self.0)
    }
}
