//! What would be published: packed, and built from the archives.

use crate::command::{Failure, Outcome, cargo, run};
use crate::metadata::{Package, Workspace};
use std::env;
use std::fs;
use std::path::PathBuf;

/// Packs every published crate, and builds each from its archive. Cargo takes an archive of the same version for the same
/// crate, so what it keeps of the last ones is removed first: in the target directory, and in its home, where it unpacks.
pub(crate) fn check(workspace: &Workspace) -> Outcome {
    let target = workspace.target.join("package-check");
    remove(target.clone())?;
    for kept in kept_archives(workspace)? {
        remove(kept)?;
    }
    let mut package = cargo("package --quiet --allow-dirty --target-dir");
    package.arg(&target);
    for published in workspace.published() {
        package.args(["--package", &published.name]);
    }
    run(package)
}

/// Where cargo keeps archives of these crates from an earlier check, and their sources: below its home, in folders that are
/// named after a host, which a registry in the target directory does not have.
fn kept_archives(workspace: &Workspace) -> Outcome<Vec<PathBuf>> {
    let home = env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(PathBuf::from(env::var_os("HOME")?).join(".cargo")));
    let mut kept = Vec::new();
    for part in ["cache", "src"] {
        let Some(folder) = home.as_ref().map(|home| home.join("registry").join(part)) else {
            continue;
        };
        // There is none before anything was fetched.
        for registry in folder.read_dir().into_iter().flatten() {
            let registry = registry.map_err(Failure::at(folder.display()))?.path();
            let of_a_host = registry
                .file_name()
                .is_none_or(|name| !name.to_string_lossy().starts_with('-'));
            if of_a_host {
                continue;
            }
            for Package { name, version, .. } in workspace.published() {
                let crate_ = format!("{name}-{version}");
                kept.extend([registry.join(format!("{crate_}.crate")), registry.join(crate_)]);
            }
        }
    }
    Ok(kept)
}

/// Removes a file, or a folder with all in it, if it is there.
fn remove(path: PathBuf) -> Outcome {
    let removed = if path.is_dir() {
        fs::remove_dir_all(&path)
    } else if path.exists() {
        fs::remove_file(&path)
    } else {
        Ok(())
    };
    removed.map_err(Failure::at(path.display()))
}
