//! The subcommands.

mod check;
mod schema;

use clap::Subcommand;
use std::process::ExitCode;

/// A subcommand with its arguments.
#[derive(Subcommand)]
pub(crate) enum Command {
    Check(check::Check),
    Schema(schema::Schema),
}

impl Command {
    pub(crate) fn run(self) -> ExitCode {
        match self {
            Command::Check(check) => check.run(),
            Command::Schema(schema) => schema.run(),
        }
    }
}
