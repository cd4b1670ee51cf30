//! `cargo xtask`: checks, proofs and measurements of this repository.

mod api;
mod bench;
mod browser;
mod ci;
mod debian;
mod embedded;
mod fleet;
mod i686;
mod matrix;
mod msrv;
mod package;
mod project;
mod recipes;
mod report;
mod tidy;
mod tools;
mod web;

use anyhow::{Result, bail};
use project::Project;
use std::process::ExitCode;

const USAGE: &str = "\
usage: cargo xtask <command>

  ci [step ..]           runs every check, or the named ones, and prints the time of each
  tidy                   checks the rules that no other tool knows
  api [--update]         compares the API of each crate with tests/api, or writes tests/api
  matrix                 prints the result of every behaviour in every runtime
  embedded               builds, runs and measures the programs without std
  riscv                  runs the checks without std on an emulated RISC-V
  i686                   runs the tests of what counts in atomics on a 32-bit processor
  web                    runs the tests of what runs in browsers, under Node and in a browser,
                         and builds the playground into target/web and drives it
  recipes                tests the sleepers for compio, monoio and glommio
  msrv                   builds every published crate with the oldest supported compiler
  package                packs every published crate, and checks it with its oldest dependencies
  fleet                  runs the long scenarios of many processes over Redis
  report                 opens a report of the simulator in a browser, and checks its pictures
  bench [part] [--rounds N]
                         measures all and writes docs/benchmarks.md, or prints one part:
                         --quick (held to ceilings), counts, bytes, builds, scale

Tools of the registry, installed below target/tools when first needed:

  features [--powerset]  cargo-hack: every feature alone, or all combinations of up to three
  deny                   cargo-deny: bans, licenses and sources
  semver                 cargo-semver-checks: the API beside the last tag
  coverage [argument ..] cargo-llvm-cov: the share of lines that tests reach
  mutants [argument ..]  cargo-mutants: changes to the code that no test notices
  fuzz [--seconds N] [target ..]
                         cargo-fuzz: random scripts beside the models";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[&str]) -> Result<()> {
    let project = &Project::open()?;
    match arguments {
        ["ci", steps @ ..] => ci::run(project, steps),
        ["tidy"] => tidy::check(project),
        ["api"] => api::check(project),
        ["api", "--update"] => api::update(project),
        ["matrix"] => matrix::run(project),
        ["embedded"] => embedded::run(project),
        ["riscv"] => embedded::riscv(project),
        ["i686"] => i686::check(project),
        ["web"] => web::check(project),
        ["recipes"] => recipes::check(project),
        ["msrv"] => msrv::check(project),
        ["package"] => package::check(project),
        ["fleet"] => fleet::run(project),
        ["report"] => report::check(project),
        ["bench", options @ ..] => bench::run(project, options),
        ["features"] => tools::features(project),
        ["features", "--powerset"] => tools::feature_powerset(project),
        ["deny"] => tools::deny(project),
        ["semver"] => tools::semver(project),
        ["coverage", arguments @ ..] => tools::coverage(project, arguments),
        ["mutants", arguments @ ..] => tools::mutants(project, arguments),
        ["fuzz", options @ ..] => tools::fuzz(project, options),
        _ => bail!("{USAGE}"),
    }
}
