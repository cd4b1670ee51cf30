//! `persevere sweep`: policies in one scenario, while one of its numbers changes.

use super::picked::Picks;
use super::work::watched;
use anyhow::{Context, Result};
use clap::Args;
use persevere_sim::{Values, sweep, sweep_csv, sweep_table};
use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

/// Simulates policies while one number of a scenario changes, such as `demand=100..290`.
#[derive(Args)]
pub(crate) struct Sweep {
    /// The file of a scenario, or the name of one that ships.
    scenario: String,
    /// The number and its values: `demand=100..290`, `demand=100..290:10` or `processes=1,10,100`.
    values: Values,
    #[command(flatten)]
    picks: Picks,
    /// Writes the table as CSV.
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
}

impl Sweep {
    pub(crate) fn run(self) -> Result<ExitCode> {
        let study = self.picks.study(&self.scenario)?;
        let values = &self.values;
        let steps = study.seeds * (study.candidates.len() * values.values().len()) as u64;
        let rows = watched(steps, |watch| {
            sweep(&study.scenario, &study.candidates, values, 0..study.seeds, watch)
        })??;
        println!("{}\n", study.scenario.name());
        print!("{}", sweep_table(values.parameter(), &rows));
        if let Some(path) = self.csv {
            fs::write(&path, sweep_csv(values.parameter(), &rows)).with_context(|| path.display().to_string())?;
        }
        Ok(ExitCode::SUCCESS)
    }
}
