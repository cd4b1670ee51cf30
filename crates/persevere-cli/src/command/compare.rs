//! `persevere compare`: policies in several scenarios.

use super::picked::Picks;
use super::work::{is_stopped, watched};
use anyhow::{Context, Result};
use clap::Args;
use persevere_sim::{SHIPPED, Study, Summary, compare, comparison_csv, comparison_table};
use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

/// Simulates policies in several scenarios, and prints which recovered from which.
#[derive(Args)]
pub(crate) struct Compare {
    /// The files of scenarios, or the names of some that ship; by default all that ship.
    scenarios: Vec<String>,
    #[command(flatten)]
    picks: Picks,
    /// Writes the tables as CSV.
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
}

impl Compare {
    pub(crate) fn run(self) -> Result<ExitCode> {
        let mut names = self.scenarios;
        if names.is_empty() {
            names = SHIPPED.iter().map(|(name, _)| (*name).to_owned()).collect();
        }
        let studies: Vec<Study> = names.iter().map(|name| self.picks.study(name)).collect::<Result<_>>()?;
        let steps = studies.iter().map(|study| study.seeds * study.candidates.len() as u64);
        let rows = watched(steps.sum(), |watch| -> Result<Vec<(String, Vec<Summary>)>> {
            let mut rows = Vec::new();
            for study in &studies {
                let summaries = compare(&study.scenario, &study.candidates, 0..study.seeds, watch)?;
                if is_stopped() {
                    break;
                }
                rows.push((study.scenario.name().to_owned(), summaries));
            }
            Ok(rows)
        })??;
        print!("{}", comparison_table(&rows));
        if let Some(path) = self.csv {
            fs::write(&path, comparison_csv(&rows)).with_context(|| path.display().to_string())?;
        }
        Ok(ExitCode::SUCCESS)
    }
}
