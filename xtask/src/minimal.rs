//! `cargo xtask minimal`: every published crate with all its features, built with the oldest dependencies that the manifests
//! allow.
//!
//! In a workspace of the published crates alone, below the target directory, so that neither the lock file nor the
//! dependencies of tests take part. `RUSTC_BOOTSTRAP` opens the unstable option.

use crate::project::Project;
use anyhow::Result;
use std::os::unix::fs::symlink;
use xshell::cmd;

/// Checks them all at once: that none needs a feature of another is checked with the features.
pub(crate) fn check(project: &Project) -> Result<()> {
    let sh = &project.sh;
    let folder = project.target().join("minimal");
    let is_member = |line: &&str| line.starts_with("members = ") || line.starts_with("exclude = ");
    let manifest = sh.read_file("Cargo.toml")?;
    let lines: Vec<&str> = manifest.lines().filter(|line| !is_member(line)).collect();
    let manifest = lines
        .join("\n")
        .replacen("[workspace]", "[workspace]\nmembers = [\"crates/*\"]", 1);
    sh.write_file(folder.join("Cargo.toml"), manifest)?;
    for shared in ["crates", "README.md"] {
        if !folder.join(shared).exists() {
            symlink(project.root.join(shared), folder.join(shared))?;
        }
    }
    let (manifest, target) = (folder.join("Cargo.toml"), folder.join("target"));
    let check = cmd!(
        sh,
        "cargo check --quiet --all-features -Zdirect-minimal-versions -Zavoid-dev-deps"
    );
    let check = check
        .args(project.published_arguments())
        .arg("--manifest-path")
        .arg(manifest);
    Ok(check
        .arg("--target-dir")
        .arg(target)
        .env("RUSTC_BOOTSTRAP", "1")
        .run()?)
}
