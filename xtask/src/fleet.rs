//! `cargo xtask fleet`: the long scenarios of a fleet over Redis, and a cluster of three nodes.

use crate::debian::{self, Kit};
use crate::project::{Project, succeeds};
use anyhow::Result;
use xshell::{PushEnv, cmd};

/// The variable by which the tests find a server.
const SERVER: &str = "PERSEVERE_REDIS_SERVER";

/// Lets the tests find a server: the server on the path, or else Debian's, which is unpacked below the target
/// directory.
pub(crate) fn with_server(project: &Project) -> Result<Option<PushEnv<'_>>> {
    let sh = &project.sh;
    if sh.var_os(SERVER).is_some() || succeeds(cmd!(sh, "redis-server --version")) {
        return Ok(None);
    }
    let kit = debian::unpack(project, Kit::Redis)?;
    Ok(kit.map(|kit| sh.push_env(SERVER, kit.program("redis-server"))))
}

pub(crate) fn run(project: &Project) -> Result<()> {
    let sh = &project.sh;
    let _server = with_server(project)?;
    let test = ["--package=persevere-fleet", "--features=long"];
    cmd!(sh, "cargo test {test...} -- --nocapture").run()?;
    Ok(cmd!(
        sh,
        "cargo test --release {test...} --test long -- --nocapture leased_permit"
    )
    .run()?)
}
