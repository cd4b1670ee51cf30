//! `cargo xtask ci`: every check, in order.
//!
//! One target directory and one set of flags for all steps, so that nothing is built twice; what differs between them
//! (the features) does so for its own sake. What keeps but one core busy runs beside the others.

use crate::command::{Failure, Outcome, cargo, output_of, run};
use crate::metadata::{Package, Workspace, workspace};
use crate::{api, bench, deny, embedded, matrix, minimal, msrv, package, tidy};
use std::env;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

/// A step by its name.
type Step = (&'static str, fn(&Workspace) -> Outcome);

const STEPS: [Step; 17] = [
    ("lock", |_| lock()),
    ("format", |_| format()),
    ("tidy", |_| tidy::run()),
    ("clippy", |_| {
        clippy("--workspace --all-targets --all-features --keep-going")
    }),
    ("features", features),
    ("deny", deny::check),
    ("docs", docs),
    ("api", |_| api::run_all(&[])),
    ("test", |_| run(cargo("test --workspace"))),
    ("matrix", |_| matrix::run()),
    ("model", |_| model()),
    ("examples", examples),
    ("embedded", |_| embedded::run_all()),
    ("bench", |_| bench::run_all(&["--quick"])),
    ("package", package::check),
    ("msrv", msrv::check),
    ("minimal", minimal::check),
];

/// The steps that run beside the others: they keep one core busy for minutes, of which the others leave one idle.
const BESIDE: [&str; 2] = ["model", "bench"];

/// Runs the steps of these names, or all, until one fails, and prints what each took.
pub(crate) fn run_steps(names: &[&str]) -> Outcome {
    let workspace = workspace()?;
    let (beside, steps): (Vec<Step>, Vec<Step>) =
        chosen(names)?.into_iter().partition(|(name, _)| BESIDE.contains(name));
    let start = Instant::now();
    let here = |(name, step): Step| {
        println!("\n== {name}");
        step(&workspace)
    };
    let (mut times, outcome) = if steps.is_empty() {
        in_order(beside, here)
    } else {
        thread::scope(|scope| {
            let beside = scope.spawn(|| in_order(beside, apart));
            let (mut times, outcome) = in_order(steps, here);
            let (others, of_others) = beside.join().expect("no step panics");
            times.extend(others);
            (times, outcome.and(of_others))
        })
    };
    println!("\n== time");
    times.push(("all", start.elapsed()));
    for (name, time) in times {
        println!("{name:<10}{:>7.1} s", time.as_secs_f64());
    }
    outcome
}

/// Does something for each step until it fails. Says how long each took, and in a failure which step it was.
fn in_order(steps: Vec<Step>, run: impl Fn(Step) -> Outcome) -> (Vec<(&'static str, Duration)>, Outcome) {
    let mut times = Vec::new();
    let outcome = steps.into_iter().try_for_each(|step| {
        let start = Instant::now();
        let outcome = run(step);
        times.push((step.0, start.elapsed()));
        outcome.map_err(|failure| Failure {
            message: format!("ci: {}: {}", step.0, failure.message),
            ..failure
        })
    });
    (times, outcome)
}

/// A step in a process of its own, whose output is shown at its end, in one piece.
fn apart((name, _): Step) -> Outcome {
    let mut step = Command::new(env::current_exe().map_err(Failure::at("this program"))?);
    step.args(["ci", name]);
    let (text, ended) = output_of(step)?;
    println!("{text}");
    ended
}

/// The steps of these names, or all, in order.
fn chosen(names: &[&str]) -> Outcome<Vec<Step>> {
    if let Some(name) = names.iter().find(|name| STEPS.iter().all(|(step, _)| step != *name)) {
        let known: Vec<_> = STEPS.iter().map(|(step, _)| *step).collect();
        return Err(Failure::new(format!(
            "ci: there is no step `{name}`; there are {}",
            known.join(", ")
        )));
    }
    let is_chosen = |step: &Step| names.is_empty() || names.contains(&step.0);
    Ok(STEPS.into_iter().filter(is_chosen).collect())
}

/// The model that takes as long as all others together.
const LONGEST: &str = "three_threads_for_two_probes";

/// What is concurrent, at every interleaving. In a target directory of its own, since the flag changes every crate. The longest
/// beside the others in a process of its own: the stacks of its threads come and go, and within one process wait for each other.
fn model() -> Outcome {
    let test = |what: &str| {
        let mut test = cargo("test --quiet --release --package persevere-model --target-dir target/loom");
        test.env("RUSTFLAGS", "--cfg loom").args(what.split_whitespace());
        run(test)
    };
    test("--no-run")?;
    thread::scope(|scope| {
        let longest = scope.spawn(|| test(&format!("--test breaker -- {LONGEST}")));
        test(&format!("-- --skip {LONGEST}"))?;
        longest.join().expect("it does not panic")
    })
}

/// The packages outside of the workspace, which no `--workspace` reaches.
const OUTSIDE: [&str; 3] = [
    "--manifest-path tests/firmware/Cargo.toml",
    "--manifest-path tests/fuzz/Cargo.toml",
    "--manifest-path tests/no-std/Cargo.toml",
];

/// The lock files answer to the manifests, and what they lock is there.
fn lock() -> Outcome {
    run(cargo("fetch --locked"))?;
    OUTSIDE
        .iter()
        .try_for_each(|package| run(cargo(&format!("fetch --locked {package}"))))
}

fn format() -> Outcome {
    run(cargo("fmt --all --check"))?;
    OUTSIDE
        .iter()
        .try_for_each(|package| run(cargo(&format!("fmt --check {package}"))))
}

fn clippy(what: &str) -> Outcome {
    run(cargo(&format!("clippy --quiet {what} -- -D warnings -D missing_docs")))
}

/// Each published crate by itself, so that no other turns on a feature that it needs: none, then each alone.
fn features(workspace: &Workspace) -> Outcome {
    for package in workspace.published() {
        let name = &package.name;
        clippy(&format!("--package {name} --no-default-features"))?;
        for feature in package.features.iter().filter(|feature| *feature != "default") {
            clippy(&format!("--package {name} --no-default-features --features {feature}"))?;
        }
    }
    let target = workspace.target.display();
    OUTSIDE
        .iter()
        .try_for_each(|package| clippy(&format!("{package} --target-dir {target}")))
}

/// Every link leads somewhere, whatever is on: with no feature, each crate by itself, and then with all, which stays.
fn docs(workspace: &Workspace) -> Outcome {
    let with_features = |package: &&Package| !package.features.is_empty();
    for package in workspace.published().filter(with_features) {
        document(&format!("--package {} --no-default-features", package.name))?;
    }
    document("--workspace --all-features")
}

fn document(what: &str) -> Outcome {
    let mut docs = cargo(&format!("doc --quiet --no-deps {what}"));
    docs.env("RUSTDOCFLAGS", "-Dwarnings");
    run(docs)
}

/// Every example of the workspace, as a reader would run it.
fn examples(workspace: &Workspace) -> Outcome {
    let examples: Vec<_> = workspace
        .packages
        .iter()
        .flat_map(|package| &package.examples)
        .collect();
    if !examples.iter().any(|example| *example == "quickstart") {
        return Err(Failure::new("there is no example `quickstart`"));
    }
    for example in examples {
        let start = Instant::now();
        run(cargo(&format!("run --quiet --example {example}")))?;
        println!("{example}: {:.1} s", start.elapsed().as_secs_f64());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_chosen_by_name() {
        let names = |chosen: Vec<Step>| chosen.into_iter().map(|(name, _)| name).collect::<Vec<_>>();
        assert_eq!(names(chosen(&[]).unwrap()).len(), STEPS.len());
        assert_eq!(
            names(chosen(&["test", "format"]).unwrap()),
            ["format", "test"],
            "in the order of all"
        );
        assert!(chosen(&["tests"]).unwrap_err().message.contains("`tests`"));
    }
}
