//! An error that does not classify itself, and a type that classifies nothing.

use persevere::classify::ByError;
use persevere::{Policy, ThreadSleeper};

struct Mine;

fn main() {
    let _ = Policy::default().classify(ByError).on(ThreadSleeper).run_blocking(|| std::fs::read("file"));
    let _ = Policy::default().classify(Mine).on(ThreadSleeper).run_blocking(|| std::fs::read("file"));
}
