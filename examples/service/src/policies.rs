//! Where the policies of this service come from.

use persevere::{Jitter, Policy};
use std::time::Duration;

/// Returns the policy of this name, as it is now: each run asks for it, and keeps what it was given.
///
/// The settings stand in code. A service that reads them from a file, and again when the file changes, replaces this function
/// and nothing else.
pub fn policy(name: &str) -> Policy {
    let default = Policy::exponential(Duration::from_millis(20)).jitter(Jitter::Full);
    match name {
        "ledger" => default.max_attempts(4).attempt_timeout(Duration::from_millis(500)),
        _ => default,
    }
}
