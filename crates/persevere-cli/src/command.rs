//! The subcommands.

mod check;
mod compare;
mod picked;
mod schema;
mod simulate;
mod survive;
mod sweep;
mod work;

use clap::Subcommand;
use std::process::ExitCode;

/// A subcommand with its arguments.
#[derive(Subcommand)]
pub(crate) enum Command {
    Check(check::Check),
    Simulate(simulate::Simulate),
    Compare(compare::Compare),
    Sweep(sweep::Sweep),
    Schema(schema::Schema),
}

impl Command {
    pub(crate) fn run(self) -> ExitCode {
        let outcome = match self {
            Command::Check(check) => check.run(),
            Command::Simulate(simulate) => simulate.run(),
            Command::Compare(compare) => compare.run(),
            Command::Sweep(sweep) => sweep.run(),
            Command::Schema(schema) => Ok(schema.run()),
        };
        outcome.unwrap_or_else(|error| {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        })
    }
}
