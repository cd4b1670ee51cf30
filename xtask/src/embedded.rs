//! `cargo xtask embedded`: the proof that persevere needs neither std nor an allocator.
//!
//! The program in `tests/no-std` is linked without the C library and its start files, so a call of either would not
//! link; it runs here; and its symbols tell that nothing of std or of an allocator is in it.

use crate::command::{Failure, Outcome, cargo, output, run};
use crate::metadata;
use serde_json::Value;
use std::process::Command;

/// Parts of symbols that only std, an allocator or unwinding bring along, in either scheme of names.
const FOREIGN: [&str; 11] = [
    "_ZN3std",
    "$LT$std..",
    "_3std",
    "_ZN5alloc",
    "$LT$alloc..",
    "_5alloc",
    "__rust_",
    "__rdl_",
    "__rg_",
    "_Unwind_",
    "__cxa_",
];

/// Whole symbols that the C library brings along.
const LIBC: [&str; 8] = [
    "malloc",
    "calloc",
    "realloc",
    "free",
    "posix_memalign",
    "abort",
    "main",
    "__libc_start_main",
];

/// Builds, runs and looks into the program, without and with optimization.
pub(crate) fn run_all() -> Outcome {
    if !cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        return skip("the program starts and ends by hand on Linux on x86-64 alone");
    }
    for profile in ["dev", "release"] {
        let program = build(profile)?;
        run(Command::new(&program))?;
        let mut nm = Command::new("nm");
        nm.arg("--format=posix").arg(&program);
        let symbols = output(nm)?;
        let problems = foreign(&symbols);
        for problem in &problems {
            println!("embedded: {problem}");
        }
        if !problems.is_empty() {
            return Err(Failure::new(format!(
                "embedded: {} problems in {program}",
                problems.len()
            )));
        }
        println!(
            "embedded: {profile}: every check holds; {} symbols, none foreign",
            symbols.lines().count()
        );
    }
    Ok(())
}

/// Where the proof cannot be given. That is no success where it is asked for.
fn skip(why: &str) -> Outcome {
    println!("embedded: SKIPPED: {why}");
    if std::env::var_os("CI").is_some() {
        return Err(Failure::new("embedded: not to be skipped where CI is set"));
    }
    Ok(())
}

/// Builds the program beside all else that is built, and says where it is.
fn build(profile: &str) -> Outcome<String> {
    let mut build = cargo("build --manifest-path tests/no-std/Cargo.toml --message-format json-render-diagnostics");
    build
        .args(["--profile", profile, "--target-dir"])
        .arg(metadata::workspace()?.target);
    let messages = output(build)?;
    let executable = |line: &str| {
        let message: Value = serde_json::from_str(line).ok()?;
        message["executable"].as_str().map(str::to_owned)
    };
    messages
        .lines()
        .find_map(executable)
        .ok_or_else(|| Failure::new("embedded: the build has no executable"))
}

/// What is in the symbols, as `nm --format=posix` lists them, that should not be there.
fn foreign(symbols: &str) -> Vec<String> {
    let mut problems = Vec::new();
    let mut starts = false;
    for line in symbols.lines() {
        let mut columns = line.split_whitespace();
        let (Some(name), Some(kind)) = (columns.next(), columns.next()) else {
            continue;
        };
        starts |= name == "_start" && kind == "T";
        if matches!(kind, "U" | "u" | "w" | "v") {
            problems.push(format!("`{name}` is not defined"));
        } else if LIBC.contains(&name) || FOREIGN.iter().any(|part| name.contains(part)) {
            problems.push(format!("`{name}` is not of this program"));
        }
    }
    if !starts {
        problems.push("`_start` is not defined".to_owned());
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_of_its_own_is_in_order() {
        let symbols = "\
_start T 2020c0 0
memcpy T 2020d0 10
_RNvCsfLfy6EI15iL_7___rustc17rust_begin_unwind t 223cb0
_RNvMs_NtCs9pdEGR_14persevere_core7machineNtB4_7Machine4step t 203cb0 20
_ZN4core3fmt5write17h0123456789abcdefE T 22ad10 20
";
        assert_eq!(foreign(symbols), [""; 0]);
    }

    #[test]
    fn what_is_foreign_is_found() {
        for line in [
            "__rust_alloc T 1 1",
            "_RNvCsfLfy6EI15iL_7___rustc12___rust_alloc t 1 1",
            "malloc T 1 1",
            "memcpy U",
            "__gmon_start__ w",
            "_ZN3std2io5stdio6_print17h0123456789abcdefE T 1 1",
            "_RNvNtNtCs9pdEGR_3std2io5stdio6__print T 1 1",
            "_RNvMNtCs9pdEGR_5alloc7raw_vec4grow t 1 1",
        ] {
            assert_eq!(foreign(&format!("_start T 1 0\n{line}\n")).len(), 1, "{line}");
        }
        assert_eq!(foreign("memcpy T 1 1\n").len(), 1, "no start");
    }
}
