//! `cargo xtask coverage`: which lines of the published crates the tests reach, and which of them they have to.
//!
//! By `cargo llvm-cov`, with the LLVM tools of Debian that belong to the compiler's LLVM. Doc tests count only where they
//! are asked for, since they take a nightly compiler: what has to be reached is reached without them.

mod report;
mod unreached;

use crate::command::{Failure, Outcome, cargo, output, quiet, run};
use crate::debian::{Kit, Unpacked, unpack};
use crate::metadata::{Workspace, workspace};
use report::Report;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use unreached::UNREACHED;

/// The crates whose every line is reached, but for those that [`UNREACHED`] gives a reason for.
const WHOLE: [&str; 3] = ["persevere-breaker", "persevere-budget", "persevere-core"];

/// Runs all tests, prints what they reach, and compares with what they have to. `--doctests` counts doc tests as well.
pub(crate) fn run_all(options: &[&str]) -> Outcome {
    let has_doctests = options.contains(&"--doctests");
    let toolchain = if has_doctests { "+nightly" } else { "" };
    let workspace = workspace()?;
    let major = llvm(toolchain)?;
    let Some(tools) = unpack(&workspace.target, Kit::Llvm(major))? else {
        return Ok(());
    };
    if quiet(cargo("llvm-cov --version")).is_err() {
        run(cargo("install --locked cargo-llvm-cov"))?;
    }
    let coverage = Coverage {
        tools,
        toolchain,
        target: workspace.target.join("coverage"),
    };
    // What an earlier run has counted would be counted again.
    run(coverage.command("clean --workspace"))?;
    let doctests = if has_doctests { "--doctests" } else { "" };
    run(coverage.command(&format!("--no-report --workspace {doctests}")))?;
    let report = coverage.report(&workspace)?;
    print!("{report}");

    let problems = unreached::problems(&report, &WHOLE, &UNREACHED, &|path| fs::read_to_string(path));
    for problem in &problems {
        println!("{problem}");
    }
    if problems.is_empty() {
        println!("coverage: {} are reached in every line that can be", WHOLE.join(", "));
        Ok(())
    } else {
        Err(Failure::new(format!("coverage: {} problems", problems.len())))
    }
}

/// How `cargo llvm-cov` is called.
struct Coverage {
    tools: Unpacked,
    toolchain: &'static str,
    /// A target directory of its own: what the tests build themselves is instrumented too, and other tests would take it
    /// for what is not.
    target: PathBuf,
}

impl Coverage {
    fn command(&self, line: &str) -> Command {
        let mut command = cargo(&format!("{} llvm-cov {line}", self.toolchain));
        command.env("CARGO_TARGET_DIR", &self.target);
        command.env("LLVM_COV", self.tools.program("llvm-cov"));
        command.env("LLVM_PROFDATA", self.tools.program("llvm-profdata"));
        command
    }

    /// What was counted: lines in the one format, regions in the other.
    fn report(&self, workspace: &Workspace) -> Outcome<Report> {
        let export = |format: &str, name: &str| {
            let path = self.target.join(name);
            let mut report = self.command(&format!("report {format} --output-path"));
            report.arg(&path);
            quiet(report)?;
            fs::read_to_string(&path).map_err(Failure::at(path.display()))
        };
        let lines = export("--lcov", "coverage.lcov")?;
        let regions = export("--json --summary-only", "coverage.json")?;
        let root = Path::new(".").canonicalize().map_err(Failure::at("coverage"))?;
        let names: Vec<_> = workspace.published().map(|package| package.name.as_str()).collect();
        Report::of(&lines, &regions, &root, &names)
            .ok_or_else(|| Failure::new("coverage: `cargo llvm-cov report` says something that is not understood"))
    }
}

/// The major version of the compiler's LLVM.
fn llvm(toolchain: &str) -> Outcome<u32> {
    let mut rustc = Command::new("rustc");
    rustc
        .args(toolchain.split_whitespace())
        .args(["--version", "--verbose"]);
    let about = output(rustc)?;
    major(&about).ok_or_else(|| Failure::new("coverage: `rustc --version --verbose` names no LLVM"))
}

fn major(about: &str) -> Option<u32> {
    let version = about.lines().find_map(|line| line.strip_prefix("LLVM version: "))?;
    version.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_of_llvm_is_read() {
        assert_eq!(major("release: 1.2.3\nLLVM version: 22.1.2\n"), Some(22));
        assert_eq!(major("release: 1.2.3\n"), None);
    }
}
