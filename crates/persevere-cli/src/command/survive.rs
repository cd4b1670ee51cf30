//! `persevere check scenario.toml`: whether policies recover within bounds.

use super::picked::Picks;
use super::work::{is_stopped, watched};
use anyhow::{Result, bail};
use clap::Args;
use persevere_core::duration;
use persevere_sim::{Bounds, Study, compare, table};
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

/// The bounds of a scenario.
#[derive(Args)]
pub(crate) struct Survival {
    /// For a scenario: the longest time to recover, with every seed.
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    recover_within: Option<Duration>,
    /// For a scenario: the most attempts at the last service for each request, after the disturbance.
    #[arg(long, value_name = "FACTOR")]
    max_amplification: Option<f64>,
    /// For a scenario: the largest share of requests that may fail, from 0.0 to 1.0.
    #[arg(long, value_name = "SHARE")]
    max_failed: Option<f64>,
    #[command(flatten)]
    picks: Picks,
}

impl Survival {
    /// Whether an argument is given that has an effect for scenarios alone.
    pub(crate) fn is_given(&self) -> bool {
        let bounds = [self.max_amplification, self.max_failed];
        self.recover_within.is_some() || bounds.iter().any(Option::is_some) || self.picks.is_given()
    }

    /// Whether a file is a scenario, or cannot be read and has the name of a scenario that ships.
    pub(crate) fn is_scenario(file: &Path) -> bool {
        match std::fs::read_to_string(file) {
            Ok(text) => Study::is_scenario(&text),
            Err(_) => file.to_str().is_some_and(|name| Study::shipped(name).is_some()),
        }
    }

    pub(crate) fn check(&self, scenario: &Path, quiet: bool) -> Result<ExitCode> {
        let study = self.picks.study(&scenario.to_string_lossy())?;
        let steps = study.seeds * study.candidates.len() as u64;
        let summaries = watched(steps, |watch| {
            compare(&study.scenario, &study.candidates, 0..study.seeds, watch)
        })??;
        if is_stopped() {
            bail!("stopped before every seed was simulated");
        }
        if !quiet {
            print!("{}", table(&summaries));
        }
        let bounds = Bounds {
            recover_within: self.recover_within,
            max_amplification: self.max_amplification,
            max_failed: self.max_failed,
        };
        let exceeded: Vec<String> = summaries.iter().flat_map(|summary| bounds.exceeded(summary)).collect();
        for line in &exceeded {
            eprintln!("{line}");
        }
        Ok(match exceeded.len() {
            0 => ExitCode::SUCCESS,
            _ => ExitCode::FAILURE,
        })
    }
}
