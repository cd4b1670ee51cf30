//! A closure where a backoff belongs.

use persevere::{Policy, ThreadSleeper};
use std::time::Duration;

fn main() {
    let policy = Policy::new(|attempt: u32| Duration::from_secs(1) * attempt);
    let _ = policy.on(ThreadSleeper).run_blocking(|| std::fs::read("file"));
}
