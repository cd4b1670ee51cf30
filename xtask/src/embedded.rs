//! `cargo xtask embedded`: the proof that persevere runs without std, an allocator or an operating system.

mod firmware;
mod host;
mod size;
mod targets;

use crate::command::{Failure, Outcome, output};
use crate::metadata::workspace;
use serde_json::Value;
use std::path::PathBuf;
use std::process::Command;

/// Here without std, then for other processors, then on two that are emulated.
pub(crate) fn run_all() -> Outcome {
    let target = workspace()?.target;
    host::prove(&target)?;
    let Some(compilers) = targets::compilers(&target)? else {
        return Ok(());
    };
    targets::build_all(&compilers)?;
    firmware::run_all(&target, &compilers)
}

/// What a `cargo build` has built that can be run.
fn executables(mut build: Command) -> Outcome<Vec<PathBuf>> {
    build.arg("--message-format=json-render-diagnostics");
    let executable = |line: &str| {
        let message: Value = serde_json::from_str(line).ok()?;
        message["executable"].as_str().map(PathBuf::from)
    };
    let executables: Vec<_> = output(build)?.lines().filter_map(executable).collect();
    if executables.is_empty() {
        return Err(Failure::new("embedded: the build has no executable"));
    }
    Ok(executables)
}
