//! `cargo xtask msrv`: every published crate, with all its features, by the oldest compiler that the workspace promises. A
//! crate whose dependencies need a later compiler promises that compiler, and is not checked here.
//!
//! By a toolchain of rustup of that version where there is one, else by the compiler of Debian. Nothing is added to rustup.

use crate::debian::{Kit, unpack};
use crate::project::Project;
use anyhow::{Context, Result};
use xshell::cmd;

pub(crate) fn check(project: &Project) -> Result<()> {
    let sh = &project.sh;
    let versions = project.published().map(|package| package.rust_version.as_ref());
    let oldest = versions.min().flatten().context("a manifest names no `rust-version`")?;
    let promised = project
        .published()
        .filter(|package| package.rust_version.as_ref() == Some(oldest));
    let arguments = promised.map(|package| format!("--package={}", package.name));
    let oldest = format!("{}.{}", oldest.major, oldest.minor);
    let found = cmd!(sh, "rustup which --toolchain {oldest} rustc").ignore_stderr();
    let compiler = match found.read() {
        Ok(compiler) => compiler.into(),
        Err(_) => match unpack(project, Kit::Version(&oldest))? {
            Some(kit) => kit.program("rustc"),
            None => return Ok(()),
        },
    };
    let check = cmd!(sh, "cargo check --quiet --locked --all-features").env("RUSTC", compiler);
    check.args(arguments).run()?;
    println!("msrv: every published crate that promises it builds with Rust {oldest}");
    Ok(())
}
