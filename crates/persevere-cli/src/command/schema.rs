//! `persevere schema`.

use clap::Args;
use std::process::ExitCode;

/// Prints the JSON schema of the files, for editors.
#[derive(Args)]
pub(crate) struct Schema {}

impl Schema {
    pub(crate) fn run(self) -> ExitCode {
        println!("{}", persevere_config::SCHEMA.trim_end());
        ExitCode::SUCCESS
    }
}
