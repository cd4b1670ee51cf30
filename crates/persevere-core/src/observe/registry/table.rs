//! The table of a registry's statistics.

use super::RegistrySnapshot;
use crate::observe::StatsSnapshot;
use core::array;
use core::fmt;
use std::borrow::ToOwned;
use std::format;
use std::string::{String, ToString};
use std::vec::Vec;

/// One line of the table.
type Row = [String; COLUMNS.len()];

const COLUMNS: [&str; 11] = [
    "name",
    "started",
    "succeeded",
    "after retry",
    "gave up",
    "unfinished",
    "attempts",
    "retries",
    "failures",
    "waited",
    "success",
];

fn row(name: &str, stats: &StatsSnapshot) -> Row {
    let rate = stats.success_rate();
    [
        // Control characters would break the line.
        name.replace(char::is_control, "\u{fffd}"),
        stats.started.to_string(),
        stats.successes.to_string(),
        stats.successes_after_retry.to_string(),
        stats.gave_up.total().to_string(),
        stats.unfinished().to_string(),
        stats.attempts.to_string(),
        stats.retries.to_string(),
        stats.failures.to_string(),
        format!("{:.1?}", stats.waited),
        rate.map_or("-".to_owned(), |rate| format!("{:.1} %", rate * 100.0)),
    ]
}

impl fmt::Display for RegistrySnapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rows = Vec::from([COLUMNS.map(str::to_owned)]);
        rows.extend(self.iter().map(|(name, stats)| row(name, stats)));
        let widths: [usize; COLUMNS.len()] = array::from_fn(|column| {
            let widths = rows.iter().map(|row| row[column].chars().count());
            widths.max().unwrap_or(0)
        });
        for (line, [name, numbers @ ..]) in rows.iter().enumerate() {
            let end = if line == 0 { "" } else { "\n" };
            write!(f, "{end}{name:<0$}", widths[0])?;
            for (number, width) in numbers.iter().zip(&widths[1..]) {
                write!(f, "  {number:>width$}")?;
            }
        }
        Ok(())
    }
}
