//! Fields without a wait or a verdict.

use persevere::Retryable;
use std::io;

#[derive(Retryable)]
enum Fetch {
    #[retryable(after = seconds)]
    Throttled { seconds: u64 },
    #[retryable(transparent)]
    Io(io::Error),
}

fn main() {}
