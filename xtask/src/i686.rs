//! `cargo xtask i686`: tests of the code that counts in atomics, on a 32-bit processor.
//!
//! The compiler and the source of its library are Debian's, and so is the C library. Programs are linked statically, so that
//! nothing of 32 bits has to be installed.

use crate::debian::{Kit, unpack};
use crate::embedded::targets;
use crate::project::Project;
use anyhow::{Result, ensure};
use std::fs::{Permissions, set_permissions};
use std::os::unix::fs::PermissionsExt;

/// The crates that count in words of 64 bits, or in halves.
const CRATES: [&str; 4] = [
    "persevere-core",
    "persevere-breaker",
    "persevere-budget",
    "persevere-hedge",
];

/// The suites of `persevere-tests` about them. Their threads race as they do on a processor of 64 bits.
const SUITES: [&str; 4] = ["behaviour", "breaker", "budget", "limit"];

/// Runs the unit tests of the crates, including the tests of counters in two words, and then the suites.
pub(crate) fn check(project: &Project) -> Result<()> {
    let Some(kit) = unpack(project, Kit::Libc32)? else {
        return Ok(());
    };
    let Some(compiler) = targets::compiler(project)? else {
        return Ok(());
    };
    let root = kit.folder().display().to_string();
    let gcc = format!("{root}/usr/lib/gcc/x86_64-linux-gnu/12/32");
    let linker = kit.folder().join("linker");
    let script = format!("#!/bin/sh\nexec cc -m32 --sysroot='{root}' -B'{gcc}/' -L'{gcc}' \"$@\"\n");
    project.sh.write_file(&linker, script)?;
    set_permissions(&linker, Permissions::from_mode(0o755))?;
    let crates = CRATES.map(|name| format!("--package={name}")).join(" ");
    let suites = SUITES.map(|name| format!("--test={name}")).join(" ");
    for (line, count) in [
        (format!("--lib {crates}"), CRATES.len()),
        (format!("--package=persevere-tests {suites}"), SUITES.len()),
    ] {
        let report = compiler.test_i686(&line, &linker).read()?;
        println!("{report}");
        let ended = report.matches("test result: ok.").count();
        ensure!(ended == count, "i686: {ended} of {count} suites have passed: {line}");
    }
    Ok(())
}
