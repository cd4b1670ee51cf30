//! A closure where an observer belongs.

use persevere::{Policy, ThreadSleeper};

fn main() {
    let _ = Policy::default()
        .on(ThreadSleeper)
        .observe(|_: &persevere::Event<'_, std::io::Error>| ())
        .run_blocking(|| std::fs::read("file"));
}
