//! Checks by tools of the registry: `cargo xtask features`, `semver`; and how such a tool is found or installed.

use crate::command::{Failure, Outcome, cargo, quiet, run};
use crate::metadata::Workspace;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

/// How many features are combined with each other. All at once are checked as well.
const DEPTH: &str = "3";

/// The published crates with every combination of up to [`DEPTH`] features, each crate by itself. The dependencies of tests
/// turn no feature on for a library, so manifests need not be rewritten without them.
pub(crate) fn features(workspace: &Workspace) -> Outcome {
    let mut hack = tool("hack", workspace)?;
    hack.args(["hack", "clippy", "--quiet", "--feature-powerset", "--depth", DEPTH]);
    for package in workspace.published() {
        hack.args(["--package", &package.name]);
    }
    hack.args(["--", "-D", "warnings"]);
    run(hack)
}

/// What the API has lost since the last tag, if its version does not say so.
pub(crate) fn semver(workspace: &Workspace) -> Outcome {
    let mut describe = Command::new("git");
    describe.args(["describe", "--tags", "--abbrev=0"]);
    let Ok((tag, _)) = quiet(describe) else {
        println!("semver: there is no tag yet, and so nothing to compare with");
        return Ok(());
    };
    let tag = tag.trim();
    let mut checks = tool("semver-checks", workspace)?;
    // Of a workspace it takes the published libraries, macros apart.
    checks.args(["semver-checks", "--workspace", "--all-features", "--baseline-rev", tag]);
    for package in workspace.published() {
        let mut file = Command::new("git");
        file.args(["cat-file", "-e", &format!("{tag}:crates/{}/Cargo.toml", package.name)]);
        if quiet(file).is_err() {
            println!("semver: {} is newer than {tag}", package.name);
            checks.args(["--exclude", &package.name]);
        }
    }
    run(checks)
}

/// The program behind `cargo {name}`, which is installed below the target directory if there is none.
pub(crate) fn tool(name: &str, workspace: &Workspace) -> Outcome<Command> {
    if let Some(program) = installed(name, workspace) {
        return Ok(Command::new(program));
    }
    println!("{name}: installing cargo-{name}, once, which may take some minutes");
    let mut install = cargo("install --quiet --locked --root");
    install.arg(root(workspace)).arg(format!("cargo-{name}"));
    run(install)?;
    let program = installed(name, workspace);
    program
        .map(Command::new)
        .ok_or_else(|| Failure::new(format!("cargo-{name} is installed and does not run")))
}

/// Where it is: wherever programs are looked for, or below the target directory.
pub(crate) fn installed(name: &str, workspace: &Workspace) -> Option<PathBuf> {
    let program = PathBuf::from(format!("cargo-{name}"));
    let own = root(workspace).join("bin").join(&program);
    let runs = |program: &PathBuf| {
        let mut version = Command::new(program);
        version.args([name, "--version"]);
        quiet(version).is_ok()
    };
    [program, own].into_iter().find(runs)
}

/// Where programs are looked for, the target directory included, for a tool that runs another.
pub(crate) fn path(workspace: &Workspace) -> Outcome<OsString> {
    let places = std::env::var_os("PATH").unwrap_or_default();
    let places = std::env::split_paths(&places).chain([root(workspace).join("bin")]);
    std::env::join_paths(places).map_err(Failure::at("PATH"))
}

fn root(workspace: &Workspace) -> PathBuf {
    Path::new(&workspace.target).join("tools")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tool_is_found_where_it_was_installed() {
        let target = std::env::temp_dir().join(format!("persevere-tool-{}", std::process::id()));
        let workspace = Workspace {
            packages: vec![],
            target: target.clone(),
        };
        let name = "persevere-no-such-tool";
        assert_eq!(installed(name, &workspace), None);
        let program = root(&workspace).join(format!("bin/cargo-{name}"));
        std::fs::create_dir_all(program.parent().unwrap()).unwrap();
        // A program that takes any arguments.
        std::os::unix::fs::symlink("/bin/true", &program).unwrap();
        let found = installed(name, &workspace);
        std::fs::remove_dir_all(&target).unwrap();
        assert_eq!(found, Some(program));
    }
}
