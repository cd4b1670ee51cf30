//! `cargo xtask ci`: every check, in order, with one target directory and one set of flags, so that nothing is built twice.

use crate::project::{Project, programs};
use crate::{api, bench, embedded, fleet, matrix, msrv, package, report, tidy, tools};
use anyhow::{Context, Result, bail, ensure};
use std::thread;
use std::time::{Duration, Instant};
use xshell::{Shell, cmd};

/// A step: its name, and what it runs.
type Step = (&'static str, fn(&Project) -> Result<()>);

const STEPS: [Step; 16] = [
    ("lock", lock),
    ("format", format),
    ("tidy", tidy::check),
    ("clippy", clippy),
    ("docs", docs),
    ("test", test),
    ("matrix", matrix::run),
    ("examples", examples),
    ("report", report::check),
    ("api", api::check),
    ("embedded", embedded::run),
    ("package", package::check),
    ("msrv", msrv::check),
    ("model", model),
    ("bench", |project| bench::run(project, &["--quick"])),
    ("deny", tools::deny),
];

/// The steps that run beside the others, because they leave a core idle.
const BESIDE: [&str; 3] = ["model", "bench", "deny"];

/// The packages outside of the workspace, which `--workspace` does not reach. The last two have needs that no other
/// package has: `cargo xtask recipes` and `cargo xtask riscv` build them.
const OUTSIDE: [&str; 5] = ["firmware", "fuzz", "no-std", "recipes", "riscv"];

/// Runs a command of cargo in packages outside of the workspace.
fn outside(project: &Project, packages: &[&str], line: &str, flags: &[&str]) -> Result<()> {
    let sh = &project.sh;
    for package in packages {
        let manifest = format!("tests/{package}/Cargo.toml");
        let words = line.split(' ');
        cmd!(sh, "cargo {words...} --manifest-path {manifest} {flags...}").run()?;
    }
    Ok(())
}

/// The time of each step that was run.
type Times = Vec<(&'static str, Duration)>;

/// Runs the named steps, or all, and prints the time of each.
pub(crate) fn run(project: &Project, names: &[&str]) -> Result<()> {
    let start = Instant::now();
    let (beside, steps): (Vec<Step>, Vec<Step>) =
        chosen(names)?.into_iter().partition(|(name, _)| BESIDE.contains(name));
    let here = |(name, step): Step| {
        eprintln!("\n== {name}");
        step(project)
    };
    let ((mut times, outcome), (others, of_others)) = if steps.is_empty() {
        (in_order(beside, here), (vec![], Ok(())))
    } else {
        thread::scope(|scope| {
            let beside = scope.spawn(|| in_order(beside, apart));
            (in_order(steps, here), beside.join().expect("no step panics"))
        })
    };
    times.extend(others);
    times.push(("all", start.elapsed()));
    println!("\n== time");
    for (name, time) in times {
        println!("{name:<10}{:>7.1} s", time.as_secs_f64());
    }
    outcome.and(of_others)
}

/// Runs the steps until one fails.
fn in_order(steps: Vec<Step>, run: impl Fn(Step) -> Result<()>) -> (Times, Result<()>) {
    let mut times = Vec::new();
    let outcome = steps.into_iter().try_for_each(|step| {
        let start = Instant::now();
        let outcome = run(step);
        times.push((step.0, start.elapsed()));
        outcome.with_context(|| format!("step `{}` failed", step.0))
    });
    (times, outcome)
}

/// Runs a step in a process of its own, and prints its output in one piece at its end.
fn apart((name, _): Step) -> Result<()> {
    let (sh, program) = (Shell::new()?, std::env::current_exe()?);
    let output = cmd!(sh, "{program} ci {name}").ignore_status().output()?;
    for stream in [output.stderr, output.stdout] {
        print!("{}", String::from_utf8_lossy(&stream));
    }
    ensure!(output.status.success(), "{}", output.status);
    Ok(())
}

/// The steps of these names, or all, in their order.
fn chosen(names: &[&str]) -> Result<Vec<Step>> {
    if let Some(name) = names.iter().find(|name| STEPS.iter().all(|(step, _)| step != *name)) {
        let known = STEPS.map(|(step, _)| step).join(", ");
        bail!("no step is named `{name}`; the steps are {known}");
    }
    let is_chosen = |(name, _): &Step| names.is_empty() || names.contains(name);
    Ok(STEPS.into_iter().filter(is_chosen).collect())
}

/// The lock files agree with the manifests, and the packages that they name are there.
fn lock(project: &Project) -> Result<()> {
    let sh = &project.sh;
    cmd!(sh, "cargo fetch --locked").run()?;
    outside(project, &OUTSIDE, "fetch --locked", &[])
}

fn format(project: &Project) -> Result<()> {
    let sh = &project.sh;
    cmd!(sh, "cargo fmt --all --check").run()?;
    outside(project, &OUTSIDE, "fmt --check", &[])
}

/// Everything with every feature, the packages outside of the workspace as they are.
fn clippy(project: &Project) -> Result<()> {
    let sh = &project.sh;
    let flags = ["--", "-Dwarnings"];
    let clippy = cmd!(sh, "cargo clippy --quiet --workspace --all-targets --all-features");
    clippy.arg("--keep-going").args(flags).run()?;
    let target = project.target().display();
    let line = format!("clippy --quiet --target-dir {target}");
    outside(project, &OUTSIDE[..3], &line, &flags)
}

/// Every link leads somewhere: without features, each crate by itself, and then with all.
fn docs(project: &Project) -> Result<()> {
    let sh = &project.sh;
    let _flags = sh.push_env("RUSTDOCFLAGS", "-Dwarnings");
    for package in project.published().filter(|package| !package.features.is_empty()) {
        let name = package.name.as_str();
        cmd!(sh, "cargo doc --quiet --no-deps --package {name} --no-default-features").run()?;
    }
    Ok(api::documentation(project).run()?)
}

fn test(project: &Project) -> Result<()> {
    let sh = &project.sh;
    let _server = fleet::with_server(project)?;
    Ok(cmd!(sh, "cargo test --workspace").run()?)
}

/// Every interleaving of the concurrent parts. Each test runs in a process of its own, because the stacks of the
/// checker's threads contend within a process.
fn model(project: &Project) -> Result<()> {
    let nextest = tools::tool(project, "nextest")?.args(["run", "--release", "--package=persevere-model"]);
    Ok(nextest
        .args(["--features=loom", "--status-level=fail", "--show-progress=none"])
        .run()?)
}

/// Every example of the workspace.
fn examples(project: &Project) -> Result<()> {
    let sh = &project.sh;
    // Of the whole workspace, with the features that the tests have built.
    let examples = programs(cmd!(sh, "cargo build --quiet --workspace --examples"))?;
    ensure!(
        examples.iter().any(|example| example.ends_with("quickstart")),
        "there is no example `quickstart`"
    );
    for example in examples {
        let start = Instant::now();
        cmd!(sh, "{example}").run()?;
        println!("{:.1} s", start.elapsed().as_secs_f64());
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
        assert_eq!(names(chosen(&["test", "format"]).unwrap()), ["format", "test"]);
        assert!(chosen(&["tests"]).unwrap_err().to_string().contains("`tests`"));
    }
}
