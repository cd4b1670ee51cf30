//! The kinds of events, each of which has a level.

use tracing::Level;

/// A kind of event, which has a level: see [`Trace::level`](crate::Trace::level). The defaults stand in
/// [the crate](crate).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// An attempt begins.
    Attempt,
    /// An attempt failed or was rejected, and the run waits for the next.
    Retry,
    /// A run succeeded with its first attempt.
    Succeeded,
    /// A run succeeded after a retry.
    Recovered,
    /// A run ended since its error is not worth a retry, or since it was cancelled.
    Stopped,
    /// A run ended without success for any other reason.
    GaveUp,
    /// A circuit breaker opened, or was forced open.
    Opened,
    /// A circuit breaker is half-open: it probes.
    HalfOpened,
    /// A circuit breaker closed, or was forced closed or reset.
    Closed,
}

/// A level for each kind; `None` if it is off.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Levels([Option<Level>; 9]);

impl Levels {
    pub(crate) const DEFAULT: Levels = Levels([None; 9])
        .with(Kind::Retry, Some(Level::DEBUG))
        .with(Kind::Recovered, Some(Level::DEBUG))
        .with(Kind::Stopped, Some(Level::DEBUG))
        .with(Kind::GaveUp, Some(Level::WARN))
        .with(Kind::Opened, Some(Level::WARN))
        .with(Kind::HalfOpened, Some(Level::INFO))
        .with(Kind::Closed, Some(Level::INFO));

    pub(crate) const fn with(mut self, kind: Kind, level: Option<Level>) -> Levels {
        self.0[kind as usize] = level;
        self
    }

    #[inline]
    pub(crate) const fn of(&self, kind: Kind) -> Option<Level> {
        self.0[kind as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_has_its_level() {
        let levels = Levels::DEFAULT.with(Kind::Closed, None);
        assert_eq!(levels.of(Kind::Attempt), None);
        assert_eq!(levels.of(Kind::HalfOpened), Some(Level::INFO));
        assert_eq!(levels.of(Kind::Closed), None);
    }
}
