//! Many runs at once, each contestant in processes of its own.

use super::section::{Figure, Section, ahead, list};
use super::table::{Table, median};
use crate::command::{Failure, Outcome, cargo, quiet};
use crate::metadata::workspace;
use std::path::PathBuf;
use std::process::Command;

const CONTESTANTS: [&str; 6] = [
    "hand-written",
    "persevere",
    "persevere, in place",
    "backon",
    "tokio-retry",
    "tryhard",
];
const RUNS: [usize; 4] = [1_000, 10_000, 100_000, 1_000_000];
/// Which of them is the one that is compared.
const COMPARED: usize = 2;
/// How much more than by hand it may be.
const WANTED: f64 = 1.05;

/// The program that measures time.
pub(crate) struct Scale {
    program: PathBuf,
}

impl Scale {
    pub(crate) fn build() -> Outcome<Scale> {
        quiet(cargo(
            "build --quiet --release --package persevere-benches --features scale --bin scale",
        ))?;
        Ok(Scale {
            program: workspace()?.target.join("release/scale"),
        })
    }

    /// The numbers that it prints.
    pub(crate) fn measure(&self, arguments: &[&str]) -> Outcome<Vec<f64>> {
        let mut scale = Command::new(&self.program);
        scale.args(arguments);
        let (line, _) = quiet(scale)?;
        let numbers: Result<Vec<_>, _> = line.split_whitespace().map(str::parse).collect();
        numbers.map_err(|_| Failure::new(format!("bench: cannot read `{line}`")))
    }
}

/// What was measured of a contestant with so many runs: seconds, seconds of CPU, KiB, and the bytes of one future.
struct Measured(Vec<Vec<f64>>);

const SECONDS: usize = 0;
const CPU: usize = 1;
const MEMORY: usize = 2;
const FUTURE: usize = 3;

impl Measured {
    fn median(&self, what: usize) -> f64 {
        median(self.0.iter().map(|round| round[what])).unwrap_or(f64::NAN)
    }

    /// The median of the ratios in each round.
    fn beside(&self, other: &Measured, what: usize) -> f64 {
        median(self.0.iter().zip(&other.0).map(|(one, other)| one[what] / other[what])).unwrap_or(f64::NAN)
    }
}

/// Measures in turns, and makes the tables.
pub(crate) fn section(scale: &Scale, rounds: usize) -> Outcome<Section> {
    let mut all: Vec<Vec<Measured>> = Vec::new();
    for runs in RUNS {
        let mut measured: Vec<_> = CONTESTANTS.iter().map(|_| Measured(Vec::new())).collect();
        for round in 1..=rounds {
            for (contestant, measured) in CONTESTANTS.iter().zip(&mut measured) {
                let numbers = scale.measure(&["retries", contestant, &runs.to_string()])?;
                if numbers.len() != 4 {
                    return Err(Failure::new(format!("bench: {contestant}: {} numbers", numbers.len())));
                }
                println!(
                    "scale {round}/{rounds}: {runs} runs, {contestant}: {:.3} s of CPU, {} KiB",
                    numbers[CPU], numbers[MEMORY]
                );
                measured.0.push(numbers);
            }
        }
        all.push(measured);
    }
    Ok(Section {
        text: text(&all, rounds),
        behind: behind(&all[COMPARED]),
    })
}

fn text(all: &[Vec<Measured>], rounds: usize) -> String {
    let mut compared = Table::new(["", "seconds", "seconds of CPU", "MiB at the peak", "bytes of future"]);
    let mut grown = vec![String::new()];
    grown.extend(RUNS.iter().map(|runs| format!("{runs}")));
    let (mut time, mut memory) = (Table::new(grown.clone()), Table::new(grown));
    for (index, contestant) in CONTESTANTS.iter().enumerate() {
        let (measured, by_hand) = (&all[COMPARED][index], &all[COMPARED][0]);
        let beside = |what: usize, figure: f64, places: usize| {
            format!("{figure:.places$} ({:.2})", measured.beside(by_hand, what))
        };
        compared.row([
            (*contestant).to_owned(),
            beside(SECONDS, measured.median(SECONDS), 3),
            beside(CPU, measured.median(CPU), 3),
            beside(MEMORY, measured.median(MEMORY) / 1024.0, 1),
            format!("{:.0}", measured.median(FUTURE)),
        ]);
        let per_run = |what: usize, factor: f64, places: usize| {
            let cells = all.iter().zip(RUNS).map(move |(measured, runs)| {
                format!("{:.places$}", measured[index].median(what) * factor / runs as f64)
            });
            [(*contestant).to_owned()].into_iter().chain(cells)
        };
        time.row(per_run(CPU, 1e6, 2));
        memory.row(per_run(MEMORY, 1024.0, 0));
    }
    format!(
        "\n## Many runs at once\n\n\
         {} runs on tokio, on one thread, all there before the first begins. Each fails twice and waits 10 to 100 ms after a\n\
         failure, by the same random numbers for all contestants, then succeeds. Each figure is of a process of its own: the\n\
         median of {rounds}, in turns, in brackets its ratio to the loop by hand, the median of the ratios in each turn.\n\n\
         {compared}\n\
         As they become more: microseconds of CPU for each run, and bytes at the peak for each, those of the program included.\n\n\
         {time}\n{memory}",
        RUNS[COMPARED]
    )
}

/// Others that take less, and where ours takes more than is wanted.
fn behind(all: &[Measured]) -> Vec<String> {
    let by_hand = &all[0];
    let mut lines = Vec::new();
    for (name, what) in [("CPU", CPU), ("memory", MEMORY)] {
        let place = format!("Many runs at once, {name}, times that by hand");
        let figures = CONTESTANTS.iter().zip(all).skip(1).map(|(contestant, measured)| {
            let value = measured.beside(by_hand, what);
            Figure {
                value,
                shown: format!("{contestant} {value:.2}"),
            }
        });
        let (ours, others): (Vec<_>, Vec<_>) = figures.partition(|figure| figure.shown.starts_with("persevere"));
        if ours.iter().any(|figure| figure.value > WANTED) {
            lines.push(format!("{place}: {}, where {WANTED} is wanted", list(&ours)));
        }
        lines.extend(ahead(&place, others, &ours));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    /// In two rounds, of which the second is twice as slow for all.
    fn measured(cpu: f64, memory: f64) -> Measured {
        Measured(vec![vec![1.0, cpu, memory, 128.0], vec![2.0, 2.0 * cpu, memory, 128.0]])
    }

    #[test]
    fn figures_stand_beside_those_by_hand() {
        let row = || CONTESTANTS.iter().map(|_| measured(0.1, 1024.0)).collect::<Vec<_>>();
        let mut all = vec![row(), row(), row(), row()];
        all[COMPARED][1] = measured(0.11, 2048.0);
        let text = text(&all, 2);
        assert!(
            text.contains("| persevere | 1.500 (1.00) | 0.165 (1.10) | 2.0 (2.00) | 128 |"),
            "{text}"
        );
        assert!(
            text.contains("| hand-written | 150.00 | 15.00 | 1.50 | 0.15 |"),
            "{text}"
        );
        let behind = behind(&all[COMPARED]);
        assert_eq!(behind.len(), 4, "{behind:?}");
        assert!(behind[0].contains("CPU") && behind[0].ends_with("where 1.05 is wanted"));
    }
}
