//! `cargo xtask mutants`: changes the code in one place at a time, and lists the changes that no test minds.
//!
//! What need not be minded is in `.cargo/mutants.toml`, each with its reason. A mutant is tried by the tests that are
//! about its crate. Those that run the compiler take a minute each, and are left out.

use crate::command::{Failure, Outcome, output_of};
use crate::metadata::workspace;
use crate::tool::{path, tool};
use serde_json::Value;
use std::fs;

/// The tests.
const TESTS: &str = "persevere-tests";

/// What is changed, and the test binaries that are to mind it, beside the unit tests.
const CRATES: [(&str, &[&str]); 4] = [
    (
        "persevere-core",
        &["attribute", "behaviour", "budget", "corpus", "guarded", "sleepers"],
    ),
    ("persevere-breaker", &["breaker", "corpus", "guarded"]),
    ("persevere-budget", &["budget", "corpus", "guarded"]),
    ("persevere-macros", &["attribute", "corpus"]),
];

/// Tries the mutants of these crates, or of all. `--shard N/M` tries every Mth alone.
pub(crate) fn run_all(options: &[&str]) -> Outcome {
    let (shard, names) = parse(options)?;
    let workspace = workspace()?;
    let target = workspace.target.join("mutants");
    tool("nextest", &workspace)?;
    let mut survivors = 0;
    for (name, tests) in CRATES
        .iter()
        .filter(|(name, _)| names.is_empty() || names.contains(name))
    {
        let folder = target.join(name);
        fs::create_dir_all(&folder).map_err(Failure::at(folder.display()))?;
        let mut mutants = tool("mutants", &workspace)?;
        mutants.env("PATH", path(&workspace)?);
        mutants.args(["mutants", "--no-shuffle", "--colors", "never", "--package", name]);
        // As an argument of cargo, since the tests of another package would not be run on the code as it is.
        mutants.args([&format!("--cargo-arg=--package={TESTS}"), "--cargo-arg=--lib"]);
        mutants.args(tests.iter().map(|test| format!("--cargo-arg=--test={test}")));
        mutants.args(
            shard
                .iter()
                .flat_map(|shard| ["--sharding", "round-robin", "--shard", shard]),
        );
        mutants.arg("--output").arg(&folder);
        mutants.args(["--", "--profile=mutants", "--max-fail=1:immediate"]);
        mutants.args(["-E", "not test(/^(ui|features)::/)"]);
        // Survivors have an exit code of their own; what they are is in the report.
        let (log, ended) = output_of(mutants)?;
        let report = folder.join("mutants.out/outcomes.json");
        let text = fs::read_to_string(&report).map_err(Failure::at(report.display()))?;
        let score = score(&text).ok_or_else(|| Failure::new(format!("{}: not understood", report.display())))?;
        if score.tried() == 0 {
            print!("{log}");
            ended?;
        }
        println!("{name}: {}", score.line());
        for survivor in &score.survivors {
            println!("  {survivor}");
        }
        survivors += score.survivors.len();
    }
    if survivors == 0 {
        return Ok(());
    }
    Err(Failure::new(format!(
        "mutants: no test minds {survivors} changes: add a test, or the reason why none is needed to .cargo/mutants.toml"
    )))
}

/// The shard and the names.
fn parse<'o>(options: &[&'o str]) -> Outcome<(Option<&'o str>, Vec<&'o str>)> {
    let (mut shard, mut names) = (None, Vec::new());
    let mut options = options.iter();
    while let Some(option) = options.next() {
        match *option {
            "--shard" => {
                let next = options.next().copied();
                shard = Some(next.ok_or_else(|| Failure::new("mutants: which shard? `--shard 0/8`"))?);
            }
            name if CRATES.iter().any(|(known, _)| *known == name) => names.push(name),
            name => {
                let known = CRATES.map(|(name, _)| name).join(", ");
                return Err(Failure::new(format!("mutants: `{name}` is none of {known}")));
            }
        }
    }
    Ok((shard, names))
}

/// What became of the mutants.
#[derive(Debug, Default, PartialEq)]
struct Score {
    caught: usize,
    /// A test did not end in time.
    timeout: usize,
    /// They did not compile.
    unviable: usize,
    survivors: Vec<String>,
}

impl Score {
    /// Those that tests could mind.
    fn tried(&self) -> usize {
        self.caught + self.timeout + self.survivors.len()
    }

    fn line(&self) -> String {
        let minded = self.caught + self.timeout;
        let share = 100.0 * minded as f64 / self.tried().max(1) as f64;
        format!(
            "{minded} of {} mutants are minded, {share:.1} % ({} by a test that fails, {} by one that does not end); {} do not compile",
            self.tried(),
            self.caught,
            self.timeout,
            self.unviable
        )
    }
}

/// The score of a report.
fn score(text: &str) -> Option<Score> {
    let report: Value = serde_json::from_str(text).ok()?;
    let mut score = Score::default();
    for outcome in report["outcomes"].as_array()? {
        let Some(name) = outcome["scenario"]["Mutant"]["name"].as_str() else {
            // The code as it is.
            continue;
        };
        match outcome["summary"].as_str()? {
            "CaughtMutant" => score.caught += 1,
            "Timeout" => score.timeout += 1,
            "Unviable" => score.unviable += 1,
            _ => score.survivors.push(name.to_owned()),
        }
    }
    Some(score)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_a_shard_and_names() {
        assert_eq!(parse(&[]).unwrap(), (None, vec![]));
        let options = ["persevere-core", "--shard", "1/8"];
        assert_eq!(parse(&options).unwrap(), (Some("1/8"), vec!["persevere-core"]));
        assert!(parse(&["--shard"]).is_err() && parse(&["core"]).is_err());
    }

    #[test]
    fn a_report_is_summed_up() {
        let outcome = |name: &str, summary: &str| {
            format!(r#"{{"scenario": {{"Mutant": {{"name": "{name}"}}}}, "summary": "{summary}"}}"#)
        };
        let outcomes = [
            r#"{"scenario": "Baseline", "summary": "Success"}"#.to_owned(),
            outcome("a", "CaughtMutant"),
            outcome("b", "MissedMutant"),
            outcome("c", "Timeout"),
            outcome("d", "Unviable"),
        ];
        let score = score(&format!(r#"{{"outcomes": [{}]}}"#, outcomes.join(","))).unwrap();
        assert_eq!((score.tried(), score.unviable), (3, 1));
        assert_eq!(score.survivors, ["b"]);
        assert!(
            score.line().starts_with("2 of 3 mutants are minded, 66.7 %"),
            "{}",
            score.line()
        );
        assert_eq!(super::score("{}"), None);
    }
}
