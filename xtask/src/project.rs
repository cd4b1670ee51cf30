//! The workspace as cargo describes it, and the shell that its commands run in.

use anyhow::{Result, bail, ensure};
use cargo_metadata::{Message, Metadata, MetadataCommand, Package};
use std::path::{Path, PathBuf};
use xshell::{Cmd, Shell};

/// The workspace, with a shell in its root.
pub(crate) struct Project {
    pub(crate) sh: Shell,
    pub(crate) root: PathBuf,
    metadata: Metadata,
}

impl Project {
    pub(crate) fn open() -> Result<Project> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize()?;
        let sh = Shell::new()?;
        sh.change_dir(&root);
        let metadata = MetadataCommand::new().current_dir(&root).no_deps().exec()?;
        Ok(Project { sh, root, metadata })
    }

    /// All members.
    pub(crate) fn packages(&self) -> &[Package] {
        &self.metadata.packages
    }

    /// The members that go to a registry. (`publish = false` is an empty list of registries.)
    pub(crate) fn published(&self) -> impl Iterator<Item = &Package> {
        let is_published =
            |package: &&Package| package.publish.as_ref().is_none_or(|registries| !registries.is_empty());
        self.packages().iter().filter(is_published)
    }

    /// `--package NAME` for each published member.
    pub(crate) fn published_arguments(&self) -> Vec<String> {
        self.published()
            .map(|package| format!("--package={}", package.name))
            .collect()
    }

    /// The target directory.
    pub(crate) fn target(&self) -> &Path {
        self.metadata.target_directory.as_std_path()
    }
}

/// Prints that a step cannot be done here. In CI that is an error.
pub(crate) fn skip(step: &str, why: &str) -> Result<()> {
    println!("{step}: SKIPPED: {why}");
    if std::env::var_os("CI").is_some() {
        bail!("{step}: must not be skipped in CI");
    }
    Ok(())
}

/// Whether a command can be run, and ends well. Nothing is printed.
pub(crate) fn succeeds(command: Cmd<'_>) -> bool {
    command.quiet().ignore_stdout().ignore_stderr().run().is_ok()
}

/// The programs that a build makes.
pub(crate) fn programs(build: Cmd<'_>) -> Result<Vec<PathBuf>> {
    let messages = build.arg("--message-format=json-render-diagnostics").read()?;
    let mut programs = Vec::new();
    for message in Message::parse_stream(messages.as_bytes()) {
        if let Message::CompilerArtifact(artifact) = message? {
            programs.extend(artifact.executable.map(PathBuf::from));
        }
    }
    ensure!(!programs.is_empty(), "no program was built");
    Ok(programs)
}
