//! `cargo xtask tidy`: the rules of this repository that no other tool checks.

use crate::project::Project;
use anyhow::{Result, ensure};
use cargo_metadata::{DependencyKind, Package};
use xshell::cmd;

const CORE: &str = "persevere-core";
const FACADE: &str = "persevere";
const TESTKIT: &str = "persevere-testkit";
const BREAKER: &str = "persevere-breaker";
const BUDGET: &str = "persevere-budget";
const LIMIT: &str = "persevere-limit";
const HEDGE: &str = "persevere-hedge";
const CONFIG: &str = "persevere-config";
const CLI: &str = "persevere-cli";

/// The crates that other crates are built on. Only the facade and the command depend on an adapter.
const PARTS: [&str; 9] = [
    "core",
    "breaker",
    "budget",
    "hedge",
    "http",
    "limit",
    "config",
    "telemetry",
    "tower",
];

/// The dependencies of the core, of its features, and of the testkit, whose users want to build little.
const UNDER_CORE: [&str; 1] = ["pin-project-lite"];
const BESIDE_CORE: [&str; 2] = ["defmt", "serde"];
const UNDER_TESTKIT: [&str; 2] = [CORE, "socket2"];

/// The crates that share hidden items, so that each needs exactly its own version of the others.
const PINNED: [&str; 9] = [
    FACADE,
    CORE,
    "persevere-macros",
    BREAKER,
    BUDGET,
    HEDGE,
    LIMIT,
    CONFIG,
    CLI,
];

/// A sample of the documentation that does not run, and so proves nothing.
const UNPROVED: &str = r"^ *(//[/!] *)?```([a-z0-9_]+, *)*(ignore|no_run)";

/// Checks white space, samples, and the arrows between crates.
pub(crate) fn check(project: &Project) -> Result<()> {
    let sh = &project.sh;
    let empty_tree = cmd!(sh, "git hash-object -t tree /dev/null").quiet().read()?;
    cmd!(sh, "git --no-pager diff --check {empty_tree} -- . :!tests/fuzz/seeds").run()?;
    let unproved = cmd!(sh, "git grep --line-number --extended-regexp {UNPROVED} -- *.rs *.md");
    let unproved = unproved.ignore_status().read()?;
    ensure!(unproved.is_empty(), "samples that do not run:\n{unproved}");
    let problems = arrows(project);
    ensure!(problems.is_empty(), "arrows between crates:\n{}", problems.join("\n"));
    Ok(())
}

/// A dependency of a published crate.
struct Arrow<'a> {
    from: &'a str,
    to: &'a str,
    versions: String,
    is_for_tests: bool,
    is_optional: bool,
}

/// Lists the dependencies of the published crates that break a rule.
fn arrows(project: &Project) -> Vec<String> {
    let ours: Vec<&str> = project.packages().iter().map(|package| package.name.as_str()).collect();
    let of = |package: &Package| -> Vec<String> {
        let arrows = package.dependencies.iter().map(|dependency| Arrow {
            from: package.name.as_str(),
            to: &dependency.name,
            versions: dependency.req.to_string(),
            is_for_tests: dependency.kind == DependencyKind::Development,
            is_optional: dependency.optional,
        });
        let broken = arrows.filter_map(|arrow| {
            let rule = broken(&arrow, &ours)?;
            Some(format!("{} -> {}: {rule}", arrow.from, arrow.to))
        });
        broken.collect()
    };
    project.published().flat_map(of).collect()
}

/// The rule that a dependency breaks.
fn broken(arrow: &Arrow<'_>, ours: &[&str]) -> Option<&'static str> {
    let Arrow { from, to, .. } = *arrow;
    let is_ours = ours.contains(&to);
    let is_under_core = UNDER_CORE.contains(&to) || (arrow.is_optional && BESIDE_CORE.contains(&to));
    if arrow.is_for_tests {
        let is_by_version = is_ours && arrow.versions != "*";
        is_by_version.then_some("tests name members by path alone, or neither could be published first")
    } else if to == TESTKIT {
        Some("the testkit is for tests")
    } else if from == CORE && !is_under_core {
        Some("the core depends on pin-project-lite, and on defmt and serde by features")
    } else if from == TESTKIT && !UNDER_TESTKIT.contains(&to) {
        Some("the testkit depends on the core and socket2 alone")
    } else if is_ours && ![FACADE, CLI].contains(&from) && !PARTS.contains(&to.trim_start_matches("persevere-")) {
        Some("only the facade and the command depend on adapters")
    } else if is_ours && arrow.versions.starts_with('=') != (PINNED.contains(&from) && PINNED.contains(&to)) {
        Some("crates that share hidden items are pinned to each other, and no others")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_broken(from: &str, to: &str, versions: &str, is_for_tests: bool, is_optional: bool) -> bool {
        let versions = versions.to_owned();
        let arrow = Arrow {
            from,
            to,
            versions,
            is_for_tests,
            is_optional,
        };
        broken(
            &arrow,
            &[
                FACADE,
                CORE,
                TESTKIT,
                BREAKER,
                BUDGET,
                LIMIT,
                CONFIG,
                "persevere-http",
                "persevere-tokio",
            ],
        )
        .is_some()
    }

    #[test]
    fn arrows_that_run_down_pass() {
        assert!(!is_broken(CORE, "pin-project-lite", "^0.2", false, false));
        assert!(!is_broken(CORE, "serde", "^1", false, true));
        assert!(!is_broken("persevere-tokio", CORE, "^0.1", false, false));
        assert!(!is_broken(BREAKER, CORE, "=0.1.0", false, false));
        assert!(!is_broken(FACADE, "persevere-tokio", "^0.1", false, true));
        assert!(!is_broken("persevere-reqwest", "persevere-http", "^0.1", false, false));
        assert!(!is_broken("persevere-redis", LIMIT, "^0.1", false, false));
        assert!(!is_broken("persevere-tonic", BUDGET, "^0.1", false, false));
        assert!(!is_broken(CLI, CONFIG, "=0.1.0", false, false));
        assert!(!is_broken(CORE, FACADE, "*", true, false));
    }

    #[test]
    fn other_arrows_are_found() {
        assert!(is_broken(CORE, FACADE, "=1.0.0", false, false), "up");
        assert!(is_broken(CORE, "serde", "^1", false, false), "not optional");
        assert!(is_broken("persevere-tokio", FACADE, "^1", false, false), "up");
        assert!(is_broken(FACADE, TESTKIT, "^1", false, false), "for tests");
        assert!(is_broken(TESTKIT, "tokio", "^1", false, false), "much to build");
        assert!(is_broken(CONFIG, "persevere-tokio", "^0.1", false, false), "an adapter");
        assert!(is_broken(FACADE, CORE, "^0.1", false, false), "not pinned");
        assert!(is_broken("persevere-tokio", CORE, "=0.1.0", false, false), "pinned");
        assert!(is_broken(CORE, FACADE, "^0.1", true, false), "a test by version");
    }
}
