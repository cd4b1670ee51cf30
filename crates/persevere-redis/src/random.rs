//! Random numbers, by the seeds of std's hash maps.

use std::hash::{BuildHasher, RandomState};
use std::process;

/// A random number below the bound. It differs between a process and its forks.
pub(crate) fn below(bound: u64) -> u64 {
    RandomState::new().hash_one(process::id()) % bound
}
