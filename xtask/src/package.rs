//! The archives that would be published: packed, and built from them.

use crate::project::Project;
use anyhow::Result;
use std::env;
use std::path::PathBuf;
use xshell::cmd;

/// Packs every published crate, and builds each from its archive. Cargo takes an archive of the same version for the same
/// crate, so those of an earlier check are removed first: in the target directory, and in cargo's home, where it unpacks.
pub(crate) fn check(project: &Project) -> Result<()> {
    let sh = &project.sh;
    let target = project.target().join("package-check");
    sh.remove_path(&target)?;
    let home = env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| Some(PathBuf::from(env::var_os("HOME")?).join(".cargo")));
    for part in ["registry/cache", "registry/src"] {
        // Nothing is there before anything was fetched.
        let registries = home
            .as_ref()
            .and_then(|home| sh.read_dir(home.join(part)).ok())
            .unwrap_or_default();
        // The folder of a registry begins with its host, which a registry in the target directory does not have.
        let is_local = |registry: &&PathBuf| {
            registry
                .file_name()
                .is_some_and(|name| name.to_string_lossy().starts_with('-'))
        };
        for registry in registries.iter().filter(is_local) {
            for package in project.published() {
                let name = format!("{}-{}", package.name, package.version);
                sh.remove_path(registry.join(format!("{name}.crate")))?;
                sh.remove_path(registry.join(name))?;
            }
        }
    }
    let package = cmd!(sh, "cargo package --quiet --allow-dirty --target-dir {target}");
    Ok(package.args(project.published_arguments()).run()?)
}
