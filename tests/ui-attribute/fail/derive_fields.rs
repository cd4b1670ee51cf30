//! Fields that do not say what to do.

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
