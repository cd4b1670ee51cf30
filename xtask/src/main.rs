//! `cargo xtask`: what this repository does to itself.

mod bench;
mod ci;
mod command;
mod embedded;
mod metadata;
mod tidy;

use std::path::Path;
use std::process::ExitCode;

const USAGE: &str = "\
usage: cargo xtask <command>

  ci [step ..]     every check, or those named, in order, with the time each takes
  tidy             arrows between crates and modules, file headers, samples, manifests
  embedded         builds and runs a program without std or an allocator, and reads its symbols
  bench [--quick | counts | builds | scale] [--rounds N]
                   instructions, memory, builds and time beside a hand-written loop and the peers";

fn main() -> ExitCode {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    if let Err(error) = std::env::set_current_dir(&root) {
        eprintln!("xtask: {}: {error}", root.display());
        return ExitCode::FAILURE;
    }
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match arguments.as_slice() {
        ["ci", steps @ ..] => ci::run_steps(steps),
        ["tidy"] => tidy::run(),
        ["embedded"] => embedded::run_all(),
        ["bench", options @ ..] => bench::run_all(options),
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("xtask: {}", failure.message);
            ExitCode::from(failure.code)
        }
    }
}
