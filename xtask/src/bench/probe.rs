//! The program that is counted, built for one case after the other.
//!
//! Counted is the difference of two numbers of repetitions, so that start-up cancels out.

use crate::project::Project;
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};
use xshell::{Shell, cmd};

const FEW: u64 = 1_000;
const MANY: u64 = 3_000;

/// The counts of a case: the last three in bytes.
pub(crate) struct Counts {
    pub(crate) instructions: f64,
    pub(crate) allocations: f64,
    pub(crate) future: f64,
    /// The code and constants of the whole program.
    pub(crate) code: f64,
}

/// The optional parts of the probe.
#[derive(Clone, Copy)]
pub(crate) enum With {
    Nothing,
    Peers,
    Telemetry,
}

pub(crate) struct Probe<'p> {
    project: &'p Project,
    program: PathBuf,
    /// Whether all peers are in it, or the nearest alone; whether runs are observed.
    with: With,
}

impl Probe<'_> {
    pub(crate) fn new(project: &Project, with: With) -> Result<Probe<'_>> {
        let program = project.target().join("release/persevere-benches");
        let probe = Probe { project, program, with };
        probe.build("")?;
        Ok(probe)
    }

    /// The words that it prints for the argument `list`, `memory` or `overhead`.
    pub(crate) fn says(&self, word: &str) -> Result<Vec<String>> {
        let (sh, program) = (&self.project.sh, &self.program);
        let text = cmd!(sh, "{program} {word}").quiet().read()?;
        Ok(text.split_whitespace().map(str::to_owned).collect())
    }

    /// Counts a case, and prints the result.
    pub(crate) fn count(&self, case: &str) -> Result<Counts> {
        self.build(case)?;
        let memory = self.says("memory")?;
        // At once: neither count is disturbed by the other.
        let program = &self.program;
        let (many, few) = std::thread::scope(|scope| {
            let few = scope.spawn(|| instructions(program, FEW));
            let many = instructions(program, MANY);
            (many, few.join().expect("counting does not panic"))
        });
        let counts = Counts {
            instructions: (many? - few?) / (MANY - FEW) as f64,
            allocations: memory.first().context("no allocations")?.parse()?,
            future: memory.get(1).context("no future")?.parse()?,
            code: code(&self.project.sh, &self.program)?,
        };
        let Counts {
            instructions, future, ..
        } = counts;
        println!("{case:<44} {instructions:>10.1} instructions, future of {future} bytes");
        Ok(counts)
    }

    /// Builds it for one case; without a name, for none.
    fn build(&self, case: &str) -> Result<()> {
        let sh = &self.project.sh;
        let build = cmd!(sh, "cargo build --quiet --release --package persevere-benches");
        let build = build.arg("--bin=persevere-benches");
        let build = build.args(match self.with {
            With::Nothing => None,
            With::Peers => Some("--features=peers"),
            With::Telemetry => Some("--features=telemetry"),
        });
        Ok(build.env("PROBE_CASE", case).quiet().run()?)
    }
}

/// All instructions of a process that runs the case the given number of times.
fn instructions(program: &Path, repetitions: u64) -> Result<f64> {
    let sh = Shell::new()?;
    let valgrind = cmd!(sh, "valgrind --tool=callgrind --callgrind-out-file=/dev/null {program}");
    let valgrind = valgrind.arg(repetitions.to_string());
    let report = valgrind.quiet().ignore_stdout().read_stderr()?;
    let collected = report.split("Collected :").nth(1);
    let collected = collected.and_then(|rest| rest.split_whitespace().next());
    Ok(collected.context("callgrind prints no count")?.parse()?)
}

/// The bytes of a program that are loaded: the columns `text` and `data` of `size`.
pub(crate) fn code(sh: &Shell, program: &Path) -> Result<f64> {
    let columns = cmd!(sh, "size --format=berkeley {program}").quiet().read()?;
    let numbers = columns.lines().nth(1).context("`size` prints no sizes")?;
    let numbers = numbers.split_whitespace().take(2).map(str::parse::<f64>);
    Ok(numbers.sum::<Result<f64, _>>()?)
}
