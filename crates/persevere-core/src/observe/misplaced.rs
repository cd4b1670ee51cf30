//! Parts in a wrong order.

use core::fmt;

/// Parts that stand in a wrong order, as far as a debug build detects it; passed to [`Observer::on_misplaced`].
///
/// It is detected on one thread, where a call within another is polled: a task that an attempt spawns is not detected.
/// Release builds, and builds without `std`, detect nothing.
///
/// ```
/// use persevere::observe::{Event, Misplaced, Observer};
///
/// struct Log;
///
/// impl<E> Observer<E> for Log {
///     fn on_event(&self, _: &Event<'_, E>) {}
///
///     fn on_misplaced(&self, misplaced: Misplaced) -> bool {
///         eprintln!("{misplaced}");
///         true
///     }
/// }
/// ```
///
/// [`Observer::on_misplaced`]: crate::Observer::on_misplaced
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Misplaced {
    /// A run that retries began within an attempt of another, so that their attempts multiply.
    Nested,
    /// A breaker or limit rejected a call within an attempt, the attempt failed, and the verdict is a retry without a
    /// hint. The attempts of the run are used up while the breaker is open or the limit has no place.
    RetriedRejection,
    /// A circuit breaker counted a call as a failure in which another breaker or a limit rejected a call. It opens although
    /// the server is healthy.
    CountedRejection,
}

impl fmt::Display for Misplaced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Misplaced::Nested => {
                "a run that retries began within an attempt of another, so that their attempts multiply: retry in one \
                 layer, or give one of the policies `max_attempts(1)`"
            }
            Misplaced::RetriedRejection => {
                "an attempt failed in which a breaker or limit rejected a call, and is retried, which uses up the attempts: \
                 give the breaker or limit to the run itself, or stop on its error"
            }
            Misplaced::CountedRejection => {
                "a circuit breaker counted a call as a failure in which another breaker or a limit rejected a call: put \
                 the breaker inside, or leave the rejections out by its `ignore_if`"
            }
        })
    }
}
