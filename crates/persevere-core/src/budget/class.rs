//! The classes of failures.

/// The class of a failure: what its retry costs a budget, and which curve its delay follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Class {
    /// Gone the next time, perhaps: a reset connection, an internal error of the server.
    #[default]
    Transient,
    /// The server answered that it gets too many requests.
    Throttling,
    /// No answer came in time.
    Timeout,
}

/// The failure that a run ends with, if it requests no retry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LastFailure {
    /// Trying again does not help. The server was there and answered.
    Permanent,
    /// Worth another attempt, but no attempts or no time are left.
    Retryable(Class),
    /// Worth another attempt, but the server forbids it.
    Pushback,
}
