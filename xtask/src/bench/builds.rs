//! The packages that a dependency brings along, and the time that it takes to build.

use super::table::{Table, beside, whole};
use crate::project::Project;
use anyhow::{Context, Result};
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Instant;
use xshell::cmd;

/// Builds each subject from nothing, in turns. A subject is a package and its features, such as `backon default tokio-sleep`.
pub(crate) fn table(project: &Project, subjects: &[&str], rounds: usize) -> Result<Table> {
    let sh = &project.sh;
    let _target = sh.push_env("CARGO_TARGET_DIR", "target");
    let folders = subjects.iter().map(|subject| prepare(project, subject));
    let folders = folders.collect::<Result<Vec<_>>>()?;
    let mut seconds = vec![Vec::new(); subjects.len()];
    for _ in 0..rounds {
        for (folder, seconds) in folders.iter().zip(&mut seconds) {
            let _folder = sh.push_dir(folder);
            sh.remove_path("target")?;
            let start = Instant::now();
            cmd!(sh, "cargo build --release --offline --quiet").run()?;
            seconds.push(start.elapsed().as_secs_f64());
            sh.remove_path("target")?;
        }
    }
    let mut table = Table::new(["packages linked", "all", "seconds to build"]);
    for ((subject, folder), measured) in subjects.iter().zip(&folders).zip(&seconds) {
        let _folder = sh.push_dir(folder);
        let packages = |edges: &str| -> Result<usize> {
            let tree = cmd!(sh, "cargo tree --edges {edges} --prefix none --offline");
            let tree = tree.quiet().read()?;
            let packages = tree.lines().map(|line| line.trim_end_matches(" (*)"));
            let packages: BTreeSet<&str> = packages.filter(|line| !line.is_empty()).collect();
            // Without the subject, and the package that depends on it.
            Ok(packages.len() - 2)
        };
        let (linked, all) = (packages("normal,no-proc-macro")?, packages("normal,build")?);
        let [linked, all] = [linked, all].map(|number| whole(number as f64));
        table.row(*subject, [linked, all, beside(measured, &seconds[0], 2)]);
    }
    Ok(table)
}

/// Lays out a package that depends on the subject, with the versions that this repository has locked.
fn prepare(project: &Project, subject: &str) -> Result<PathBuf> {
    let sh = &project.sh;
    let folder = project.target().join("bench/builds").join(subject.replace(' ', "-"));
    let mut words = subject.split(' ');
    let package = words.next().context("a subject is a package")?;
    let (defaults, features): (Vec<&str>, Vec<&str>) = words.partition(|word| *word == "default");
    let origin = if package.starts_with("persevere") {
        format!("path = {:?}", project.root.join("crates").join(package))
    } else {
        "version = \"*\"".to_owned()
    };
    let manifest = format!(
        "[workspace]\n[package]\nname = \"subject\"\nedition = \"2024\"\n[lib]\npath = \"lib.rs\"\n\
         [dependencies]\n{package} = {{ {origin}, default-features = {}, features = {features:?} }}\n",
        !defaults.is_empty()
    );
    sh.write_file(folder.join("Cargo.toml"), manifest)?;
    sh.write_file(folder.join("lib.rs"), "")?;
    sh.copy_file("Cargo.lock", folder.join("Cargo.lock"))?;
    let _folder = sh.push_dir(&folder);
    cmd!(sh, "cargo fetch --quiet").run()?;
    Ok(folder)
}

/// The peers and their versions, as cargo lists them.
pub(crate) fn versions(project: &Project) -> Result<String> {
    let sh = &project.sh;
    let tree = cmd!(sh, "cargo tree --package persevere-benches --features peers --depth 1");
    let tree = tree.args(["--edges=normal", "--prefix=none"]).quiet().read()?;
    let peers = tree.lines().filter(|line| !line.contains("(/"));
    Ok(peers.map(|line| format!("- {line}\n")).collect())
}
