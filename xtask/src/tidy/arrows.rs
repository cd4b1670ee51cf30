//! The arrows between the crates: all run down to the core.

use crate::metadata::Package;

const CORE: &str = "persevere-core";
const FACADE: &str = "persevere";
const TESTKIT: &str = "persevere-testkit";

/// All that the core may stand on.
const UNDER_CORE: [&str; 2] = ["fastrand", "pin-project-lite"];

/// What a feature may put beside them.
const BESIDE_CORE: [&str; 1] = ["serde"];

/// All that the testkit may stand on: whoever takes it for tests is to build little.
const UNDER_TESTKIT: [&str; 2] = [CORE, "socket2"];

/// Checks what the published crates depend on, their tests apart.
pub(crate) fn check(packages: &[Package]) -> Vec<String> {
    let published: Vec<_> = packages.iter().filter(|package| package.published).collect();
    let is_ours = |name: &str| packages.iter().any(|package| package.name == name);
    let mut problems = Vec::new();
    for name in [CORE, FACADE] {
        if !published.iter().any(|package| package.name == name) {
            problems.push(format!("there is no published crate `{name}`"));
        }
    }
    for package in published {
        for dependency in package.shipped() {
            let (from, to) = (package.name.as_str(), dependency.name.as_str());
            let is_under_core = UNDER_CORE.contains(&to) || (dependency.optional && BESIDE_CORE.contains(&to));
            let broken = if to == TESTKIT {
                Some("the testkit is for tests: nothing published depends on it")
            } else if from == CORE && !is_under_core {
                Some("the core stands on fastrand and pin-project-lite alone, and on serde if asked")
            } else if from == TESTKIT && !UNDER_TESTKIT.contains(&to) {
                Some("the testkit stands on the core and socket2 alone")
            } else if from != FACADE && is_ours(to) && to != CORE {
                Some("of the crates here, only the facade depends on others than the core")
            } else {
                None
            };
            if let Some(broken) = broken {
                problems.push(format!("{from} -> {to}: {broken}"));
            }
        }
        for dependency in package.dependencies.iter().filter(|dependency| dependency.dev) {
            if is_ours(&dependency.name) && dependency.versions != "*" {
                problems.push(format!(
                    "{} -> {}: for tests it goes by path alone, or neither can be published first",
                    package.name, dependency.name
                ));
            }
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metadata::Dependency;

    fn package(name: &str, dependencies: &[&str]) -> Package {
        let shipped = |name: &&str| Dependency {
            name: (*name).to_owned(),
            versions: "^1".to_owned(),
            ..Dependency::default()
        };
        Package {
            name: name.to_owned(),
            published: true,
            dependencies: dependencies.iter().map(shipped).collect(),
            ..Package::default()
        }
    }

    fn workspace() -> Vec<Package> {
        vec![
            package(CORE, &["fastrand", "pin-project-lite"]),
            package("persevere-tokio", &[CORE, "tokio"]),
            package(TESTKIT, &[CORE]),
            package(FACADE, &[CORE, "persevere-tokio"]),
        ]
    }

    #[test]
    fn arrows_that_run_down_are_in_order() {
        let mut packages = workspace();
        packages[0].dependencies.push(Dependency {
            name: "serde".to_owned(),
            optional: true,
            ..Dependency::default()
        });
        assert_eq!(check(&packages), [""; 0]);
    }

    #[test]
    fn arrows_that_do_not_are_found() {
        for (from, to) in [
            (CORE, FACADE),
            (CORE, "libc"),
            (CORE, "serde"),
            ("persevere-tokio", FACADE),
            (FACADE, TESTKIT),
            (TESTKIT, FACADE),
            (TESTKIT, "tokio"),
            ("persevere-tokio", TESTKIT),
        ] {
            let mut packages = workspace();
            let package = packages.iter_mut().find(|package| package.name == from).unwrap();
            package.dependencies.push(Dependency {
                name: to.to_owned(),
                ..Dependency::default()
            });
            let problems = check(&packages);
            assert!(
                problems.len() == 1 && problems[0].starts_with(&format!("{from} -> {to}: ")),
                "{problems:?}"
            );
        }
    }

    #[test]
    fn dependencies_of_tests_are_by_path() {
        let mut packages = workspace();
        let dependency = |versions: &str| Dependency {
            name: FACADE.to_owned(),
            versions: versions.to_owned(),
            dev: true,
            ..Dependency::default()
        };
        packages[0].dependencies.push(dependency("*"));
        assert_eq!(check(&packages), [""; 0]);
        packages[0].dependencies.push(dependency("^0.1.0"));
        assert_eq!(check(&packages).len(), 1);
    }

    #[test]
    fn a_missing_crate_is_found() {
        assert_eq!(check(&workspace()[1..]).len(), 1);
    }
}
