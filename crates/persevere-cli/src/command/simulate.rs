//! `persevere simulate`: policies in one scenario.

use super::picked::Picks;
use super::work::watched;
use anyhow::{Context, Result};
use clap::Args;
use persevere_sim::{InvalidScenario, Report, Study, Values, compare, csv, sweep, table};
use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

/// Simulates policies in a scenario, and prints how they fared.
#[derive(Args)]
pub(crate) struct Simulate {
    /// The file of a scenario, or the name of one that ships.
    scenario: String,
    #[command(flatten)]
    picks: Picks,
    /// Writes the table as CSV.
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
    /// Writes a page with the table and pictures: HTML in one file.
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// The number of the scenario that the report changes to show where policies stop to recover.
    #[arg(long, value_name = "VALUES", requires = "report")]
    threshold: Option<Values>,
}

/// The partial outage of the trade-off.
const PARTIAL: &str = "partial-errors";

impl Simulate {
    pub(crate) fn run(self) -> Result<ExitCode> {
        let study = self.picks.study(&self.scenario)?;
        let partial = self.report.is_some().then(|| Picks::study_of(PARTIAL, &study));
        let partial = partial.transpose()?;
        let values = self.threshold.as_ref();
        let runs = 1 + u64::from(partial.is_some()) + values.map_or(0, |values| values.values().len() as u64);
        let steps = study.seeds * study.candidates.len() as u64 * runs;
        let work = watched(steps, |watch| {
            let simulate = |study: &Study| compare(&study.scenario, &study.candidates, 0..study.seeds, watch);
            let summaries = simulate(&study)?;
            let partial = partial.as_ref().map(simulate).transpose()?;
            let threshold = values.map(|values| {
                let rows = sweep(&study.scenario, &study.candidates, values, 0..study.seeds, watch);
                rows.map(|rows| (values.parameter(), rows))
            });
            Ok::<_, InvalidScenario>((summaries, partial, threshold.transpose()?))
        });
        let (summaries, partial, threshold) = work??;
        println!("{}\n", study.scenario.name());
        print!("{}", table(&summaries));
        if let Some(path) = self.csv {
            fs::write(&path, csv(&summaries)).with_context(|| path.display().to_string())?;
        }
        if let Some(path) = self.report {
            let mut report = Report::new(&study.scenario, &summaries);
            if let Some(partial) = &partial {
                report = report.trade_off(partial);
            }
            if let Some((parameter, rows)) = &threshold {
                report = report.threshold(*parameter, rows);
            }
            fs::write(&path, report.html()).with_context(|| path.display().to_string())?;
        }
        Ok(ExitCode::SUCCESS)
    }
}
