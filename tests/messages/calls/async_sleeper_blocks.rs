//! An async sleeper in a blocking call.

use persevere::{Policy, TokioSleeper};

fn main() {
    let _ = Policy::default().on(TokioSleeper).run_blocking(|| std::fs::read("file"));
}
