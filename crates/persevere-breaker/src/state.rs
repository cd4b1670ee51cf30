//! The states of a breaker.

use core::fmt;

/// The state of a [`CircuitBreaker`](crate::CircuitBreaker).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum State {
    /// Every call is let through, and counted.
    #[default]
    Closed,
    /// No call is let through, until the open time has passed.
    Open,
    /// A few calls are let through, as probes.
    HalfOpen,
    /// Held open by hand: no call is let through, whatever the time.
    ForcedOpen,
    /// Held closed by hand: every call is let through, and none is counted.
    ForcedClosed,
}

impl State {
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
        f.write_str(match self {
            State::Closed => "closed",
            State::Open => "open",
            State::HalfOpen => "half-open",
            State::ForcedOpen => "forced open",
            State::ForcedClosed => "forced closed",
        })
    }
}
