//! Many runs at once, and breakers under contention, each measurement in a process of its own.

use super::table::{Table, beside, median, whole};
use crate::project::Project;
use anyhow::{Context, Result};
use xshell::cmd;

/// The threads that call a breaker at once.
const THREADS: [&str; 3] = ["1", "2", "8"];

/// How long calls are counted, in milliseconds.
const MILLISECONDS: &str = "300";

/// The numbers of each contestant, one after the other, each with one figure a round.
type Measured = Vec<Vec<Vec<f64>>>;

/// The output of the program `scale` for each of the contestants, in turns. `what` is its first argument, `more` are
/// its last.
fn measure(project: &Project, contestants: &[&str], rounds: usize, what: &str, more: &[&str]) -> Result<Measured> {
    let sh = &project.sh;
    let build = cmd!(
        sh,
        "cargo build --quiet --release --package persevere-benches --bin scale"
    );
    build.arg("--features=scale").run()?;
    let program = project.target().join("release/scale");
    let mut measured = vec![Vec::new(); contestants.len()];
    for _ in 0..rounds {
        for (contestant, measured) in contestants.iter().zip(&mut measured) {
            let line = cmd!(sh, "{program} {what} {contestant} {more...}").read()?;
            for (index, number) in line.split_whitespace().enumerate() {
                measured.resize(measured.len().max(index + 1), Vec::new());
                measured[index].push(number.parse()?);
            }
        }
    }
    Ok(measured)
}

/// The given number of runs on tokio. All contestants are compared with the first.
pub(crate) fn retries(project: &Project, runs: &str, contestants: &[&str], rounds: usize) -> Result<Table> {
    let mut table = Table::new(["seconds", "seconds of CPU", "KiB at the peak", "bytes of future"]);
    let measured = measure(project, contestants, rounds, "retries", &[runs])?;
    for (contestant, numbers) in contestants.iter().zip(&measured) {
        let cell = |index: usize, places| beside(&numbers[index], &measured[0][index], places);
        let future = whole(median(numbers[3].iter().copied()));
        table.row(*contestant, [cell(0, 3), cell(1, 3), cell(2, 0), future]);
    }
    Ok(table)
}

/// Nanoseconds of a call through a breaker that several threads share, beside the hand-written one.
pub(crate) fn calls(project: &Project, contestants: &[&str], rounds: usize) -> Result<Table> {
    let by_hand = contestants.iter().position(|name| *name == "hand-written");
    let by_hand = by_hand.context("no breaker is hand-written")?;
    let mut columns = Vec::new();
    for threads in THREADS {
        let rates = measure(project, contestants, rounds, "calls", &[threads, MILLISECONDS])?;
        let time = |rates: &Vec<Vec<f64>>| rates[0].iter().map(|rate| 1e9 / rate).collect();
        columns.push(rates.iter().map(time).collect::<Vec<Vec<f64>>>());
    }
    let mut table = Table::new(THREADS.map(|threads| format!("threads: {threads}")));
    for (index, contestant) in contestants.iter().enumerate() {
        let cell = |times: &Vec<Vec<f64>>| beside(&times[index], &times[by_hand], 2);
        table.row(*contestant, columns.iter().map(cell));
    }
    Ok(table)
}
