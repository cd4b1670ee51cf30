//! Tables of summaries: as text, and as CSV.

use crate::outcome::Phase;
use crate::summary::Summary;
use crate::sweep::{Parameter, SweepRow};
use core::time::Duration;
use std::fmt::Write as _;

const HEADINGS: [&str; 10] = [
    "policy",
    "recovered",
    "after",
    "failed",
    "load before",
    "in",
    "after",
    "p50",
    "p99",
    "p99.9",
];

/// A table of summaries for a terminal. `load` is the amplification: the attempts that reach the last service for each
/// request.
#[must_use]
pub fn table(summaries: &[Summary]) -> String {
    let mut rows = vec![HEADINGS.map(str::to_owned)];
    for summary in summaries {
        let load = |phase| {
            summary
                .amplification(phase)
                .map_or("-".to_owned(), |load| format!("{load:.2}"))
        };
        let latency = |share| summary.latency(share).map_or("-".to_owned(), short);
        rows.push([
            summary.name().to_owned(),
            format!("{} of {}", summary.recovered(), summary.outcomes().len()),
            summary.time_to_recover().map_or("never".to_owned(), short),
            format!("{:.1} %", summary.failed() * 100.0),
            load(Phase::Before),
            load(Phase::During),
            load(Phase::After),
            latency(0.5),
            latency(0.99),
            latency(0.999),
        ]);
    }
    aligned(&rows)
}

/// A table of a sweep for a terminal: how many of the seeds recovered, by value and candidate.
#[must_use]
pub fn sweep_table(parameter: Parameter, rows: &[SweepRow]) -> String {
    let names = rows.first().map(|row| row.summaries.iter().map(Summary::name));
    let mut headings = vec![parameter.to_string()];
    headings.extend(names.into_iter().flatten().map(str::to_owned));
    let mut cells = vec![headings];
    for SweepRow { value, summaries } in rows {
        let mut row = vec![number(*value)];
        row.extend(summaries.iter().map(|summary| {
            let recovered = format!("{}/{}", summary.recovered(), summary.outcomes().len());
            match summary.time_to_recover() {
                Some(time) => format!("{recovered} {}", short(time)),
                None => recovered,
            }
        }));
        cells.push(row);
    }
    aligned(&cells)
}

/// A [`table`] for each of several scenarios.
#[must_use]
pub fn comparison_table(rows: &[(String, Vec<Summary>)]) -> String {
    let mut text = String::new();
    for (scenario, summaries) in rows {
        let _ = writeln!(text, "{scenario}\n\n{}", table(summaries));
    }
    text
}

/// Several scenarios as CSV: [`csv`] with the scenario in front of each row.
#[must_use]
pub fn comparison_csv(rows: &[(String, Vec<Summary>)]) -> String {
    let mut text = format!("scenario,{}", csv(&[]));
    for (scenario, summaries) in rows {
        for summary in summaries {
            let _ = write!(text, "{},{}", quoted(scenario), csv_row(summary));
        }
    }
    text
}

/// The names in the first column to the left, all others to the right.
fn aligned<R: AsRef<[String]>>(rows: &[R]) -> String {
    let columns = rows.iter().map(|row| row.as_ref().len()).max().unwrap_or(0);
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.as_ref().get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (column, (cell, width)) in row.as_ref().iter().zip(&widths).enumerate() {
            let pad = " ".repeat(width - cell.chars().count());
            let _ = match column {
                0 => write!(line, "{cell}{pad}"),
                _ => write!(line, "  {pad}{cell}"),
            };
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// Summaries as CSV, with times in seconds; empty where there is no value.
#[must_use]
pub fn csv(summaries: &[Summary]) -> String {
    let mut text = "policy,seeds,recovered,time_to_recover,failed,amplification_before,amplification_during,\
                    amplification_after,success_during,p50,p99,p999\n"
        .to_owned();
    for summary in summaries {
        text.push_str(&csv_row(summary));
    }
    text
}

/// A sweep as CSV: [`csv`] with the value in front of each row.
#[must_use]
pub fn sweep_csv(parameter: Parameter, rows: &[SweepRow]) -> String {
    let mut text = format!("{parameter},{}", csv(&[]));
    for SweepRow { value, summaries } in rows {
        for summary in summaries {
            let _ = write!(text, "{},{}", number(*value), csv_row(summary));
        }
    }
    text
}

fn csv_row(summary: &Summary) -> String {
    let seconds = |time: Option<Duration>| time.map_or(String::new(), |time| time.as_secs_f64().to_string());
    let load = |phase| {
        summary
            .amplification(phase)
            .map_or(String::new(), |load| load.to_string())
    };
    let success = summary.success(Phase::During);
    let cells = [
        quoted(summary.name()),
        summary.outcomes().len().to_string(),
        summary.recovered().to_string(),
        seconds(summary.time_to_recover()),
        summary.failed().to_string(),
        load(Phase::Before),
        load(Phase::During),
        load(Phase::After),
        success.map_or(String::new(), |success| success.to_string()),
        seconds(summary.latency(0.5)),
        seconds(summary.latency(0.99)),
        seconds(summary.latency(0.999)),
    ];
    cells.join(",") + "\n"
}

/// A cell of CSV, by RFC 4180.
fn quoted(cell: &str) -> String {
    if cell.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.to_owned()
    }
}

/// A number to at most three decimals.
pub(crate) fn number(value: f64) -> String {
    let text = format!("{value:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A length of time with three digits.
pub(crate) fn short(time: Duration) -> String {
    let seconds = time.as_secs_f64();
    match seconds {
        0.0 => "0 s".to_owned(),
        _ if seconds >= 100.0 => format!("{seconds:.0} s"),
        _ if seconds >= 10.0 => format!("{} s", number((seconds * 10.0).round() / 10.0)),
        _ if seconds >= 1.0 => format!("{} s", number((seconds * 100.0).round() / 100.0)),
        _ if seconds >= 0.1 => format!("{:.0} ms", seconds * 1e3),
        _ if seconds >= 0.001 => format!("{} ms", number((seconds * 1e4).round() / 10.0)),
        _ => format!("{:.0} µs", seconds * 1e6),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_three_digits() {
        let times = [0, 250, 3_300, 47_120, 310_000, 1_234_567, 39_000_000, 201_400_000];
        let texts = times.map(|micros| short(Duration::from_micros(micros)));
        assert_eq!(
            texts,
            [
                "0 s", "250 µs", "3.3 ms", "47.1 ms", "310 ms", "1.23 s", "39 s", "201 s"
            ]
        );
    }

    #[test]
    fn cells_of_csv_are_quoted_where_they_must() {
        assert_eq!(quoted("K 1.1, 10 s"), "\"K 1.1, 10 s\"");
        assert_eq!(
            quoted("a \"b\""),
            "a \"b\"".replace('"', "\"\"").replacen('a', "\"a", 1) + "\""
        );
        assert_eq!(quoted("plain"), "plain");
    }

    #[test]
    fn columns_are_aligned() {
        let rows = [["a", "100"], ["long", "1"]].map(|row| row.map(str::to_owned));
        assert_eq!(aligned(&rows), "a     100\nlong    1\n");
    }
}
