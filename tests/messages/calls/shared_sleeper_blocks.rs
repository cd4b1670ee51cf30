//! A shared sleeper, which is async, in a blocking call.

use persevere::{Policy, Sleeper, TokioSleeper};

fn main() {
    let sleeper = TokioSleeper.shared();
    let _ = Policy::default().on(&sleeper).run_blocking_with(|_| std::fs::read("file"));
}
