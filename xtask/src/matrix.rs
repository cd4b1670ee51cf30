//! `cargo xtask matrix`: every behaviour in every world, as a table.

use crate::project::Project;
use anyhow::{Result, ensure};
use std::collections::BTreeMap;
use xshell::cmd;

/// The worlds, as the tests name them.
const WORLDS: [&str; 8] = [
    "thread",
    "tokio_current_thread",
    "tokio_multi_thread",
    "async_std",
    "smol",
    "async_executor",
    "futures_timer",
    "virtual_time",
];

/// The result of each behaviour in each world: `pass`, `FAIL`, or the reason why it is ignored.
type Matrix = BTreeMap<String, BTreeMap<String, String>>;

/// Runs the matrix and prints it. Fails if a behaviour fails in a world, or is not tested there without a reason.
pub(crate) fn run(project: &Project) -> Result<()> {
    let sh = &project.sh;
    // Of the whole workspace, with the features that the tests have built.
    let tests = cmd!(sh, "cargo test --workspace --test matrix --no-fail-fast");
    let tests = tests.ignore_status().output()?;
    let text = String::from_utf8_lossy(&tests.stdout);
    let matrix = read(&text);
    print!("{}", table(&matrix));
    ensure!(
        tests.status.success(),
        "{text}{}",
        String::from_utf8_lossy(&tests.stderr)
    );
    check(&matrix)
}

/// Reads lines of tests, such as `test runs::exhausted::thread ... ok`. An ignored test repeats its reason after its name.
fn read(text: &str) -> Matrix {
    let mut matrix = Matrix::new();
    for line in text.lines().filter_map(|line| line.strip_prefix("test ")) {
        let Some((name, result)) = line.split_once(" ... ") else {
            continue;
        };
        let name = name.split(" - ").next().unwrap_or(name);
        let Some((behaviour, world)) = name.rsplit_once("::") else {
            continue;
        };
        let cell = match result.strip_prefix("ignored, ") {
            Some(reason) => reason,
            None if result == "ok" => "pass",
            None => "FAIL",
        };
        let cells = matrix.entry(behaviour.to_owned()).or_default();
        cells.insert(world.to_owned(), cell.to_owned());
    }
    matrix
}

/// One line for each behaviour, one column for each world, and the reasons below.
fn table(matrix: &Matrix) -> String {
    let width = matrix.keys().map(String::len).max().unwrap_or(0);
    let mut table = format!("{:width$}  {}\n", "", WORLDS.join("  "));
    let mut reasons: Vec<&str> = Vec::new();
    for (behaviour, cells) in matrix {
        table += &format!("{behaviour:width$}");
        for world in WORLDS {
            let cell = match cells.get(world).map_or("?", String::as_str) {
                short @ ("pass" | "FAIL" | "?") => short.to_owned(),
                reason => {
                    let known = reasons.iter().position(|known| *known == reason);
                    reasons.extend(known.is_none().then_some(reason));
                    format!("- [{}]", known.unwrap_or(reasons.len() - 1) + 1)
                }
            };
            table += &format!("  {cell:<width$}", width = world.len());
        }
        table += "\n";
    }
    for (index, reason) in reasons.iter().enumerate() {
        table += &format!("[{}] {reason}\n", index + 1);
    }
    table
}

/// Fails unless every behaviour has a cell in every world, and nothing else has one.
fn check(matrix: &Matrix) -> Result<()> {
    ensure!(!matrix.is_empty(), "no test of the matrix was run");
    for (behaviour, cells) in matrix {
        let is_whole = cells.len() == WORLDS.len() && WORLDS.iter().all(|world| cells.contains_key(*world));
        ensure!(is_whole, "`{behaviour}` is not tested in each of {}", WORLDS.join(", "));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn behaviour_without_a_world_is_found() {
        let of = |world: &&str| format!("test runs::exhausted::{world} - it blocks ... ignored, it blocks\n");
        let text: String = WORLDS[1..].iter().map(of).collect();
        assert!(check(&read(&text)).is_err() && check(&read("")).is_err());
        let text = text + "test runs::exhausted::thread ... ok\n";
        assert!(check(&read(&text)).is_ok());
        assert!(table(&read(&text)).ends_with("  - [1]       \n[1] it blocks\n"));
        assert!(check(&read(&(text + "test runs::exhausted::other ... ok\n"))).is_err());
    }
}
