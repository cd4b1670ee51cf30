//! The command `persevere`.

#![forbid(unsafe_code)]

mod compare;
mod picked;
mod simulate;
mod survive;
mod sweep;
mod work;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Retry policies, before they are deployed.
#[derive(Debug, Parser)]
#[command(name = "persevere", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Simulates policies in a scenario, and prints how they fared.
    Simulate(simulate::Arguments),
    /// Simulates policies in several scenarios, and prints which recovered from which.
    Compare(compare::Arguments),
    /// Simulates policies while one number of a scenario changes, such as `demand=100..290`.
    Sweep(sweep::Arguments),
    /// Fails unless every policy of a scenario recovers within bounds.
    Check(survive::Arguments),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let outcome = match arguments.command {
        Command::Simulate(arguments) => simulate::run(arguments),
        Command::Compare(arguments) => compare::run(arguments),
        Command::Sweep(arguments) => sweep::run(arguments),
        Command::Check(arguments) => survive::run(arguments),
    };
    outcome.unwrap_or_else(|error| {
        eprintln!("persevere: {error:#}");
        ExitCode::FAILURE
    })
}
