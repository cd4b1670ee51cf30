//! The command `persevere`. Each subcommand is a module of [`command`].

#![forbid(unsafe_code)]

mod command;

use clap::Parser;
use std::process::ExitCode;

/// Checks and reviews retry policies before they are deployed.
#[derive(Parser)]
#[command(name = "persevere", version, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: command::Command,
}

fn main() -> ExitCode {
    Arguments::parse().command.run()
}
