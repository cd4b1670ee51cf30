//! [`Summary`]: the results of a candidate over several seeds.

use crate::candidate::Candidate;
use crate::error::InvalidScenario;
use crate::histogram::Histogram;
use crate::outcome::{Outcome, Phase};
use crate::scenario::Scenario;
use core::ops::Range;
use core::time::Duration;
use rayon::prelude::*;
use std::sync::atomic::{AtomicBool, Ordering};

/// The results of a candidate over several seeds.
#[derive(Debug, Clone, PartialEq)]
pub struct Summary {
    name: String,
    outcomes: Vec<Outcome>,
    latencies: Histogram,
}

impl Summary {
    /// Summarizes the outcomes of one candidate.
    #[must_use]
    pub fn new(name: impl Into<String>, outcomes: Vec<Outcome>) -> Summary {
        let mut latencies = Histogram::new();
        for outcome in &outcomes {
            latencies.merge(outcome.histogram());
        }
        Summary {
            name: name.into(),
            outcomes,
            latencies,
        }
    }

    /// The name of the candidate.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The outcome of each seed.
    #[must_use]
    pub fn outcomes(&self) -> &[Outcome] {
        &self.outcomes
    }

    /// With how many of the seeds it recovered.
    #[must_use]
    pub fn recovered(&self) -> usize {
        self.recoveries().len()
    }

    /// The median of the times to recover, of the seeds that did; `None` if none did.
    #[must_use]
    pub fn time_to_recover(&self) -> Option<Duration> {
        let times = self.recoveries();
        times.get(times.len().checked_sub(1)? / 2).copied()
    }

    /// The longest time to recover; `None` if not every seed did.
    #[must_use]
    pub fn longest_recovery(&self) -> Option<Duration> {
        let times = self.recoveries();
        times.last().copied().filter(|_| times.len() == self.outcomes.len())
    }

    /// The times to recover, sorted.
    fn recoveries(&self) -> Vec<Duration> {
        let mut times: Vec<Duration> = self.outcomes.iter().filter_map(Outcome::recovery).collect();
        times.sort_unstable();
        times
    }

    /// The mean share of the requests that failed.
    #[must_use]
    pub fn failed(&self) -> f64 {
        let requests: u64 = self.outcomes.iter().map(Outcome::requests).sum();
        let failed: u64 = self.outcomes.iter().map(Outcome::failed).sum();
        failed as f64 / requests.max(1) as f64
    }

    /// The mean amplification of the seeds in a phase; `None` if clients made no request in it.
    #[must_use]
    pub fn amplification(&self, phase: Phase) -> Option<f64> {
        mean(self.outcomes.iter().filter_map(|outcome| outcome.amplification(phase)))
    }

    /// The mean share of success of the seeds in a phase; `None` if no request ended in it.
    #[must_use]
    pub fn success(&self, phase: Phase) -> Option<f64> {
        mean(self.outcomes.iter().filter_map(|outcome| outcome.success(phase)))
    }

    /// The latency that the given share of the requests that succeeded does not exceed, over all seeds; `None` without
    /// any.
    #[must_use]
    pub fn latency(&self, share: f64) -> Option<Duration> {
        self.latencies.quantile(share)
    }
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, count) = values.fold((0.0, 0u32), |(sum, count), value| (sum + value, count + 1));
    (count > 0).then(|| sum / f64::from(count))
}

/// Stops simulations early, and watches them.
#[derive(Clone, Copy)]
pub struct Watch<'a> {
    /// Set to end early: simulations that have not ended are left out.
    pub stop: &'a AtomicBool,
    /// Called after each simulation.
    pub done: &'a (dyn Fn() + Sync),
}

impl core::fmt::Debug for Watch<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Watch")
            .field("stop", &self.stop)
            .finish_non_exhaustive()
    }
}

static NEVER: AtomicBool = AtomicBool::new(false);

impl Watch<'_> {
    /// Neither stopped nor watched.
    #[must_use]
    pub const fn none() -> Watch<'static> {
        Watch {
            stop: &NEVER,
            done: &|| {},
        }
    }
}

/// Simulates every candidate with every seed, on all cores. A candidate without a finished seed has an empty summary.
///
/// # Errors
///
/// [`InvalidScenario`] as [`Scenario::run`].
///
/// ```
/// use persevere::Policy;
/// use persevere_sim::{Candidate, Scenario, Service, Watch, compare};
/// use std::time::Duration;
///
/// let scenario = Scenario::new("quiet").service(Service::new("api")).duration(Duration::from_secs(20)).demand(10.0);
/// let candidate = Candidate::new("default", Policy::default());
/// let summaries = compare(&scenario, &[candidate], 0..4, Watch::none())?;
/// assert_eq!(summaries[0].recovered(), 4);
/// # Ok::<(), persevere_sim::InvalidScenario>(())
/// ```
pub fn compare(
    scenario: &Scenario,
    candidates: &[Candidate],
    seeds: Range<u64>,
    watch: Watch<'_>,
) -> Result<Vec<Summary>, InvalidScenario> {
    let work: Vec<(usize, u64)> = seeds
        .flat_map(|seed| (0..candidates.len()).map(move |index| (index, seed)))
        .collect();
    let outcomes: Vec<(usize, Outcome)> = work
        .into_par_iter()
        .filter_map(|(index, seed)| {
            if watch.stop.load(Ordering::Relaxed) {
                return None;
            }
            let outcome = scenario.run_until(&candidates[index], seed, watch.stop).transpose()?;
            (watch.done)();
            Some(outcome.map(|outcome| (index, outcome)))
        })
        .collect::<Result<_, InvalidScenario>>()?;
    let of = |index: usize| {
        let own = outcomes.iter().filter(|(of, _)| *of == index);
        own.map(|(_, outcome)| outcome.clone()).collect()
    };
    let summaries = candidates.iter().enumerate();
    Ok(summaries
        .map(|(index, candidate)| Summary::new(candidate.name(), of(index)))
        .collect())
}
