//! The report of one run, and its row in a table.

use crate::call::Outcome;
use std::time::Duration;

/// The report of one run.
#[derive(Debug)]
pub struct Report {
    /// The name of the sleeper.
    pub sleeper: &'static str,
    /// The name of the scenario.
    pub scenario: &'static str,
    /// The number of requests that the server received.
    pub attempts: usize,
    /// The waits between attempts.
    pub waits: Vec<Duration>,
    /// The duration of the run.
    pub took: Duration,
    /// The result of the run.
    pub outcome: Outcome,
    /// The broken promises.
    pub broken: Vec<String>,
}

impl Report {
    /// The column heads of [`row`](Report::row).
    pub const HEAD: [&'static str; 7] = [
        "scenario",
        "sleeper",
        "attempts",
        "waits (ms)",
        "took (ms)",
        "outcome",
        "as promised",
    ];

    /// Returns the report as a row of a table.
    #[must_use]
    pub fn row(&self) -> [String; 7] {
        let milliseconds = |time: &Duration| format!("{:.1}", time.as_secs_f64() * 1000.0);
        let waits: Vec<String> = self.waits.iter().map(milliseconds).collect();
        let outcome = match &self.outcome {
            Ok(page) => format!("got {page:?}"),
            Err(error) => format!("{error:#}"),
        };
        let promised = if self.broken.is_empty() {
            "yes".to_owned()
        } else {
            format!("NO: {}", self.broken.join("; "))
        };
        [
            self.scenario.to_owned(),
            self.sleeper.to_owned(),
            self.attempts.to_string(),
            waits.join(", "),
            milliseconds(&self.took),
            outcome,
            promised,
        ]
    }
}
