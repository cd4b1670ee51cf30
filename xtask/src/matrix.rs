//! `cargo xtask matrix`: every behaviour in every world, as a table.

use crate::command::{Failure, Outcome, cargo, output_of};
use std::collections::BTreeMap;

/// The worlds, as the tests name them.
const WORLDS: [&str; 7] = [
    "thread",
    "tokio_current_thread",
    "tokio_multi_thread",
    "async_std",
    "smol",
    "futures_timer",
    "virtual_time",
];

/// Runs the matrix and prints it. Fails if a behaviour fails in a world, or is not tested there without saying why.
pub(crate) fn run() -> Outcome {
    let (text, ended) = output_of(cargo("test --package persevere-tests --test matrix --no-fail-fast"))?;
    let matrix = Matrix::read(&text);
    print!("{}", matrix.table());
    if ended.is_err() {
        println!("\n{text}");
    }
    ended?;
    matrix.complete()
}

/// How one behaviour went in one world.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Cell {
    Passed,
    Failed,
    /// For this reason there is none.
    Absent(String),
}

/// The cells of each behaviour, by its world.
#[derive(Debug, Default)]
struct Matrix(BTreeMap<String, BTreeMap<String, Cell>>);

impl Matrix {
    /// Reads what the tests print: `test runs::exhausted::thread ... ok`.
    fn read(text: &str) -> Matrix {
        let mut matrix = Matrix::default();
        for line in text.lines() {
            let Some((name, result)) = line.strip_prefix("test ").and_then(|line| line.split_once(" ... ")) else {
                continue;
            };
            // An ignored test repeats its reason after its name.
            let name = name.split(" - ").next().unwrap_or(name);
            let Some((behaviour, world)) = name.rsplit_once("::") else {
                continue;
            };
            let cell = match result.split_once(", ") {
                Some(("ignored", why)) => Cell::Absent(why.to_owned()),
                _ if result == "ok" => Cell::Passed,
                _ => Cell::Failed,
            };
            matrix
                .0
                .entry(behaviour.to_owned())
                .or_default()
                .insert(world.to_owned(), cell);
        }
        matrix
    }

    /// One line for each behaviour, one column for each world, and why some cells are empty.
    fn table(&self) -> String {
        let width = self.0.keys().map(String::len).max().unwrap_or(0);
        let mut table = format!("{:width$}", "");
        for world in WORLDS {
            table += &format!("  {}", world.replace('_', " "));
        }
        let mut reasons: Vec<&str> = Vec::new();
        for (behaviour, cells) in &self.0 {
            table += &format!("\n{behaviour:width$}");
            for world in WORLDS {
                let cell = match cells.get(world) {
                    Some(Cell::Passed) => "pass".to_owned(),
                    Some(Cell::Failed) => "FAIL".to_owned(),
                    Some(Cell::Absent(why)) => {
                        let known = reasons.iter().position(|reason| reason == why);
                        let number = known.unwrap_or_else(|| {
                            reasons.push(why);
                            reasons.len() - 1
                        });
                        format!("- [{}]", number + 1)
                    }
                    None => "?".to_owned(),
                };
                table += &format!("  {cell:<width$}", width = world.len());
            }
            table.truncate(table.trim_end().len());
        }
        for (index, reason) in reasons.iter().enumerate() {
            table += &format!("\n[{}] {reason}", index + 1);
        }
        table + "\n"
    }

    /// Whether every behaviour has a cell in every world, and nothing else has one.
    fn complete(&self) -> Outcome {
        let is_whole = |cells: &BTreeMap<String, Cell>| {
            cells.len() == WORLDS.len() && WORLDS.iter().all(|world| cells.contains_key(*world))
        };
        let broken = self.0.iter().find(|(_, cells)| !is_whole(cells));
        match broken {
            _ if self.0.is_empty() => Err(Failure::new("matrix: no test was run")),
            Some((behaviour, _)) => Err(Failure::new(format!(
                "matrix: `{behaviour}` is not tested in each of {}",
                WORLDS.join(", ")
            ))),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the tests print of a behaviour that goes so on a thread, and passes elsewhere.
    fn printed(behaviour: &str, on_a_thread: &str) -> String {
        let mut text = format!("running 7 tests\ntest {behaviour}::thread{on_a_thread}\n");
        for world in &WORLDS[1..] {
            text += &format!("test {behaviour}::{world} ... ok\n");
        }
        text + "\ntest result: ok. 7 passed\n"
    }

    #[test]
    fn a_table_is_read_and_shown() {
        let text = printed("runs::exhausted", " ... ok") + &printed("awaited::dropped", " ... ignored, it blocks");
        let matrix = Matrix::read(&text);
        assert!(matrix.complete().is_ok());
        let table = matrix.table();
        let lines: Vec<_> = table.lines().collect();
        assert_eq!(lines.len(), 4);
        assert!(lines[0].ends_with("smol  futures timer  virtual time"), "{table}");
        assert!(lines[1].starts_with("awaited::dropped  - [1]   pass"), "{table}");
        assert!(lines[2].starts_with("runs::exhausted   pass    pass"), "{table}");
        assert_eq!(lines[3], "[1] it blocks");
        assert_eq!(lines[1].find("pass"), lines[0].find("tokio"));
    }

    #[test]
    fn failures_are_shown() {
        let matrix = Matrix::read(&printed("runs::exhausted", " ... FAILED"));
        assert!(matrix.table().contains("FAIL"));
        assert_eq!(matrix.0["runs::exhausted"]["thread"], Cell::Failed);
    }

    #[test]
    fn a_world_that_is_left_out_is_found() {
        let text = printed("runs::exhausted", " ... ok");
        let less = text.replace("test runs::exhausted::smol ... ok\n", "");
        assert!(Matrix::read(&less).complete().is_err());
        assert!(Matrix::read(&less).table().contains('?'));
        let more = text + "test runs::exhausted::another ... ok\n";
        assert!(Matrix::read(&more).complete().is_err());
        assert!(Matrix::read("").complete().is_err());
    }
}
