//! What is written once, in the manifest of the workspace, and inherited.

use super::files::File;
use super::find;
use crate::metadata::Package;

/// What every published crate takes from the workspace.
const INHERITED: [&str; 7] = [
    "version",
    "edition",
    "rust-version",
    "license",
    "repository",
    "categories",
    "keywords",
];

/// What may hold the number and mean another: what happened in the past, and what was measured.
const OTHER_NUMBERS: [&str; 2] = ["CHANGELOG.md", "docs/benchmarks.md"];

/// Checks the manifests, and that no other file repeats the oldest compiler's version.
pub(crate) fn check(packages: &[Package], files: &[File]) -> Vec<String> {
    let mut problems = Vec::new();
    let msrv = find(files, "Cargo.toml").and_then(|root| value(&root.text, "rust-version"));
    let Some(msrv) = msrv else {
        return vec!["Cargo.toml: the workspace has no rust-version".to_owned()];
    };
    for file in files
        .iter()
        .filter(|file| !OTHER_NUMBERS.contains(&file.path.as_str()) && file.extension() != "rs")
    {
        problems.extend(repeated(file, msrv));
    }
    for package in packages {
        if package.rust_version.as_deref() != Some(msrv) {
            problems.push(format!("{}: has not the rust-version of the workspace", package.name));
        }
        if !package.published {
            continue;
        }
        for (what, held) in [("description", &package.description), ("readme", &package.readme)] {
            if held.as_deref().is_none_or(|text| text.trim().is_empty()) {
                problems.push(format!("{}: has no {what}", package.name));
            }
        }
        // Published crates live in folders of their name.
        match find(files, &format!("crates/{}/Cargo.toml", package.name)) {
            Some(manifest) => problems.extend(inherits(manifest)),
            None => problems.push(format!("{}: is not in a folder of its name in crates/", package.name)),
        }
    }
    problems.extend(all_on(packages));
    problems
}

/// The string that `key` is set to in a manifest.
fn value<'a>(manifest: &'a str, key: &str) -> Option<&'a str> {
    let set = manifest
        .lines()
        .find_map(|line| line.strip_prefix(key)?.trim_start().strip_prefix('='))?;
    set.trim().strip_prefix('"')?.strip_suffix('"')
}

/// Places that name the oldest compiler's version again.
fn repeated(file: &File, msrv: &str) -> Vec<String> {
    let is_version = |line: &str| {
        line.match_indices(msrv).any(|(at, _)| {
            let (before, after) = (&line[..at], &line[at + msrv.len()..]);
            !before.ends_with(|c: char| c == '.' || c.is_ascii_digit())
                && !after.starts_with(|c: char| c.is_ascii_digit())
        })
    };
    let origin = format!("rust-version = \"{msrv}\"");
    file.lines()
        .filter(|(_, line)| is_version(line) && !(file.path == "Cargo.toml" && *line == origin))
        .map(|(place, _)| format!("{place}: {msrv} is written once, as rust-version in the root's Cargo.toml"))
        .collect()
}

fn inherits(manifest: &File) -> Vec<String> {
    let mut lines = manifest.text.lines();
    let has = |line: &str| manifest.text.lines().any(|other| other == line);
    let mut missing: Vec<_> = INHERITED
        .iter()
        .map(|key| format!("{key}.workspace = true"))
        .filter(|line| !has(line))
        .collect();
    if !(lines.any(|line| line == "[lints]") && lines.next() == Some("workspace = true")) {
        missing.push("[lints] workspace = true".to_owned());
    }
    missing
        .iter()
        .map(|line| manifest.problem(1, &format!("`{line}` is missing")))
        .collect()
}

/// `cargo test --workspace` is to test everything, so the package of tests turns every feature on.
fn all_on(packages: &[Package]) -> Vec<String> {
    let find = |name: &str| packages.iter().find(|package| package.name == name);
    let (Some(facade), Some(tests)) = (find("persevere"), find("persevere-tests")) else {
        return vec!["there is no package `persevere` or no package `persevere-tests`".to_owned()];
    };
    let used: Vec<_> = tests
        .dependencies
        .iter()
        .filter(|dependency| dependency.name == facade.name)
        .collect();
    let is_on = |feature: &String| {
        used.iter()
            .any(|facade| facade.features.contains(feature) || (feature == "default" && facade.default_features))
    };
    // With `std` named there is nothing more in `default`.
    let off = facade
        .features
        .iter()
        .filter(|feature| *feature != "default" && !is_on(feature));
    off.map(|feature| format!("persevere-tests: leaves the feature `{feature}` of persevere off"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::files::file;
    use super::*;
    use crate::metadata::Dependency;

    #[test]
    fn a_value_is_read() {
        assert_eq!(
            value("[workspace.package]\nrust-version = \"1.2\"\n", "rust-version"),
            Some("1.2")
        );
        assert_eq!(value("rust-version.workspace = true\n", "rust-version"), None);
    }

    #[test]
    fn a_second_version_is_found() {
        for text in ["rust-version = \"1.2\"", "Rust 1.2 or later", "rust: [1.2.0]", "(1.2)"] {
            assert_eq!(repeated(&file("crates/a/Cargo.toml", text), "1.2").len(), 1, "{text}");
        }
        for text in [
            "a = \"0.1.2\"",
            "a = \"1.20\"",
            "a = \"11.2\"",
            "rust-version.workspace = true",
        ] {
            assert_eq!(repeated(&file("Cargo.toml", text), "1.2"), [""; 0], "{text}");
        }
        assert_eq!(repeated(&file("Cargo.toml", "rust-version = \"1.2\""), "1.2"), [""; 0]);
    }

    #[test]
    fn what_is_not_inherited_is_found() {
        let all: String = INHERITED
            .iter()
            .map(|key| format!("{key}.workspace = true\n"))
            .collect();
        let good = format!("[package]\n{all}\n[lints]\nworkspace = true\n");
        assert_eq!(inherits(&file("Cargo.toml", &good)), [""; 0]);
        assert_eq!(
            inherits(&file(
                "Cargo.toml",
                &good.replace("license.workspace = true", "license = \"MIT\"")
            ))
            .len(),
            1
        );
        assert_eq!(
            inherits(&file("Cargo.toml", &good.replace("[lints]\nworkspace = true\n", ""))).len(),
            1
        );
    }

    #[test]
    fn a_feature_that_no_test_turns_on_is_found() {
        let facade = Package {
            name: "persevere".to_owned(),
            features: ["default", "smol", "std"].map(str::to_owned).to_vec(),
            ..Package::default()
        };
        let tests = |features: &[&str]| Package {
            name: "persevere-tests".to_owned(),
            dependencies: vec![Dependency {
                name: "persevere".to_owned(),
                features: features.iter().map(|&feature| feature.to_owned()).collect(),
                ..Dependency::default()
            }],
            ..Package::default()
        };
        assert_eq!(all_on(&[facade.clone(), tests(&["smol", "std"])]), [""; 0]);
        assert_eq!(all_on(&[facade.clone(), tests(&["smol"])]).len(), 1);
        assert_eq!(all_on(&[facade]).len(), 1);
    }
}
