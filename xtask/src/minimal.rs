//! `cargo xtask minimal`: every published crate with all its features, built with the oldest dependencies that the
//! manifests allow.
//!
//! In a workspace of the published crates alone, below the target directory, so that neither the lock file nor what only
//! tests need takes part. How cargo chooses there is not stable, and opened by `RUSTC_BOOTSTRAP`.

use crate::command::{Failure, Outcome, cargo, run};
use crate::metadata::Workspace;
use std::env::current_dir;
use std::fs;
use std::os::unix::fs::symlink;

/// Checks them, at once: that none needs a feature which only another asks for is looked at with the features.
pub(crate) fn check(workspace: &Workspace) -> Outcome {
    let folder = workspace.target.join("minimal");
    fs::create_dir_all(&folder).map_err(Failure::at(folder.display()))?;
    let manifest = fs::read_to_string("Cargo.toml").map_err(Failure::at("Cargo.toml"))?;
    let path = folder.join("Cargo.toml");
    fs::write(&path, crates_alone(&manifest)?).map_err(Failure::at(path.display()))?;
    let crates = folder.join("crates");
    if !crates.exists() {
        let all = current_dir().map_err(Failure::at("."))?.join("crates");
        symlink(all, &crates).map_err(Failure::at(crates.display()))?;
    }
    let mut check = cargo("check --quiet --all-features -Zdirect-minimal-versions -Zavoid-dev-deps");
    check.args(workspace.published().flat_map(|package| ["--package", &package.name]));
    check.arg("--manifest-path").arg(&path);
    check.arg("--target-dir").arg(folder.join("target"));
    check.env("RUSTC_BOOTSTRAP", "1");
    run(check)?;
    println!("minimal: every published crate builds with the oldest dependencies that it allows");
    Ok(())
}

/// The manifest of a workspace that has these crates and no other members.
fn crates_alone(manifest: &str) -> Outcome<String> {
    let is_member = |line: &&str| line.starts_with("members = ") || line.starts_with("exclude = ");
    if manifest.lines().filter(is_member).count() != 2 {
        return Err(Failure::new(
            "minimal: Cargo.toml has not one line of members and one of what is excluded",
        ));
    }
    let mut lines: Vec<&str> = manifest.lines().filter(|line| !is_member(line)).collect();
    let at = lines
        .iter()
        .position(|line| *line == "[workspace]")
        .map_or(0, |at| at + 1);
    lines.insert(at, "members = [\"crates/*\"]");
    Ok(lines.join("\n") + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_crates_are_left_alone() {
        let manifest = "[workspace]\nresolver = \"3\"\nmembers = [\"crates/*\", \"xtask\"]\nexclude = [\"a\"]\n\n[b]\n";
        assert_eq!(
            crates_alone(manifest).unwrap(),
            "[workspace]\nmembers = [\"crates/*\"]\nresolver = \"3\"\n\n[b]\n"
        );
        assert!(crates_alone("[workspace]\nmembers = [\n    \"crates/*\",\n]\n").is_err());
    }
}
