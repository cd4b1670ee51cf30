//! A classifier for another type of error than the operation's.

use persevere::{Policy, ThreadSleeper, Verdict};
use std::io;

fn main() {
    let policy = Policy::default().retry_if(|error: &io::Error| error.kind() == io::ErrorKind::TimedOut);
    let _ = policy.on(ThreadSleeper).run_blocking(|| "seven".parse::<u8>());
    let policy = Policy::default().classify_outcome_with(|outcome: &io::Result<u8>| match outcome {
        Ok(_) => Verdict::Accept,
        Err(_) => Verdict::Stop,
    });
    let _ = policy.on(ThreadSleeper).run_blocking(|| "seven".parse::<u8>());
}
