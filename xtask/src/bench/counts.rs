//! All that was counted, by the names of the cases: `kind/contestant/case`, where a contestant may have several words.

use super::probe::{Counts, Probe, With};
use super::table::{Cell, Table, is_ours, whole};
use crate::project::Project;
use anyhow::{Context, Result};

/// In the order of the probe's list.
pub(crate) struct Counted {
    pub(crate) cases: Vec<(String, Counts)>,
    /// The most bytes by which the future of a run exceeds the future of its operation.
    pub(crate) overhead: f64,
}

impl Counted {
    /// Counts the chosen cases.
    pub(crate) fn of(project: &Project, with: With, is_chosen: impl Fn(&str) -> bool) -> Result<Counted> {
        let probe = Probe::new(project, with)?;
        let overhead = probe.says("overhead")?;
        let overhead = overhead.first().context("no overhead")?.parse()?;
        let names = probe.says("list")?.into_iter().filter(|name| is_chosen(name));
        let cases = names.map(|name| Ok((name.clone(), probe.count(&name)?)));
        let cases = cases.collect::<Result<_>>()?;
        Ok(Counted { cases, overhead })
    }

    /// Counts runs that are observed, and beside them runs of a program that observes none (`bare`).
    pub(crate) fn telemetry(project: &Project) -> Result<Counted> {
        let runs = |name: &str| ["sync/persevere/success", "sync/persevere/plain"].contains(&name);
        let mut counted = Counted::of(project, With::Nothing, runs)?;
        for (name, _) in &mut counted.cases {
            *name = name.replace("sync/persevere", "telemetry/bare");
        }
        let observed = Counted::of(project, With::Telemetry, |name| name.starts_with("telemetry/"))?;
        counted.cases.extend(observed.cases);
        Ok(counted)
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Counts> {
        let found = self.cases.iter().find(|(case, _)| case == name);
        found.map(|(_, counts)| counts)
    }

    fn case(&self, kind: &str, contestant: &str, case: &str) -> Option<&Counts> {
        self.get(&format!("{kind}/{contestant}/{case}"))
    }

    /// The contestants of a kind, each once: first the hand-written ones, then ours, then the peers.
    fn contestants(&self, kind: &str) -> Vec<&str> {
        let names = self.cases.iter().filter_map(|(name, _)| name.strip_prefix(kind));
        let names = names.filter_map(|name| Some(name.strip_prefix('/')?.rsplit_once('/')?.0));
        let mut found: Vec<&str> = names.collect();
        let own = ["bare", "best", "usual"];
        found.sort_by_key(|name| {
            let peers = if is_ours(name) { 3 } else { 4 };
            let rank = own.iter().position(|own| own == name).unwrap_or(peers);
            (rank, name.starts_with("attribute"), *name)
        });
        found.dedup();
        found
    }

    /// The instructions of a kind, each compared with the same case of another contestant, or of the contestant itself
    /// (`self`). The comparison is a ratio or a difference. A column `open=closed` is compared with the case `closed`.
    pub(crate) fn instructions(&self, kind: &str, beside: &str, columns: &[&str], is_ratio: bool) -> Table {
        let pairs = columns
            .iter()
            .map(|column| column.split_once('=').unwrap_or((column, column)));
        let columns: Vec<_> = pairs.collect();
        let mut table = Table::new(columns.iter().map(|(case, _)| *case));
        for contestant in self.contestants(kind) {
            let cell = |(case, base): &(&str, &str)| -> Cell {
                let other = if beside == "self" { contestant } else { beside };
                let case = if contestant == beside { base } else { case };
                let value = self.case(kind, contestant, case)?.instructions;
                let base = self.case(kind, other, base)?.instructions;
                let (ratio, difference) = (value / base, value - base);
                let compared = if is_ratio {
                    format!("{ratio:.2}")
                } else {
                    format!("{difference:+.0}")
                };
                Some((value, format!("{value:.0} ({compared})")))
            };
            table.row(contestant, columns.iter().map(cell));
        }
        table
    }

    /// Allocations of a run, bytes of futures, and bytes of code above the best loop.
    pub(crate) fn memory(&self) -> Table {
        let head = [
            "allocations",
            "with retries",
            "future",
            "medium",
            "large",
            "on tokio",
            "medium, on tokio",
            "large, on tokio",
        ];
        let mut table = Table::new(head.into_iter().chain(["code, sync", "code, async"]));
        for name in self.contestants("async") {
            let allocations = |case| whole(self.case("async", name, case)?.allocations);
            let future = |kind, case| whole(self.case(kind, name, case)?.future);
            let code = |kind| {
                let best = self.case(kind, "best", "success")?.code;
                let above = self.case(kind, name, "success")?.code - best;
                Some((above, format!("{above:+.0}")))
            };
            let futures = ["success", "medium", "large"].map(|case| future("async", case));
            let on_tokio = ["plain", "medium", "large"].map(|case| future("paused", case));
            let cells = ["success", "jitter"].map(allocations).into_iter();
            let cells = cells.chain(futures).chain(on_tokio);
            table.row(name, cells.chain([code("sync"), code("async")]));
        }
        table
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_stand_beside_another_contestant() {
        let case = |(name, instructions): (&str, f64)| {
            let (allocations, future, code) = (0.0, 0.0, 0.0);
            (
                name.to_owned(),
                Counts {
                    instructions,
                    allocations,
                    future,
                    code,
                },
            )
        };
        let cases = [
            ("b/backon/last", 90.0),
            ("b/persevere/last", 95.0),
            ("b/bare/closed", 10.0),
            ("c/x/last", 1.0),
        ];
        let (cases, overhead) = (cases.map(case).into(), 0.0);
        let counted = Counted { cases, overhead };
        let over = counted.instructions("b", "bare", &["last=closed"], false).to_string();
        assert!(over.ends_with("| bare | 10 (+0) |\n| persevere | 95 (+85) |\n| backon | 90 (+80) |\n"));
        let times = counted.instructions("b", "bare", &["last=closed"], true).to_string();
        assert!(times.contains("| persevere | 95 (9.50) |"), "{times}");
    }
}
