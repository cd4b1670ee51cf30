//! Whether a handle shares with the fleet, and if not, why.

use std::fmt;

/// Whether a handle shares with the fleet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Status {
    /// The server answers.
    Shared,
    /// The handle uses the state of its own process alone.
    Local(Cause),
}

impl Status {
    /// Whether the handle shares with the fleet.
    #[must_use]
    pub const fn is_shared(self) -> bool {
        matches!(self, Status::Shared)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Status::Shared => f.write_str("shared"),
            Status::Local(cause) => write!(f, "local: {cause}"),
        }
    }
}

/// Why a handle uses the state of its own process alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Cause {
    /// Nothing keeps the handle in step: no `keep_filled` or `keep_shared` runs, or its executor is held up.
    NotKept,
    /// The server does not answer within [`slow_after`](crate::Fleet::slow_after).
    Slow,
    /// The server cannot be reached, or closed the connection.
    Down,
    /// The server is a replica, or cannot write.
    ReadOnly,
    /// The key holds something else.
    WrongType,
    /// The server answers with another error, such as a missing permission.
    Failed,
    /// The key of a quota is less than a period old, so that the permits granted before are not known.
    Settling,
}

impl Cause {
    /// The cause as a label of metrics, such as `read_only`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Cause::NotKept => "not_kept",
            Cause::Slow => "slow",
            Cause::Down => "down",
            Cause::ReadOnly => "read_only",
            Cause::WrongType => "wrong_type",
            Cause::Failed => "failed",
            Cause::Settling => "settling",
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Cause::NotKept => "nothing keeps it in step with the server",
            Cause::Slow => "the server is slow",
            Cause::Down => "the server cannot be reached",
            Cause::ReadOnly => "the server is read-only",
            Cause::WrongType => "the key holds something else",
            Cause::Failed => "the server answers with an error",
            Cause::Settling => "the key is less than a period old",
        })
    }
}

/// A change of the status of a handle, passed to the hook of [`Fleet::on_change`](crate::Fleet::on_change).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Change {
    /// The key of the handle at the server.
    pub key: String,
    /// The status before.
    pub from: Status,
    /// The status after.
    pub to: Status,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is {}", self.key, self.to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_is_printed_with_its_cause() {
        let causes = [
            (Cause::NotKept, "not_kept", "nothing keeps it in step with the server"),
            (Cause::Slow, "slow", "the server is slow"),
            (Cause::Down, "down", "the server cannot be reached"),
            (Cause::ReadOnly, "read_only", "the server is read-only"),
            (Cause::WrongType, "wrong_type", "the key holds something else"),
            (Cause::Failed, "failed", "the server answers with an error"),
            (Cause::Settling, "settling", "the key is less than a period old"),
        ];
        for (cause, label, text) in causes {
            assert_eq!((cause.as_str(), cause.to_string().as_str()), (label, text));
            assert_eq!(Status::Local(cause).to_string(), format!("local: {text}"));
            assert!(!Status::Local(cause).is_shared());
        }
        assert_eq!(
            (Status::Shared.to_string().as_str(), Status::Shared.is_shared()),
            ("shared", true)
        );
    }
}
