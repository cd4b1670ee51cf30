//! [`Outcome`]: the results of a candidate with one seed.

use crate::histogram::Histogram;
use crate::recording::{Recording, Second};
use crate::scenario::Scenario;
use core::time::Duration;

/// The seconds over which a rate of success is taken.
const WINDOW: usize = 5;

/// The share of the success before the disturbance at which a service has recovered.
const RECOVERED: f64 = 0.9;

/// The results of a candidate in a scenario with one seed.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    seed: u64,
    seconds: Vec<Second>,
    latencies: Histogram,
    events: u64,
    /// The first and the last second of the disturbance, the last not included.
    disturbance: Option<(usize, usize)>,
}

/// A part of a simulation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Phase {
    /// Before the first trigger; everything if there is none.
    Before,
    /// From the first trigger to the end of the last.
    During,
    /// After the last trigger.
    After,
}

impl Outcome {
    pub(crate) fn new(scenario: &Scenario, seed: u64, recording: Recording, events: u64) -> Outcome {
        let disturbance = scenario.disturbance().map(|(start, end)| {
            let end = end.as_nanos().div_ceil(1_000_000_000) as usize;
            (start.as_secs() as usize, end.max(start.as_secs() as usize + 1))
        });
        Outcome {
            seed,
            seconds: recording.seconds,
            latencies: recording.latencies,
            events,
            disturbance,
        }
    }

    /// The seed.
    #[must_use]
    pub const fn seed(&self) -> u64 {
        self.seed
    }

    /// The record of each second.
    #[must_use]
    pub fn seconds(&self) -> &[Second] {
        &self.seconds
    }

    /// How many events were simulated.
    #[must_use]
    pub const fn events(&self) -> u64 {
        self.events
    }

    /// The seconds of a phase.
    #[must_use]
    pub fn phase(&self, phase: Phase) -> &[Second] {
        let all = self.seconds.len();
        let (start, end) = self.disturbance.unwrap_or((all, all));
        let (start, end) = (start.min(all), end.min(all));
        match phase {
            Phase::Before => &self.seconds[..start],
            Phase::During => &self.seconds[start..end],
            Phase::After => &self.seconds[end..],
        }
    }

    /// How long after the last trigger the service was back for good: zero if it never left, `None` if it did not
    /// recover.
    ///
    /// The measure is the share of requests that succeed, over five seconds. The service is back once this share stays
    /// at nine tenths or more of the share before the first trigger, until the end. A scenario without triggers has
    /// recovered if the share is at least nine tenths at its end.
    #[must_use]
    pub fn recovery(&self) -> Option<Duration> {
        let before = match share(self.phase(Phase::Before)) {
            Some(share) if share > 0.0 && self.disturbance.is_some() => share,
            _ => 1.0,
        };
        let after = match self.disturbance {
            Some(_) => self.phase(Phase::After),
            None => &self.seconds,
        };
        let is_bad = |window: &[Second]| share(window).is_some_and(|share| share < RECOVERED * before);
        let windows = after.windows(WINDOW.min(after.len().max(1)));
        let last_bad = windows.clone().rposition(is_bad);
        match last_bad {
            None if after.is_empty() => None,
            None => Some(Duration::ZERO),
            Some(bad) if bad + 1 >= windows.len() => None,
            Some(bad) => Some(Duration::from_secs(bad as u64 + 1)),
        }
    }

    /// How many attempts reach the last service for each request of the clients, in a phase; `None` without requests.
    #[must_use]
    pub fn amplification(&self, phase: Phase) -> Option<f64> {
        let seconds = self.phase(phase);
        let requests = sum(seconds, |second| second.requests);
        (requests > 0).then(|| sum(seconds, |second| second.attempts) as f64 / requests as f64)
    }

    /// How many requests the clients made.
    #[must_use]
    pub fn requests(&self) -> u64 {
        sum(&self.seconds, |second| second.requests)
    }

    /// How many requests failed.
    #[must_use]
    pub fn failed(&self) -> u64 {
        sum(&self.seconds, |second| second.failed)
    }

    /// The share of the requests that succeeded, among the requests that ended in a phase; `None` if none did.
    #[must_use]
    pub fn success(&self, phase: Phase) -> Option<f64> {
        let seconds = self.phase(phase);
        let succeeded = sum(seconds, |second| second.succeeded);
        let ended = succeeded + sum(seconds, |second| second.failed);
        (ended > 0).then(|| succeeded as f64 / ended as f64)
    }

    /// The latency that the given share of the requests that succeeded does not exceed, to 1/128; `None` without any.
    #[must_use]
    pub fn latency(&self, share: f64) -> Option<Duration> {
        self.latencies.quantile(share)
    }

    pub(crate) const fn histogram(&self) -> &Histogram {
        &self.latencies
    }
}

fn sum(seconds: &[Second], of: impl Fn(&Second) -> u32) -> u64 {
    seconds.iter().map(|second| u64::from(of(second))).sum()
}

/// The requests that succeeded, relative to the requests that were made.
fn share(seconds: &[Second]) -> Option<f64> {
    let requests = sum(seconds, |second| second.requests);
    (requests > 0).then(|| sum(seconds, |second| second.succeeded) as f64 / requests as f64)
}
