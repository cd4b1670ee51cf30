//! What a budget is told of an attempt that failed.

/// What kind of failure a retry is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Class {
    /// Whatever may be gone the next time: a reset connection, an internal error of the server.
    #[default]
    Transient,
    /// The server says that it is asked too often.
    Throttling,
    /// No answer came in time.
    Timeout,
}

/// The failure that a run ends with, if it does not ask for a retry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LastFailure {
    /// Trying again would not help. The server was there and answered.
    Permanent,
    /// Worth another attempt, but no attempts or no time are left.
    Retryable(Class),
    /// Worth another attempt, but the server asks not to make one.
    Pushback,
}
