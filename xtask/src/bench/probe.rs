//! The program that is counted, built for one case after the other.

use crate::command::{Failure, Outcome, cargo, quiet};
use std::path::{Path, PathBuf};
use std::process::Command;

/// What was counted of a case.
#[derive(Default)]
pub(crate) struct Counts {
    pub(crate) instructions: f64,
    pub(crate) allocations: f64,
    /// In bytes.
    pub(crate) future: usize,
    /// The whole program's code and constants, in bytes.
    pub(crate) code: usize,
}

/// The program that is counted.
pub(crate) struct Probe {
    pub(crate) program: PathBuf,
    /// Whether it has all the peers in it, or the nearest alone.
    pub(crate) has_peers: bool,
}

impl Probe {
    /// Builds it for one case; without a name, for none.
    pub(crate) fn build(&self, case: &str) -> Outcome {
        let mut build = cargo("build --quiet --release --package persevere-benches --bin persevere-benches");
        if self.has_peers {
            build.args(["--features", "peers"]);
        }
        build.env("PROBE_CASE", case);
        quiet(build).map(drop)
    }

    pub(crate) fn count(&self, case: &str) -> Outcome<Counts> {
        const FEW: u64 = 1_000;
        const MANY: u64 = 3_000;
        self.build(case)?;
        let memory = self.says("memory")?;
        let unreadable = || Failure::new(format!("bench: {case}: cannot read `{memory}`"));
        let (allocations, future) = memory.trim().split_once(' ').ok_or_else(unreadable)?;
        // At once, since neither count is disturbed by what else runs.
        let (few, many) = std::thread::scope(|scope| {
            let few = scope.spawn(|| self.instructions(FEW));
            let many = self.instructions(MANY);
            (few.join(), many)
        });
        let few = few.map_err(|_| Failure::new(format!("bench: {case}: no count")))?;
        Ok(Counts {
            instructions: (many? - few?) / (MANY - FEW) as f64,
            allocations: allocations.parse().map_err(|_| unreadable())?,
            future: future.parse().map_err(|_| unreadable())?,
            code: code(&self.program)?,
        })
    }

    pub(crate) fn says(&self, word: &str) -> Outcome<String> {
        let mut probe = Command::new(&self.program);
        probe.arg(word);
        quiet(probe).map(|(out, _)| out)
    }

    /// All instructions of a process that runs the case so often.
    fn instructions(&self, repetitions: u64) -> Outcome<f64> {
        let mut valgrind = Command::new("valgrind");
        valgrind.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]);
        valgrind.arg(&self.program).arg(repetitions.to_string());
        let (_, report) = quiet(valgrind)?;
        let collected = report
            .split("Collected :")
            .nth(1)
            .and_then(|rest| rest.split_whitespace().next());
        collected
            .and_then(|number| number.parse().ok())
            .ok_or_else(|| Failure::new(format!("bench: no count in what callgrind says: {report}")))
    }
}

/// What of a program is loaded, symbols and the like apart: the columns `text` and `data` of `size`.
fn code(program: &Path) -> Outcome<usize> {
    let mut size = Command::new("size");
    size.arg("--format=berkeley").arg(program);
    let (columns, _) = quiet(size)?;
    sum(&columns).ok_or_else(|| Failure::new(format!("bench: no sizes in what `size` says: {columns}")))
}

fn sum(columns: &str) -> Option<usize> {
    let mut numbers = columns.lines().nth(1)?.split_whitespace();
    let text: usize = numbers.next()?.parse().ok()?;
    let data: usize = numbers.next()?.parse().ok()?;
    Some(text + data)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_loaded_is_added_up() {
        let columns =
            "   text\t   data\t    bss\t    dec\t    hex\tfilename\n 304123\t  11200\t    280\t 315603\t  4d0d3\ta\n";
        assert_eq!(sum(columns), Some(315_323));
        assert_eq!(sum("size: nothing\n"), None);
    }
}
