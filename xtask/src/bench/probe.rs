//! The program that is measured, built for one case after the other.

use crate::command::{Failure, Outcome, cargo, quiet};
use std::path::PathBuf;
use std::process::Command;

/// What was counted of a case.
pub(crate) struct Counts {
    pub(crate) instructions: f64,
    pub(crate) allocations: f64,
    pub(crate) future: usize,
}

/// The program that is measured.
pub(crate) struct Probe {
    pub(crate) program: PathBuf,
}

impl Probe {
    /// Builds it for one case; without a name, for none.
    pub(crate) fn build(&self, case: &str) -> Outcome {
        let mut build = cargo("build --quiet --release --package persevere-benches");
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
        Ok(Counts {
            instructions: (self.instructions(MANY)? - self.instructions(FEW)?) / (MANY - FEW) as f64,
            allocations: allocations.parse().map_err(|_| unreadable())?,
            future: future.parse().map_err(|_| unreadable())?,
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
