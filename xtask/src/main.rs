//! `cargo xtask`: what this repository does to itself.

mod api;
mod bench;
mod ci;
mod command;
mod coverage;
mod debian;
mod deny;
mod embedded;
mod fuzz;
mod matrix;
mod metadata;
mod minimal;
mod msrv;
mod mutants;
mod package;
mod tidy;
mod tool;

use std::path::Path;
use std::process::ExitCode;

const USAGE: &str = "\
usage: cargo xtask <command>

  ci [step ..]     every check, or those named, in order, with the time each takes
  tidy             arrows between crates and modules, file headers, samples, manifests
  api [--update]   what users can name of each crate, beside its snapshot in tests/api; or writes that
  semver           what the API has lost since the last tag
  features         every combination of three features
  deny             bans, licenses and sources of the dependencies
  matrix           every behaviour in every runtime, as a table
  embedded         programs without std or an allocator: run here and on emulated microcontrollers, and measured
  msrv             every published crate by the oldest compiler that the manifests promise
  minimal          every published crate with the oldest dependencies that the manifests allow
  coverage [--doctests]
                   which lines the tests reach, and whether they are those that they have to
  fuzz [--seconds N] [target ..]
                   any scripts for what is built beside its models, each target for so long
  mutants [--shard N/M] [crate ..]
                   changes the code in one place at a time, and lists the changes that no test minds
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
        ["api", options @ ..] => api::run_all(options),
        ["semver"] => metadata::workspace().and_then(|workspace| tool::semver(&workspace)),
        ["features"] => metadata::workspace().and_then(|workspace| tool::features(&workspace)),
        ["deny"] => metadata::workspace().and_then(|workspace| deny::run_all(&workspace)),
        ["matrix"] => matrix::run(),
        ["embedded"] => embedded::run_all(),
        ["fuzz", options @ ..] => fuzz::run_all(options),
        ["mutants", options @ ..] => mutants::run_all(options),
        ["coverage", options @ ..] => coverage::run_all(options),
        ["msrv"] => metadata::workspace().and_then(|workspace| msrv::check(&workspace)),
        ["minimal"] => metadata::workspace().and_then(|workspace| minimal::check(&workspace)),
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
