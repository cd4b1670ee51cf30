//! Scenarios: the server's script, the promises of a run against it, and their check.

use crate::call::{Call, Runner};
use crate::report::Report;
use crate::server::{Reply, Script, Server};
use persevere::StopReason;
use std::time::{Duration, Instant};

/// The tolerance of a time limit: the time that a busy machine takes to wake a thread.
const SLACK: Duration = Duration::from_secs(1);

/// A part of the server's script, and the promises of a run against it.
#[derive(Debug, Clone, Copy)]
pub struct Scenario {
    name: &'static str,
    replies: &'static [Reply],
    waits: &'static [(u64, u64)],
    stops: Option<StopReason>,
    deadline: Duration,
}

impl Scenario {
    /// Creates a scenario in which the server sends `replies` and the run succeeds.
    ///
    /// `waits` has the shortest and the longest time of each wait in milliseconds. The run makes one attempt more.
    #[must_use]
    pub const fn succeeds(name: &'static str, replies: &'static [Reply], waits: &'static [(u64, u64)]) -> Scenario {
        Scenario {
            name,
            replies,
            waits,
            stops: None,
            deadline: Duration::from_secs(5),
        }
    }

    /// Creates a scenario in which the run stops for `reason`.
    #[must_use]
    pub const fn fails(
        name: &'static str,
        replies: &'static [Reply],
        waits: &'static [(u64, u64)],
        reason: StopReason,
    ) -> Scenario {
        let mut scenario = Scenario::succeeds(name, replies, waits);
        scenario.stops = Some(reason);
        scenario
    }

    /// Sets the time limit of the run, which is long by default.
    #[must_use]
    pub const fn deadline(mut self, deadline: Duration) -> Scenario {
        self.deadline = deadline;
        self
    }

    /// Returns the name, which is also the path on the server.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Returns the server's part.
    #[must_use]
    pub const fn script(&self) -> Script {
        (self.name, self.replies)
    }

    /// Runs `on` against `server` and checks the promises.
    #[must_use]
    pub fn run(&self, server: &Server, sleeper: &'static str, on: Runner) -> Report {
        let call = Call::new(server.address(), format!("/{sleeper}/{}", self.name), self.deadline);
        let start = Instant::now();
        let outcome = on(&call);
        let took = start.elapsed();
        let mut report = Report {
            sleeper,
            scenario: self.name,
            attempts: server.requests(&call.path),
            waits: call.into_waits(),
            took,
            outcome,
            broken: Vec::new(),
        };
        report.broken = self.broken(&report);
        report
    }

    /// Returns the broken promises.
    fn broken(&self, report: &Report) -> Vec<String> {
        let mut broken = Vec::new();
        let mut promise = |kept: bool, text: String| {
            if !kept {
                broken.push(text);
            }
        };
        let waited: Duration = report.waits.iter().sum();

        // The server counts the calls itself, independent of the run's report.
        let attempts = self.waits.len() + 1;
        promise(report.attempts == attempts, format!("{attempts} attempts promised"));
        promise(
            report.waits.len() == self.waits.len(),
            format!("{} waits promised", self.waits.len()),
        );
        for (wait, (low, high)) in report.waits.iter().zip(self.waits) {
            let kept = (Duration::from_millis(*low)..=Duration::from_millis(*high)).contains(wait);
            promise(kept, format!("a wait of {low} to {high} ms promised, not {wait:?}"));
        }
        promise(report.took >= waited, format!("waits of {waited:?} promised"));
        promise(
            report.took < self.deadline + SLACK,
            format!("an end within {:?} promised", self.deadline),
        );
        match (&report.outcome, self.stops) {
            (Ok(_), None) => {}
            (Ok(_), Some(reason)) => promise(false, format!("a stop promised, since {reason}")),
            (Err(_), None) => promise(false, "success promised".to_owned()),
            (Err(error), Some(reason)) => {
                promise(error.reason() == reason, format!("a stop promised, since {reason}"));
                promise(
                    error.attempts() as usize == attempts,
                    format!("the error counts {} attempts", error.attempts()),
                );
                promise(
                    error.waited() == waited,
                    format!("the error counts {:?} waited", error.waited()),
                );
            }
        }
        broken
    }
}
