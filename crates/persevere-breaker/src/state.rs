//! The states of a breaker.

use core::fmt;

/// The state of a [`CircuitBreaker`](crate::CircuitBreaker).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum State {
    /// Every call is admitted, and counted.
    #[default]
    Closed,
    /// Every call is rejected, until the open time has passed.
    Open,
    /// A few calls are admitted, as probes.
    HalfOpen,
    /// Forced open: every call is rejected, whatever the time.
    ForcedOpen,
    /// Forced closed: every call is admitted, and none is counted.
    ForcedClosed,
}

impl State {
    /// Returns the name of the state, such as `"half-open"`, as a label for logs and metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            State::Closed => "closed",
            State::Open => "open",
            State::HalfOpen => "half-open",
            State::ForcedOpen => "forced open",
            State::ForcedClosed => "forced closed",
        }
    }

    pub(crate) const fn bits(self) -> u32 {
        match self {
            State::Closed => 0,
            State::Open => 1,
            State::HalfOpen => 2,
            State::ForcedOpen => 3,
            State::ForcedClosed => 4,
        }
    }

    pub(crate) const fn of_bits(bits: u32) -> State {
        match bits {
            0 => State::Closed,
            1 => State::Open,
            2 => State::HalfOpen,
            3 => State::ForcedOpen,
            _ => State::ForcedClosed,
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
