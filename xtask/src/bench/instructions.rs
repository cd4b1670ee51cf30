//! The tables of instructions.

use super::counted::{Counted, is_ours, is_peer, parts};
use super::section::{Figure, Section, ahead};
use super::table::Table;
use super::topics::{Column, Measure, TOPICS, Topic};

const HOW: &str = "\
## Instructions

Of one run, by callgrind: the difference of two numbers of repetitions of a probe that is built for the case alone, so that
start-up cancels out. What the kernel does is not in it, and a clock is read as by a system call. Every contestant makes
five attempts at most, with delays of 100 ms that double up to 5 s, and its own jitter over the whole delay, or the
nearest it has: backoff and tokio-retry2 half of it up and down, exponential-backoff three tenths, `tower::retry` up to a
delay more. Where nothing else is said the sleep takes no time. An async run is polled through a pointer, as executors do.

`success` has nothing that fails; `plain` and `jitter` fail three times and then succeed, without and with jitter;
`exhausted` fails five times. The operation's future has next to nothing in it, in `medium` 64 bytes and in `large` 1 KiB.
`bare` is the operation alone. `best` is a loop written by hand with constants, 64-bit nanoseconds and one multiplication
for the jitter; `usual` one with `Duration` arithmetic and a random `f64`. In brackets stands the ratio to `best`.
`persevere` has its policy in a `static`, `in_place` has it where the loop is, `dyn` behind an `Arc`; `attribute` is
`#[retry]`, which gives the bare error, `whole` with a `RetryError`, `policy` with the policy of a `static`.
";

/// All tables.
pub(crate) fn section(counted: &Counted) -> Section {
    let mut section = Section {
        text: HOW.to_owned(),
        ..Section::default()
    };
    for topic in &TOPICS {
        section.text += &format!("\n### {}\n\n{}\n{}", topic.title, table(counted, topic), topic.notes);
        if topic.kind == "async" {
            section.text += &format!(
                "\n### Three retries with jitter, and something more\n\n{}",
                more(counted)
            );
        }
        section
            .behind
            .extend(topic.columns.iter().flat_map(|column| behind(counted, topic, column)));
    }
    section
}

impl Topic {
    /// The instructions of a contestant in a column, and how they compare.
    fn figure(&self, counted: &Counted, contestant: &str, column: &Column) -> Option<(f64, f64)> {
        let (other, beside) = column.beside;
        let case = if contestant == other { beside } else { column.case };
        let instructions = counted.of(self.kind, contestant, case)?.instructions;
        let beside = counted.of(self.kind, other, beside)?.instructions;
        Some((
            instructions,
            match self.measure {
                Measure::Times => instructions / beside,
                Measure::Over => instructions - beside,
            },
        ))
    }

    fn show(&self, figure: f64) -> String {
        match self.measure {
            Measure::Times => format!("{figure:.2}"),
            Measure::Over => format!("{figure:+.0}"),
        }
    }
}

fn table(counted: &Counted, topic: &Topic) -> Table {
    let mut table = Table::new([""].into_iter().chain(topic.columns.iter().map(|column| column.case)));
    for contestant in counted.contestants(topic.kind) {
        let cells: Vec<_> = topic
            .columns
            .iter()
            .map(|column| match topic.figure(counted, contestant, column) {
                Some((instructions, figure)) => format!("{instructions:.0} ({})", topic.show(figure)),
                None => String::new(),
            })
            .collect();
        if cells.iter().any(|cell| !cell.is_empty()) {
            table.row([contestant.to_owned()].into_iter().chain(cells));
        }
    }
    table
}

/// Cases of runs that no table has a column for, beside the same run without.
fn more(counted: &Counted) -> Table {
    let kinds = ["sync", "async"];
    let mut table = Table::new(["", "with", "sync", "async"]);
    let mut rows: Vec<(&str, &str)> = Vec::new();
    for (name, _) in counted.all() {
        let Some((kind, contestant, case)) = parts(name) else {
            continue;
        };
        let has_column = TOPICS
            .iter()
            .any(|topic| topic.columns.iter().any(|column| column.case == case));
        if kinds.contains(&kind) && !has_column && !rows.contains(&(contestant, case)) {
            rows.push((contestant, case));
        }
    }
    rows.sort_by_key(|(_, case)| *case);
    for (contestant, case) in rows {
        let cells = kinds.map(|kind| {
            let figure = counted
                .of(kind, contestant, case)
                .zip(counted.of(kind, contestant, "jitter"));
            figure.map_or(String::new(), |(with, without)| {
                let (with, without) = (with.instructions, without.instructions);
                format!("{with:.0} ({:+.0})", with - without)
            })
        });
        table.row([contestant.to_owned(), case.to_owned()].into_iter().chain(cells));
    }
    table
}

/// Where a peer takes less, and where less is wanted.
fn behind(counted: &Counted, topic: &Topic, column: &Column) -> Vec<String> {
    let place = format!("{}, `{}`", topic.title, column.case);
    let figures = |is_of: fn(&str) -> bool| {
        let contestants = counted
            .contestants(topic.kind)
            .into_iter()
            .filter(move |name| is_of(name));
        contestants.filter_map(|name| {
            let (value, _) = topic.figure(counted, name, column)?;
            Some(Figure {
                value,
                shown: format!("{name} {value:.0}"),
            })
        })
    };
    let ours: Vec<_> = figures(is_ours).collect();
    let forms = ["persevere", "persevere/in_place", "persevere/permit", "attribute"];
    let above: Vec<_> = forms
        .into_iter()
        .filter_map(|form| {
            let (_, figure) = topic.figure(counted, form, column)?;
            (figure > column.wanted?).then(|| format!("{form} {}", topic.show(figure)))
        })
        .collect();
    let than = match topic.measure {
        Measure::Times => "times `best`",
        Measure::Over => "instructions over the operation alone",
    };
    let wanted = column.wanted.filter(|_| !above.is_empty());
    let wanted = wanted.map(|wanted| format!("{place}: {} {than}, where {wanted} is wanted", above.join(", ")));
    ahead(&place, figures(is_peer), &ours)
        .into_iter()
        .chain(wanted)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::probe::Counts;
    use super::*;

    fn counted(cases: &[(&str, f64)]) -> Counted {
        let mut counted = Counted::default();
        for (name, instructions) in cases {
            counted.add(
                name,
                Counts {
                    instructions: *instructions,
                    ..Counts::default()
                },
            );
        }
        counted
    }

    #[test]
    fn figures_stand_beside_the_best_loop() {
        let counted = counted(&[("sync/best/plain", 100.0), ("sync/persevere/plain", 120.0)]);
        let table = table(&counted, &TOPICS[0]).to_string();
        assert!(table.contains("| persevere |  | 120 (1.20) |  |  |"), "{table}");
        assert_eq!(section(&counted).behind, [""; 0]);
    }

    #[test]
    fn a_case_may_stand_beside_another() {
        let counted = counted(&[("breaker/bare/closed", 10.0), ("breaker/persevere/last100", 95.0)]);
        let topic = TOPICS.iter().find(|topic| topic.kind == "breaker").unwrap();
        let table = table(&counted, topic).to_string();
        assert!(table.contains("| bare | 10 (+0) | 10 (+0) | 10 (+0) |  |"), "{table}");
        assert!(table.contains("| persevere |  | 95 (+85) |  |  |"), "{table}");
    }

    #[test]
    fn a_quicker_peer_is_told_of() {
        let counted = counted(&[
            ("sync/best/plain", 100.0),
            ("sync/persevere/plain", 140.0),
            ("sync/attribute/plain", 110.0),
            ("sync/retry/plain", 139.0),
        ]);
        let behind = section(&counted).behind;
        assert_eq!(
            behind,
            [
                "Retries that block, `plain`: retry 139, beside persevere 140, attribute 110",
                "Retries that block, `plain`: persevere 1.40 times `best`, where 1.3 is wanted",
            ]
        );
    }

    #[test]
    fn what_has_no_column_stands_beside_the_run_without() {
        let counted = counted(&[
            ("sync/persevere/jitter", 100.0),
            ("sync/persevere/observer", 110.0),
            ("async/persevere/observer", 200.0),
        ]);
        let table = more(&counted).to_string();
        assert!(table.contains("| persevere | observer | 110 (+10) |  |"), "{table}");
    }
}
