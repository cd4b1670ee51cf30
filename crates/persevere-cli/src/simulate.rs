//! `persevere simulate`: policies in one scenario.

use crate::picked::Picks;
use crate::work::watched;
use anyhow::{Context, Result};
use clap::Args;
use persevere_sim::{compare, csv, table};
use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

/// The arguments of `persevere simulate`.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The file of a scenario, or the name of one that ships.
    scenario: String,
    #[command(flatten)]
    picks: Picks,
    /// Writes the table as CSV.
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
}

pub(crate) fn run(arguments: Arguments) -> Result<ExitCode> {
    let study = arguments.picks.study(&arguments.scenario)?;
    let steps = study.seeds * study.candidates.len() as u64;
    let summaries = watched(steps, |watch| {
        compare(&study.scenario, &study.candidates, 0..study.seeds, watch)
    })??;
    println!("{}\n", study.scenario.name());
    print!("{}", table(&summaries));
    if let Some(path) = arguments.csv {
        fs::write(&path, csv(&summaries)).with_context(|| path.display().to_string())?;
    }
    Ok(ExitCode::SUCCESS)
}
