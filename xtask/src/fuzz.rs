//! `cargo xtask fuzz`: what is built beside slow and obvious models of it, on any bytes, for a while.
//!
//! `cargo test` plays only what is kept in `tests/fuzz/seeds`. This looks for more, from there, and keeps what it finds
//! below `target`.

use crate::command::{Failure, Outcome, cargo, quiet, run, skip};
use crate::metadata::workspace;
use crate::tool::tool;
use std::fs;
use std::path::Path;

const FOLDER: &str = "tests/fuzz";

/// How long each target runs, unless it is said.
const SECONDS: u32 = 60;

/// Runs the targets of these names, or all, one after the other. `--seconds N` says for how long each.
pub(crate) fn run_all(options: &[&str]) -> Outcome {
    let (seconds, names) = parse(options)?;
    let targets = chosen(&names, targets()?)?;
    if quiet(cargo("+nightly --version")).is_err() {
        return skip(
            "fuzz",
            "there is no nightly compiler, which the fuzzer's instrumentation takes",
        );
    }
    let workspace = workspace()?;
    let target = workspace.target.join("fuzz");
    for name in targets {
        let found = target.join("corpus").join(&name);
        fs::create_dir_all(&found).map_err(Failure::at(found.display()))?;
        let mut fuzz = tool("fuzz", &workspace)?;
        // What `cargo +nightly fuzz` says to it, wherever it was installed.
        fuzz.env("RUSTUP_TOOLCHAIN", "nightly").env_remove("CARGO");
        // Without sanitizers, since there is no `unsafe` code to be watched.
        fuzz.args([
            "fuzz",
            "run",
            "--fuzz-dir",
            FOLDER,
            "--sanitizer",
            "none",
            "--target-dir",
        ]);
        fuzz.arg(&target).arg(&name).arg(&found);
        fuzz.arg(Path::new(FOLDER).join("seeds").join(&name));
        fuzz.args(["--", &format!("-max_total_time={seconds}"), "-print_final_stats=1"]);
        run(fuzz)?;
    }
    Ok(())
}

/// The seconds and the names.
fn parse<'o>(options: &[&'o str]) -> Outcome<(u32, Vec<&'o str>)> {
    let (mut seconds, mut names) = (SECONDS, Vec::new());
    let mut options = options.iter();
    while let Some(option) = options.next() {
        if *option == "--seconds" {
            let number = options.next().copied().unwrap_or_default();
            seconds = number
                .parse()
                .map_err(Failure::at(format!("fuzz: --seconds `{number}`")))?;
        } else {
            names.push(*option);
        }
    }
    Ok((seconds, names))
}

/// All targets: each is a source, and named like it.
fn targets() -> Outcome<Vec<String>> {
    let folder = Path::new(FOLDER).join("targets");
    let mut names = Vec::new();
    for entry in fs::read_dir(&folder).map_err(Failure::at(folder.display()))? {
        let path = entry.map_err(Failure::at(folder.display()))?.path();
        names.extend(path.file_stem().map(|stem| stem.to_string_lossy().into_owned()));
    }
    names.sort();
    Ok(names)
}

/// Those of these names, or all.
fn chosen(names: &[&str], all: Vec<String>) -> Outcome<Vec<String>> {
    if let Some(name) = names.iter().find(|name| !all.iter().any(|target| target == *name)) {
        let all = all.join(", ");
        return Err(Failure::new(format!(
            "fuzz: there is no target `{name}`; there are {all}"
        )));
    }
    let is_chosen = |target: &String| names.is_empty() || names.contains(&target.as_str());
    Ok(all.into_iter().filter(is_chosen).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_seconds_and_names() {
        assert_eq!(parse(&[]).unwrap(), (SECONDS, vec![]));
        assert_eq!(parse(&["b", "--seconds", "9", "a"]).unwrap(), (9, vec!["b", "a"]));
        assert!(parse(&["--seconds"]).is_err() && parse(&["--seconds", "a"]).is_err());
    }

    #[test]
    fn targets_are_chosen_by_name() {
        let all = || ["a", "b"].map(str::to_owned).to_vec();
        assert_eq!(chosen(&[], all()).unwrap(), ["a", "b"]);
        assert_eq!(chosen(&["b"], all()).unwrap(), ["b"]);
        assert!(chosen(&["c"], all()).unwrap_err().message.contains("`c`"));
    }
}
