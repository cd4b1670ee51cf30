//! What happened in one run, and as a row of a table.

use crate::call::Outcome;
use std::time::Duration;

/// What happened in a run.
#[derive(Debug)]
pub struct Report {
    /// The sleeper that it was on.
    pub sleeper: &'static str,
    /// The scenario's name.
    pub scenario: &'static str,
    /// How many requests the server saw.
    pub attempts: usize,
    /// Each wait between two of them.
    pub waits: Vec<Duration>,
    /// How long it took.
    pub took: Duration,
    /// How it ended.
    pub outcome: Outcome,
    /// Which promises were not kept.
    pub broken: Vec<String>,
}

impl Report {
    /// The heads of the columns of [`row`](Report::row).
    pub const HEAD: [&'static str; 7] = [
        "scenario",
        "sleeper",
        "attempts",
        "waits (ms)",
        "took (ms)",
        "outcome",
        "as promised",
    ];

    /// This as a row of a table.
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
