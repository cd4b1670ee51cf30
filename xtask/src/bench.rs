//! `cargo xtask bench`: instructions, memory, builds and time, beside a hand-written loop and the peers.
//!
//! Each case that is counted is a probe built for it alone and run by callgrind: the difference of two numbers of
//! repetitions, so that start-up cancels out. The counts of one binary are repeatable to the instruction. Times are
//! measured in turns, each in a process of its own, and it is the ratios within a turn that are compared.
//!
//! `--quick` counts only the cases that a ceiling names, without the peers that none names, and fails if one is passed.

mod builds;
mod ceilings;
mod contention;
mod counted;
mod held;
mod instructions;
mod machine;
mod memory;
mod page;
mod probe;
mod scale;
mod section;
mod subjects;
mod table;
mod topics;

use crate::command::{Failure, Outcome, run};
use crate::metadata::workspace;
use counted::Counted;
use machine::Versions;
use probe::Probe;
use scale::Scale;
use section::Section;
use std::process::{Command, Stdio};
use std::time::Instant;

/// Where a full run writes its figures.
const PAGE: &str = "docs/benchmarks.md";

/// How often what takes time is measured, if nothing else is said.
const ROUNDS: usize = 5;

/// Measures all and writes the page; or one part, which is only printed; or, with `--quick`, what is held to something.
pub(crate) fn run_all(options: &[&str]) -> Outcome {
    let (parts, rounds) = rounds(options)?;
    let counts = matches!(parts.as_slice(), [] | ["--quick" | "counts"]);
    if counts && !can_count()? {
        return Ok(());
    }
    match parts.as_slice() {
        [] => full(rounds),
        ["--quick"] => held_to(&count(false)?),
        ["counts"] => {
            let counted = count(true)?;
            show(&[instructions::section(&counted), memory::section(&counted)]);
            held_to(&counted)
        }
        ["builds"] => builds::section(&Versions::read()?, rounds).map(|section| show(&[section])),
        ["scale"] => timed(rounds).map(|sections| show(&sections)),
        _ => Err(Failure::new(format!(
            "bench: `{}` is none of --quick, counts, builds, scale",
            parts.join(" ")
        ))),
    }
}

/// The options without `--rounds N`, and that number.
fn rounds<'a>(options: &[&'a str]) -> Outcome<(Vec<&'a str>, usize)> {
    let Some(at) = options.iter().position(|option| *option == "--rounds") else {
        return Ok((options.to_vec(), ROUNDS));
    };
    let rounds = options
        .get(at + 1)
        .and_then(|number| number.parse().ok())
        .filter(|rounds| *rounds > 0);
    let rounds = rounds.ok_or_else(|| Failure::new("bench: --rounds takes a number above 0"))?;
    Ok(([&options[..at], &options[at + 2..]].concat(), rounds))
}

fn full(rounds: usize) -> Outcome {
    let start = Instant::now();
    let took = |part: &str| println!("{part}: done after {:.0} s", start.elapsed().as_secs_f64());
    let versions = Versions::read()?;
    let counted = count(true)?;
    took("counts");
    let mut sections = vec![instructions::section(&counted), memory::section(&counted)];
    sections.push(builds::section(&versions, rounds)?);
    took("builds");
    sections.extend(timed(rounds)?);
    took("scale");
    let page = page::page(&versions, &sections)?;
    println!("\n{page}");
    std::fs::write(PAGE, page).map_err(Failure::at(PAGE))?;
    println!("written to {PAGE}");
    // What falls short stands on the page. The ceilings are those of probes without the peers, which are compiled otherwise.
    Ok(())
}

fn timed(rounds: usize) -> Outcome<Vec<Section>> {
    let scale = Scale::build()?;
    Ok(vec![
        scale::section(&scale, rounds)?,
        contention::section(&scale, rounds)?,
    ])
}

fn show(sections: &[Section]) {
    for section in sections {
        println!("{}", section.text);
        for line in &section.behind {
            println!("- {line}");
        }
    }
}

/// Counts all cases with all peers, or those that a ceiling names.
fn count(all: bool) -> Outcome<Counted> {
    let mut counted = Counted::default();
    let probe = Probe {
        program: workspace()?.target.join("release/persevere-benches"),
        has_peers: all,
    };
    probe.build("")?;
    let overhead = probe.says("overhead")?;
    counted.overhead = overhead.trim().parse().map_err(Failure::at("bench: overhead"))?;
    println!(
        "{:<44} {:>12} {:>12} {:>8}",
        "case", "instructions", "allocations", "future"
    );
    for name in probe.says("list")?.lines() {
        if all || held::named().any(|named| named == name) {
            let case = probe.count(name)?;
            println!(
                "{name:<44} {:>12.1} {:>12} {:>8}",
                case.instructions, case.allocations, case.future
            );
            counted.add(name, case);
        }
    }
    Ok(counted)
}

/// Fails if a ceiling is passed.
fn held_to(counted: &Counted) -> Outcome {
    println!();
    let missed = held::missed(counted);
    if missed.is_empty() {
        Ok(())
    } else {
        Err(Failure::new(format!("bench: {}", missed.join("; "))))
    }
}

/// Whether there is something to count with. In CI it is installed.
fn can_count() -> Outcome<bool> {
    let mut valgrind = Command::new("valgrind");
    valgrind.arg("--version").stdout(Stdio::null());
    if valgrind.status().is_ok_and(|status| status.success()) {
        return Ok(true);
    }
    if std::env::var_os("CI").is_none() {
        println!("bench: SKIPPED: there is no valgrind; `apt-get install valgrind` brings it");
        return Ok(false);
    }
    for words in [&["update", "--quiet"][..], &["install", "--yes", "--quiet", "valgrind"]] {
        let mut apt = Command::new("apt-get");
        apt.args(words);
        run(apt)?;
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_are_an_option_of_their_own() {
        assert_eq!(rounds(&[]).unwrap(), (vec![], ROUNDS));
        assert_eq!(rounds(&["scale", "--rounds", "2"]).unwrap(), (vec!["scale"], 2));
        assert!(rounds(&["--rounds", "0"]).is_err());
        assert!(rounds(&["--rounds"]).is_err());
    }

    #[test]
    fn an_unknown_part_is_refused() {
        assert!(run_all(&["everything"]).unwrap_err().message.contains("everything"));
    }
}
