//! The proof that persevere needs neither std nor an allocator.
//!
//! The program in `tests/no-std` is linked without the C library and its start files, so a call of either would not
//! link; it runs here; and its symbols tell that nothing of std or of an allocator is in it.

use super::executables;
use crate::command::{Failure, Outcome, cargo, output, run, skip};
use std::path::{Path, PathBuf};
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
pub(crate) fn prove(target: &Path) -> Outcome {
    if !cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        return skip(
            "embedded",
            "the program starts and ends by hand on Linux on x86-64 alone",
        );
    }
    for profile in ["dev", "release"] {
        let program = build(target, profile)?;
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
                "embedded: {} problems in {}",
                problems.len(),
                program.display()
            )));
        }
        println!(
            "embedded: {profile}: every check holds; {} symbols, none foreign",
            symbols.lines().count()
        );
    }
    Ok(())
}

/// Builds the program beside all else that is built, and says where it is.
fn build(target: &Path, profile: &str) -> Outcome<PathBuf> {
    let mut build = cargo("build --manifest-path tests/no-std/Cargo.toml --profile");
    build.arg(profile).arg("--target-dir").arg(target);
    let [program] = executables(build)?
        .try_into()
        .map_err(|_| Failure::new("embedded: the build has not one executable"))?;
    Ok(program)
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
