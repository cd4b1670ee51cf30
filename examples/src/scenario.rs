//! What is to happen in a run against the server's script, and whether it did.

use crate::call::{Call, Runner};
use crate::report::Report;
use crate::server::{Reply, Script, Server};
use persevere::StopReason;
use std::time::{Duration, Instant};

/// How long past its deadline a run may be seen to end: the time that a busy machine takes to wake a thread.
const SLACK: Duration = Duration::from_secs(1);

/// A part of the server's script, and what a run against it is promised to do.
#[derive(Debug, Clone, Copy)]
pub struct Scenario {
    name: &'static str,
    replies: &'static [Reply],
    waits: &'static [(u64, u64)],
    stops: Option<StopReason>,
    deadline: Duration,
}

impl Scenario {
    /// Where the server gives `replies`, the run succeeds, with one attempt more than there are `waits`: the
    /// shortest and the longest that each may be, in milliseconds.
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

    /// The same, but in the end the run stops for `reason`.
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

    /// Gives the run this deadline instead of one that is far off.
    #[must_use]
    pub const fn deadline(mut self, deadline: Duration) -> Scenario {
        self.deadline = deadline;
        self
    }

    /// The name, which is also the path on the server.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The server's part.
    #[must_use]
    pub const fn script(&self) -> Script {
        (self.name, self.replies)
    }

    /// Runs `on` against `server` and compares.
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

    /// The promises that were not kept.
    fn broken(&self, report: &Report) -> Vec<String> {
        let mut broken = Vec::new();
        let mut promise = |kept: bool, text: String| {
            if !kept {
                broken.push(text);
            }
        };
        let waited: Duration = report.waits.iter().sum();

        // Counted by the server, which sees the calls themselves and not what is said of them.
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
