//! `persevere check SCENARIO`: whether policies recover within bounds, for a team's own CI.

use crate::picked::Picks;
use crate::work::{is_stopped, watched};
use anyhow::{Result, bail};
use clap::Args;
use persevere_sim::{Bounds, compare, parse_duration, table};
use std::process::ExitCode;
use std::time::Duration;

/// The arguments of `persevere check` for a scenario.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The file of a scenario, or the name of one that ships.
    scenario: String,
    #[command(flatten)]
    picks: Picks,
    /// The longest time to recover, with every seed.
    #[arg(long, value_name = "TIME", value_parser = parse_duration)]
    recover_within: Option<Duration>,
    /// The most attempts at the last service for each request, after the disturbance.
    #[arg(long, value_name = "FACTOR")]
    max_amplification: Option<f64>,
    /// The largest share of requests that may fail, from 0.0 to 1.0.
    #[arg(long, value_name = "SHARE")]
    max_failed: Option<f64>,
}

pub(crate) fn run(arguments: Arguments) -> Result<ExitCode> {
    let study = arguments.picks.study(&arguments.scenario)?;
    let steps = study.seeds * study.candidates.len() as u64;
    let summaries = watched(steps, |watch| {
        compare(&study.scenario, &study.candidates, 0..study.seeds, watch)
    })??;
    if is_stopped() {
        bail!("stopped before every seed was simulated");
    }
    print!("{}", table(&summaries));
    let bounds = Bounds {
        recover_within: arguments.recover_within,
        max_amplification: arguments.max_amplification,
        max_failed: arguments.max_failed,
    };
    let exceeded: Vec<String> = summaries.iter().flat_map(|summary| bounds.exceeded(summary)).collect();
    for line in &exceeded {
        eprintln!("{line}");
    }
    Ok(if exceeded.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
