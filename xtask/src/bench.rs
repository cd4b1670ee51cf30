//! `cargo xtask bench`: instruction counts beside a hand-written loop.

use crate::command::Outcome;

/// Measures.
#[expect(clippy::unnecessary_wraps, reason = "a measurement can fail")]
pub(crate) fn run(_options: &[&str]) -> Outcome {
    println!("bench: SKIPPED: nothing is measured yet");
    Ok(())
}
