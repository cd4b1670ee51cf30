//! An async operation in a blocking run.

use persevere::{Policy, ThreadSleeper};

fn main() {
    let _ = Policy::default().on(ThreadSleeper).run_blocking(|| async { std::fs::read("file") });
}
