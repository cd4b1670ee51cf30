//! `cargo xtask recipes`: the sleepers for compio, monoio and glommio.

use crate::project::Project;
use anyhow::Result;
use xshell::cmd;

/// Builds `tests/recipes`, and runs its tests one after the other: a runtime of `io_uring` locks memory, of which a user has
/// little.
pub(crate) fn check(project: &Project) -> Result<()> {
    let (sh, target) = (&project.sh, project.target());
    let package = [
        "--locked",
        "--manifest-path",
        "tests/recipes/Cargo.toml",
        "--target-dir",
    ];
    cmd!(
        sh,
        "cargo clippy --quiet --all-targets {package...} {target} -- -Dwarnings"
    )
    .run()?;
    Ok(cmd!(sh, "cargo test {package...} {target} -- --test-threads=1").run()?)
}
