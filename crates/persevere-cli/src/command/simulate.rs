//! `persevere simulate`: policies in one scenario.

use super::picked::Picks;
use super::work::watched;
use anyhow::{Context, Result};
use clap::Args;
use persevere_sim::{InvalidScenario, Report, Study, Summary, Values, Watch, compare, csv, sweep, table};
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
    /// Writes the pictures of the report into this folder, as PNG.
    #[cfg(feature = "png")]
    #[arg(long, value_name = "FOLDER", requires = "report")]
    png: Option<PathBuf>,
    /// The number that the report changes to show where policies stop recovering, and its values. By default the
    /// demand, from a third of the capacity up to all of it.
    #[arg(long, value_name = "VALUES", requires = "report")]
    threshold: Option<Values>,
}

impl Simulate {
    pub(crate) fn run(self) -> Result<ExitCode> {
        let study = self.picks.study(&self.scenario)?;
        let page = self
            .report
            .is_some()
            .then(|| Page::of(&study, self.threshold))
            .transpose()?;
        let steps = study.seeds * study.candidates.len() as u64 + page.as_ref().map_or(0, Page::simulations);
        let (summaries, page) = watched(steps, |watch| {
            let summaries = compare(&study.scenario, &study.candidates, 0..study.seeds, watch)?;
            let page = page.map(|page| page.html(&study, &summaries, watch)).transpose()?;
            Ok::<_, InvalidScenario>((summaries, page))
        })??;
        println!("{}\n", study.scenario.name());
        print!("{}", table(&summaries));
        let write = |path: PathBuf, text: String| fs::write(&path, text).with_context(|| path.display().to_string());
        if let Some(path) = self.csv {
            write(path, csv(&summaries))?;
        }
        if let (Some(path), Some(page)) = (self.report, page) {
            #[cfg(feature = "png")]
            if let Some(folder) = self.png {
                fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
                for picture in persevere_sim::pictures(&page)? {
                    let path = folder.join(picture.name).with_extension("png");
                    fs::write(&path, picture.png).with_context(|| path.display().to_string())?;
                }
            }
            write(path, page)?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// The partial outage of the trade-off.
const PARTIAL: &str = "partial-errors";

/// The seeds of each value of the threshold, at most.
const SEEDS: u64 = 5;

/// The parts that the page of a report needs besides the simulations of the table.
struct Page {
    partial: Study,
    values: Values,
    seeds: u64,
}

impl Page {
    fn of(study: &Study, threshold: Option<Values>) -> Result<Page> {
        Ok(Page {
            partial: Picks::study_of(PARTIAL, study)?,
            values: threshold.unwrap_or_else(|| Values::of_demand(&study.scenario)),
            seeds: study.seeds.min(SEEDS),
        })
    }

    fn simulations(&self) -> u64 {
        let of_each = self.partial.seeds + self.seeds * self.values.values().len() as u64;
        of_each * self.partial.candidates.len() as u64
    }

    fn html(&self, study: &Study, summaries: &[Summary], watch: Watch<'_>) -> Result<String, InvalidScenario> {
        let Study {
            scenario, candidates, ..
        } = study;
        let partial = compare(&self.partial.scenario, candidates, 0..self.partial.seeds, watch)?;
        let rows = sweep(scenario, candidates, &self.values, 0..self.seeds, watch)?;
        let report = Report::new(scenario, summaries).trade_off(&partial);
        Ok(report.threshold(self.values.parameter(), &rows).html())
    }
}
