//! `cargo xtask embedded`: the proof that persevere runs without std, an allocator or an operating system.

mod board;
pub(crate) mod targets;

use crate::project::{Project, skip};
use anyhow::{Result, ensure};
use cargo_metadata::Message;
use std::path::PathBuf;
use xshell::{Cmd, cmd};

/// Here without std, then for other processors, then on two that are emulated.
pub(crate) fn run(project: &Project) -> Result<()> {
    without_libc(project)?;
    let Some(compiler) = targets::compiler(project)? else {
        return Ok(());
    };
    compiler.build_all()?;
    compiler.check_web()?;
    board::run(project, &executables(compiler.firmware())?)
}

/// Builds and runs the program in `tests/no-std`. It is linked without the C library and its start files, so a call of std, of an
/// allocator or of libc would not link.
fn without_libc(project: &Project) -> Result<()> {
    if !cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        return skip("embedded", "the program without libc starts on Linux on x86-64 alone");
    }
    let (sh, target) = (&project.sh, project.target());
    for profile in ["dev", "release"] {
        let build = cmd!(
            sh,
            "cargo build --manifest-path tests/no-std/Cargo.toml --profile {profile}"
        );
        for program in executables(build.arg("--target-dir").arg(target))? {
            cmd!(sh, "{program}").run()?;
        }
        println!("embedded: {profile}: every check holds without std and libc");
    }
    Ok(())
}

/// The programs that a build makes.
fn executables(build: Cmd<'_>) -> Result<Vec<PathBuf>> {
    let messages = build.arg("--message-format=json-render-diagnostics").read()?;
    let mut executables = Vec::new();
    for message in Message::parse_stream(messages.as_bytes()) {
        if let Message::CompilerArtifact(artifact) = message? {
            executables.extend(artifact.executable.map(PathBuf::from));
        }
    }
    ensure!(!executables.is_empty(), "embedded: no program was built");
    Ok(executables)
}
