//! `persevere check retry.toml`, and `persevere check scenario.toml`.

use super::survive::Survival;
use anyhow::{Result, bail};
use clap::Args;
use persevere_config::{LoadError, Settings, Sources};
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

/// Prints the delays, the worst case and the amplification of each policy. Exits with 1 if there is a mistake. For a
/// scenario: simulates its policies, and exits with 1 unless each recovers within the bounds with every seed.
#[derive(Args)]
pub(crate) struct Check {
    /// The files, in TOML or JSON. A later file overrides the files before it. Or a scenario.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Applies the variables `PERSEVERE_..` of the environment too.
    #[arg(long)]
    env: bool,
    /// Prints mistakes alone.
    #[arg(long, short)]
    quiet: bool,
    #[command(flatten)]
    survival: Survival,
}

impl Check {
    pub(crate) fn run(self) -> Result<ExitCode> {
        match &self.files[..] {
            [scenario] if Survival::is_scenario(scenario) => self.survival.check(scenario, self.quiet),
            _ if self.survival.is_given() => {
                bail!("`{}` is no scenario: it has no [[service]]", self.files[0].display())
            }
            _ => Ok(self.review()),
        }
    }

    fn review(&self) -> ExitCode {
        match self.settings() {
            Ok(settings) if self.quiet => {
                drop(settings);
                ExitCode::SUCCESS
            }
            Ok(settings) => print(&settings),
            Err(error) => {
                eprintln!("{error}");
                let count = error.mistakes().len();
                if count > 1 {
                    eprintln!("{count} mistakes");
                }
                ExitCode::FAILURE
            }
        }
    }

    fn settings(&self) -> Result<Settings, LoadError> {
        let mut sources = Sources::new();
        for file in &self.files {
            sources = sources.file(file)?;
        }
        if self.env {
            sources = sources.environment();
        }
        Ok(sources.settings()?)
    }
}

/// Prints the review, and fails if it cannot be written, except to a pipe that was closed.
fn print(settings: &Settings) -> ExitCode {
    let mut text = settings.review().to_string();
    for (noun, names) in [
        ("breakers", settings.breakers().collect::<Vec<_>>()),
        ("budgets", settings.budgets().collect()),
        ("limits", settings.limits().collect()),
        ("hedges", settings.hedges().collect()),
    ] {
        if !names.is_empty() {
            text += &format!("{noun}: {}\n", names.join(", "));
        }
    }
    match std::io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            eprintln!("cannot write: {error}");
            ExitCode::FAILURE
        }
        _ => ExitCode::SUCCESS,
    }
}
