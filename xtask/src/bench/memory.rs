//! The table of allocations, futures and code.

use super::counted::{Counted, is_ours, is_peer};
use super::probe::Counts;
use super::section::{Figure, Section, ahead};
use super::table::Table;

/// The table.
pub(crate) fn section(counted: &Counted) -> Section {
    let mut table = Table::new([
        "",
        "allocations, nothing fails",
        "with three retries",
        "future, 0",
        "future, 64",
        "future, 1024",
        "on tokio",
        "code, sync",
        "code, async",
    ]);
    let mut contestants = counted.contestants("async");
    contestants.extend(counted.contestants("sync").into_iter().filter(|name| *name == "retry"));
    for contestant in contestants {
        table.row([contestant.to_owned()].into_iter().chain(cells(counted, contestant)));
    }
    Section {
        text: format!(
            "\n## Memory and code\n\n{table}\n\
             Allocations are of an async run, or of one that blocks where there is no other, without what tokio or a thread\n\
             allocates to sleep. A future is in bytes, around operations whose own are those of `bare`; on tokio it has\n\
             tokio's timer in it, of which others have one in all. Code is what the program is larger than with the best\n\
             loop, in bytes of instructions and constants; `cargo xtask embedded` tells what is left of it on a\n\
             microcontroller. A run of `persevere` is at most {} bytes larger than its operation.\n",
            counted.overhead
        ),
        behind: behind(counted),
    }
}

fn cells(counted: &Counted, contestant: &str) -> Vec<String> {
    let shown = |counts: Option<&Counts>, show: fn(&Counts) -> String| counts.map_or(String::new(), show);
    let either = |case: &str| {
        counted
            .of("async", contestant, case)
            .or_else(|| counted.of("sync", contestant, case))
    };
    let mut cells = vec![
        shown(either("success"), |counts| counts.allocations.to_string()),
        shown(either("jitter"), |counts| counts.allocations.to_string()),
    ];
    for case in ["success", "medium", "large"] {
        cells.push(shown(counted.of("async", contestant, case), |counts| {
            counts.future.to_string()
        }));
    }
    cells.push(shown(counted.of("paused", contestant, "plain"), |counts| {
        counts.future.to_string()
    }));
    for kind in ["sync", "async"] {
        let code = counted
            .of(kind, contestant, "success")
            .zip(counted.of(kind, "best", "success"));
        cells.push(code.map_or(String::new(), |(counts, best)| {
            format!("{:+}", counts.code as i64 - best.code as i64)
        }));
    }
    cells
}

/// Peers whose futures are smaller, or whose code is.
fn behind(counted: &Counted) -> Vec<String> {
    let smaller = |place: &str, kind: &str, case: &str, size: fn(&Counts) -> usize| {
        let figures = |is_of: fn(&str) -> bool| {
            let contestants = counted.contestants(kind).into_iter().filter(move |name| is_of(name));
            contestants.filter_map(move |name| {
                let size = size(counted.of(kind, name, case)?);
                Some(Figure {
                    value: size as f64,
                    shown: format!("{name} {size}"),
                })
            })
        };
        ahead(
            &format!("Bytes of {place}"),
            figures(is_peer),
            &figures(is_ours).collect::<Vec<_>>(),
        )
    };
    let future = |counts: &Counts| counts.future;
    let code = |counts: &Counts| counts.code;
    let lines = [
        smaller("future, 0", "async", "success", future),
        smaller("future, 64", "async", "medium", future),
        smaller("future, 1024", "async", "large", future),
        smaller("future on tokio", "paused", "plain", future),
        smaller("program, sync", "sync", "success", code),
        smaller("program, async", "async", "success", code),
    ];
    lines.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_stand_beside_the_best_loop() {
        let mut counted = Counted::default();
        for (name, future, code) in [
            ("async/best/success", 56, 1000),
            ("async/persevere/success", 104, 1200),
            ("async/tryhard/success", 96, 1300),
            ("sync/retry/success", 0, 900),
        ] {
            counted.add(
                name,
                Counts {
                    future,
                    code,
                    ..Counts::default()
                },
            );
        }
        let section = section(&counted);
        assert!(
            section.text.contains("| persevere | 0 |  | 104 |  |  |  |  | +200 |"),
            "{}",
            section.text
        );
        assert!(section.text.contains("| retry | 0 |"), "{}", section.text);
        assert_eq!(section.behind, ["Bytes of future, 0: tryhard 96, beside persevere 104"]);
    }
}
