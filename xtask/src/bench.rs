//! `cargo xtask bench`: instruction counts, allocations and future sizes beside a hand-written loop and a peer.
//!
//! Each case is a probe built for it alone and counted by callgrind: the difference of two numbers of repetitions, so
//! that start-up cancels out. The counts of one binary are repeatable to the instruction. `--quick` counts only the
//! cases that a ceiling names, and fails if one is passed.

mod ceilings;
mod probe;

use crate::command::{Failure, Outcome, quiet, run};
use crate::metadata::workspace;
use ceilings::{CEILINGS, Ceiling, MOST_OVERHEAD};
use probe::{Counts, Probe};
use std::collections::BTreeMap;
use std::process::{Command, Stdio};

/// Measures, prints a table, and compares with the ceilings. With `--quick` it counts only what they name.
pub(crate) fn run_all(options: &[&str]) -> Outcome {
    if !has_valgrind() {
        if std::env::var_os("CI").is_none() {
            println!("bench: SKIPPED: there is no valgrind; `apt-get install valgrind` brings it");
            return Ok(());
        }
        install_valgrind()?;
    }
    let quick = options.contains(&"--quick");
    let probe = Probe {
        program: workspace()?.target.join("release/persevere-benches"),
    };
    probe.build("")?;
    let names = probe.says("list")?;
    let mut counts = BTreeMap::new();
    println!(
        "{:<30} {:>12} {:>12} {:>8}",
        "case", "instructions", "allocations", "future"
    );
    for name in names.lines() {
        if !quick
            || CEILINGS
                .iter()
                .any(|ceiling| [ceiling.case, ceiling.beside].contains(&name))
        {
            let case = probe.count(name)?;
            println!(
                "{name:<30} {:>12.1} {:>12} {:>8}",
                case.instructions, case.allocations, case.future
            );
            counts.insert(name, case);
        }
    }
    let overhead = probe
        .says("overhead")?
        .trim()
        .parse()
        .map_err(Failure::at("bench: overhead"))?;
    let missed = missed(&counts, overhead);
    if !quick {
        let page = page(&counts, overhead)?;
        std::fs::write(PAGE, page).map_err(Failure::at(PAGE))?;
        println!("written to {PAGE}");
    }
    if missed.is_empty() {
        Ok(())
    } else {
        Err(Failure::new(format!("bench: {}", missed.join("; "))))
    }
}

/// Where a full run writes its figures.
const PAGE: &str = "docs/benchmarks.md";

/// The page, in Markdown.
fn page(counts: &BTreeMap<&str, Counts>, overhead: usize) -> Outcome<String> {
    let mut rustc = Command::new("rustc");
    rustc.arg("--version");
    let (rustc, _) = quiet(rustc)?;
    let mut page = format!(
        "# Benchmarks\n\n\
         Written by `cargo xtask bench`, with {}on {}.\n\n\
         Instructions of one run, by callgrind: the difference of two numbers of repetitions of a probe that is built\n\
         for the case alone, so that start-up cancels out. The sleep takes no time. `best` is a loop written by hand\n\
         with constants, 64-bit nanoseconds and one multiplication for the jitter; `usual` one with `Duration`\n\
         arithmetic and a random `f64`. An async run is polled through a pointer, as executors do. `plain` and `jitter`\n\
         fail three times and then succeed, `exhausted` fails five times, `large` has an operation of 1 KiB.\n\n\
         A run's future is at most {overhead} bytes larger than its operation's.\n\n\
         | case | instructions | beside `best` | allocations | bytes of future |\n|---|---|---|---|---|\n",
        rustc.trim().to_owned() + " ",
        std::env::consts::ARCH,
    );
    for (name, case) in counts {
        let ratio = match (name.split_once('/'), name.rsplit_once('/')) {
            (Some((kind, _)), Some((_, last))) => counts.get(format!("{kind}/best/{last}").as_str()),
            _ => None,
        };
        let ratio = ratio.map_or(String::new(), |best| {
            format!("{:.2}", case.instructions / best.instructions)
        });
        let Counts {
            instructions,
            allocations,
            future,
        } = case;
        page += &format!("| {name} | {instructions:.0} | {ratio} | {allocations} | {future} |\n");
    }
    Ok(page)
}

/// The ceilings that are passed, in words.
fn missed(counts: &BTreeMap<&str, Counts>, overhead: usize) -> Vec<String> {
    let mut missed = Vec::new();
    println!();
    for Ceiling { case, beside, at_most } in &CEILINGS {
        let ratio = counts[case].instructions / counts[beside].instructions;
        let line = format!("{case} costs {ratio:.2} x {beside}; held to at most {at_most}");
        println!("{line}");
        if ratio > *at_most {
            missed.push(line);
        }
    }
    for (name, case) in counts
        .iter()
        .filter(|(name, _)| (name.contains("persevere") || name.contains("attribute")) && !name.contains("dyn"))
    {
        if case.allocations > 0.0 {
            missed.push(format!(
                "{name} allocates {} times a run; without `dyn` nothing may",
                case.allocations
            ));
        }
    }
    let line = format!("futures are up to {overhead} bytes larger than the operation's; held to {MOST_OVERHEAD}");
    println!("{line}");
    if overhead > MOST_OVERHEAD {
        missed.push(line);
    }
    missed
}

fn has_valgrind() -> bool {
    Command::new("valgrind")
        .arg("--version")
        .stdout(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

fn install_valgrind() -> Outcome {
    for words in [&["update", "--quiet"][..], &["install", "--yes", "--quiet", "valgrind"]] {
        let mut apt = Command::new("apt-get");
        apt.args(words);
        run(apt)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(instructions: f64, allocations: f64) -> BTreeMap<&'static str, Counts> {
        let names = CEILINGS.iter().flat_map(|ceiling| [ceiling.case, ceiling.beside]);
        names
            .map(|name| {
                (
                    name,
                    Counts {
                        instructions,
                        allocations,
                        future: 0,
                    },
                )
            })
            .collect()
    }

    #[test]
    fn what_costs_more_than_its_ceiling_is_found() {
        let mut counts = all(100.0, 0.0);
        counts.insert(
            "async/backon/jitter",
            Counts {
                instructions: 200.0,
                allocations: 0.0,
                future: 0,
            },
        );
        assert!(missed(&counts, MOST_OVERHEAD).is_empty());
        counts.insert(
            "sync/persevere/success",
            Counts {
                instructions: 116.0,
                allocations: 0.0,
                future: 0,
            },
        );
        assert_eq!(missed(&counts, MOST_OVERHEAD).len(), 1);
        assert_eq!(missed(&counts, MOST_OVERHEAD + 1).len(), 2);
    }

    #[test]
    fn an_allocation_without_dyn_is_missed() {
        let mut counts = all(100.0, 1.0);
        counts.insert(
            "async/backon/jitter",
            Counts {
                instructions: 200.0,
                allocations: 0.0,
                future: 0,
            },
        );
        assert!(
            missed(&counts, MOST_OVERHEAD)
                .iter()
                .all(|line| line.contains("allocates"))
        );
        assert!(!missed(&counts, MOST_OVERHEAD).is_empty());
    }
}
