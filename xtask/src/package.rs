//! `cargo xtask package`: the archives that would be published, checked with the oldest dependencies that their manifests allow.
//!
//! They are checked in a workspace of the unpacked archives alone, below the target directory. A file that was left out
//! is missing there, and neither the lock file nor the dependencies of tests take part. `RUSTC_BOOTSTRAP` opens the
//! unstable option.

use crate::project::Project;
use anyhow::Result;
use xshell::cmd;

/// Checks all archives with all features at once. `cargo xtask features` checks that none needs a feature of another.
pub(crate) fn check(project: &Project) -> Result<()> {
    let sh = &project.sh;
    let archives = project.target().join("package");
    sh.remove_path(&archives)?;
    let package = cmd!(sh, "cargo package --quiet --allow-dirty --no-verify");
    package.args(project.published_arguments()).run()?;

    let target = project.target().join("packed");
    // Files of earlier archives are removed.
    let folder = target.join("archives");
    sh.remove_path(&folder)?;
    sh.create_dir(&folder)?;
    let mut manifest = String::from("[workspace]\nresolver = \"3\"\nmembers = [\"*\"]\n\n[patch.crates-io]\n");
    for package in project.published() {
        let name = format!("{}-{}", package.name, package.version);
        let archive = archives.join(format!("{name}.crate"));
        cmd!(sh, "tar -xzf {archive} -C {folder}").quiet().run()?;
        manifest += &format!("{} = {{ path = \"{name}\" }}\n", package.name);
    }
    let root = folder.join("Cargo.toml");
    sh.write_file(&root, manifest)?;
    let oldest = ["-Zdirect-minimal-versions", "-Zavoid-dev-deps"];
    let check = cmd!(sh, "cargo check --quiet --workspace --all-features {oldest...}");
    let check = check.arg("--manifest-path").arg(root).arg("--target-dir").arg(target);
    Ok(check.env("RUSTC_BOOTSTRAP", "1").run()?)
}
