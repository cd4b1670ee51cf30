//! On what it was measured, and against which versions.

use crate::command::{Outcome, cargo, quiet};
use std::process::Command;

/// The processor, how many there are, and the compiler, in one line.
pub(crate) fn machine() -> Outcome<String> {
    let mut rustc = Command::new("rustc");
    rustc.arg("--version");
    let (rustc, _) = quiet(rustc)?;
    let processors = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = model(&processors).unwrap_or(std::env::consts::ARCH);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let cores = if cores == 1 {
        "1 core".to_owned()
    } else {
        format!("{cores} cores")
    };
    Ok(format!("{}, {model}, {cores}", rustc.trim()))
}

fn model(processors: &str) -> Option<&str> {
    let line = processors.lines().find(|line| line.starts_with("model name"))?;
    Some(line.split_once(':')?.1.trim())
}

/// What is measured beside `persevere`, each with its version.
pub(crate) struct Versions(pub(crate) Vec<(String, String)>);

impl Versions {
    pub(crate) fn read() -> Outcome<Versions> {
        let (tree, _) = quiet(cargo(
            "tree --package persevere-benches --features peers --depth 1 --edges normal --prefix none",
        ))?;
        Ok(Versions(packages(&tree)))
    }

    pub(crate) fn of(&self, package: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(name, _)| name == package)
            .map(|(_, version)| version.as_str())
    }
}

/// The packages of the registry in what `cargo tree` says, but those that only the probe needs.
fn packages(tree: &str) -> Vec<(String, String)> {
    let is_measured = |name: &str| !matches!(name, "fastrand" | "stats_alloc");
    let package = |line: &str| {
        let (name, rest) = line.split_once(" v")?;
        let is_local = rest.contains("(/");
        let version = rest.split_whitespace().next()?;
        (!is_local && is_measured(name)).then(|| (name.to_owned(), version.to_owned()))
    };
    let mut packages: Vec<_> = tree.lines().filter_map(package).collect();
    packages.sort();
    packages.dedup();
    packages
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_processor_is_read() {
        assert_eq!(
            model("processor\t: 0\nmodel name\t: A Fast One\nmodel name\t: B\n"),
            Some("A Fast One")
        );
        assert_eq!(model("Hardware : board\n"), None);
    }

    #[test]
    fn packages_of_the_registry_are_read() {
        let tree = "persevere-benches v0.1.0 (/home/a)\nbackon v1.6.0\nfastrand v2.5.0\ntokio v1.54.1 (*)\n\
                    persevere v0.1.0 (/home/a/crates)\n";
        let expected =
            [("backon", "1.6.0"), ("tokio", "1.54.1")].map(|(name, version)| (name.to_owned(), version.to_owned()));
        assert_eq!(packages(tree), expected);
    }
}
