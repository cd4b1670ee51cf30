//! What a dependency brings along, and how long it takes to build.

use super::machine::Versions;
use super::section::{Figure, Section, ahead};
use super::subjects::{GROUPS, Group, Subject};
use super::table::{Table, median};
use crate::command::{Failure, Outcome, cargo, quiet};
use crate::metadata::workspace;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

/// A subject with what was found of it.
struct Built<'a> {
    subject: &'a Subject,
    folder: PathBuf,
    /// Packages that are linked, and all, those that run while building included.
    packages: (usize, usize),
    /// One for each round, in seconds.
    seconds: Vec<f64>,
}

/// Counts the packages and times as many builds from nothing, in turns.
pub(crate) fn section(versions: &Versions, rounds: usize) -> Outcome<Section> {
    let mut section = Section {
        text: format!(
            "\n## Dependencies and build time\n\n\
             Packages that come along with one, itself not counted: those that are linked, and all, with those that run while\n\
             it is built. The time is that of a release build from nothing, everything fetched: the median of {rounds}, in\n\
             turns, in brackets its ratio to the first of its table, the median of the ratios in each turn.\n"
        ),
        ..Section::default()
    };
    let folder = workspace()?.target.join("bench/builds");
    for group in &GROUPS {
        let mut all: Vec<_> = group
            .subjects
            .iter()
            .map(|subject| prepare(subject, versions, folder.join(subject.folder())))
            .collect::<Outcome<_>>()?;
        for round in 1..=rounds {
            for built in &mut all {
                let seconds = build(&built.folder)?;
                println!(
                    "build {round}/{rounds}: {} ({}): {seconds:.2} s",
                    built.subject.package,
                    built.subject.features()
                );
                built.seconds.push(seconds);
            }
        }
        section.text += &format!("\n### {}\n\n{}", group.title, table(&all));
        section.behind.extend(behind(group, &all));
    }
    Ok(section)
}

/// Lays out a package that depends on the subject, with the versions that this repository has locked.
fn prepare<'a>(subject: &'a Subject, versions: &Versions, folder: PathBuf) -> Outcome<Built<'a>> {
    let at = || Failure::at(folder.display());
    let crates = std::env::current_dir().map_err(at())?.join("crates");
    std::fs::create_dir_all(&folder).map_err(at())?;
    let manifest = subject.manifest(&crates, versions.of(subject.package));
    std::fs::write(folder.join("Cargo.toml"), manifest).map_err(at())?;
    std::fs::write(folder.join("lib.rs"), "//! Nothing.\n").map_err(at())?;
    std::fs::copy("Cargo.lock", folder.join("Cargo.lock")).map_err(at())?;
    quiet(within(&folder, "fetch"))?;
    let (linked, _) = quiet(within(
        &folder,
        "tree --edges normal,no-proc-macro --prefix none --offline",
    ))?;
    let (all, _) = quiet(within(&folder, "tree --edges normal,build --prefix none --offline"))?;
    Ok(Built {
        subject,
        packages: (packages(&linked), packages(&all)),
        folder,
        seconds: Vec::new(),
    })
}

fn within(folder: &Path, line: &str) -> Command {
    let mut command = cargo(line);
    command
        .current_dir(folder)
        .env("CARGO_TARGET_DIR", folder.join("target"));
    command
}

/// The packages in what `cargo tree` says, but the root and the subject, each once.
fn packages(tree: &str) -> usize {
    let packages: BTreeSet<_> = tree
        .lines()
        .map(|line| line.trim_end_matches(" (*)"))
        .filter(|line| !line.is_empty())
        .collect();
    packages.len().saturating_sub(2)
}

/// Builds from nothing, and returns the seconds that took.
fn build(folder: &Path) -> Outcome<f64> {
    let target = folder.join("target");
    if target.exists() {
        std::fs::remove_dir_all(&target).map_err(Failure::at(target.display()))?;
    }
    let start = Instant::now();
    quiet(within(folder, "build --release --offline --quiet"))?;
    let took = start.elapsed().as_secs_f64();
    std::fs::remove_dir_all(&target).map_err(Failure::at(target.display()))?;
    Ok(took)
}

impl Built<'_> {
    fn seconds(&self) -> f64 {
        median(self.seconds.iter().copied()).unwrap_or(f64::NAN)
    }

    /// The median of the ratios in each round.
    fn beside(&self, other: &Built<'_>) -> f64 {
        median(self.seconds.iter().zip(&other.seconds).map(|(one, other)| one / other)).unwrap_or(f64::NAN)
    }
}

fn table(all: &[Built<'_>]) -> Table {
    let mut table = Table::new(["", "features", "packages linked", "all", "seconds to build"]);
    for built in all {
        let (linked, packages) = built.packages;
        table.row([
            built.subject.package.to_owned(),
            built.subject.features(),
            linked.to_string(),
            packages.to_string(),
            format!("{:.2} ({:.2})", built.seconds(), built.beside(&all[0])),
        ]);
    }
    table
}

/// Others that bring less along, or build quicker, than the least of ours.
fn behind(group: &Group, all: &[Built<'_>]) -> Vec<String> {
    let least = &all[0];
    let less = |what: &str, figure: &dyn Fn(&Built<'_>) -> (f64, String)| {
        let figure = |built: &Built<'_>| {
            let (value, shown) = figure(built);
            Figure {
                value,
                shown: format!("{} ({}) {shown}", built.subject.package, built.subject.features()),
            }
        };
        let others = all.iter().filter(|built| !built.subject.is_ours()).map(figure);
        ahead(&format!("{}, {what}", group.title), others, &[figure(least)])
    };
    let lines = [
        less("packages linked", &|built| {
            (built.packages.0 as f64, built.packages.0.to_string())
        }),
        less("seconds to build", &|built| {
            (built.beside(least), format!("{:.2}", built.seconds()))
        }),
    ];
    lines.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_are_counted_once() {
        let tree = "subject v0.0.0 (/a)\nbackon v1.6.0\nfastrand v2.5.0\n\nfastrand v2.5.0 (*)\n";
        assert_eq!(packages(tree), 1);
    }

    #[test]
    fn what_is_less_is_told_of() {
        let group = &GROUPS[0];
        let built = |index: usize, linked, seconds: [f64; 3]| Built {
            subject: &group.subjects[index],
            folder: PathBuf::new(),
            packages: (linked, linked),
            seconds: seconds.to_vec(),
        };
        let all = [
            built(0, 2, [1.0, 2.0, 1.0]),
            built(1, 1, [0.1; 3]),
            built(3, 1, [1.1, 1.9, 1.2]),
        ];
        assert_eq!(all[2].beside(&all[0]), 1.1);
        let behind = behind(group, &all);
        assert_eq!(
            behind,
            ["Retries without a runtime, packages linked: backon (none) 1, beside persevere-core (none) 2"]
        );
    }
}
