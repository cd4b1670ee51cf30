//! `cargo xtask api`: what users can name of each published crate, beside what `tests/api` says.
//!
//! Rustdoc writes it as JSON, a format that is not stable: so the compiler is told by `RUSTC_BOOTSTRAP` to write it all
//! the same, which takes no other toolchain than the one of all steps, and builds in a target directory of its own.

use crate::command::{Failure, Outcome, cargo, run, skip};
use crate::metadata::workspace;
use public_api::Builder;
use serde_json::Value;
use std::collections::HashSet;
use std::fs;
use std::path::Path;
use std::process::Command;

/// One file for each published crate.
const SNAPSHOTS: &str = "tests/api";

/// What writes them again.
const UPDATE: &str = "cargo xtask api --update";

/// Compares every crate with its snapshot, prints what differs, and fails then; with `--update` writes them.
pub(crate) fn run_all(options: &[&str]) -> Outcome {
    let workspace = workspace()?;
    let names: Vec<&str> = workspace.published().map(|package| package.name.as_str()).collect();
    let target = workspace.target.join("api");
    document(&names, &target)?;
    let mut listings = Vec::new();
    for name in &names {
        let json = target.join(format!("doc/{}.json", name.replace('-', "_")));
        if let Some(why) = unreadable(&json)? {
            return skip("api", &why);
        }
        listings.push((format!("{name}.txt"), listed(&json)?));
    }
    let snapshots = Path::new(SNAPSHOTS);
    if options.contains(&"--update") {
        write(snapshots, &listings)?;
    } else {
        let found = target.join("found");
        write(&found, &listings)?;
        compare(snapshots, &found)?;
    }
    println!("api: {} crates are as in {SNAPSHOTS}", names.len());
    Ok(())
}

/// Writes the files, and removes whatever else was there.
fn write(folder: &Path, files: &[(String, String)]) -> Outcome {
    if folder.exists() {
        fs::remove_dir_all(folder).map_err(Failure::at(folder.display()))?;
    }
    fs::create_dir_all(folder).map_err(Failure::at(folder.display()))?;
    for (name, text) in files {
        let path = folder.join(name);
        fs::write(&path, text).map_err(Failure::at(path.display()))?;
    }
    Ok(())
}

/// Prints how the files differ, if they do. Git compares what is outside of a repository as well.
fn compare(snapshots: &Path, found: &Path) -> Outcome {
    let mut diff = Command::new("git");
    diff.args(["--no-pager", "diff", "--no-index", "--unified=1", "--"]);
    diff.args([snapshots, found]);
    run(diff).map_err(|_| {
        Failure::new(format!(
            "api: not as in {SNAPSHOTS}; if that is meant, `{UPDATE}` writes it there"
        ))
    })
}

/// The documentation of these crates with all their features, as JSON. Hidden items are not in it.
fn document(names: &[&str], target: &Path) -> Outcome {
    let mut document = cargo("doc --quiet --no-deps --lib --all-features --target-dir");
    document.arg(target);
    for name in names {
        document.args(["--package", name]);
    }
    document.env("RUSTC_BOOTSTRAP", "1");
    document.env(
        "RUSTDOCFLAGS",
        "-Zunstable-options --output-format=json --cap-lints=allow",
    );
    run(document)
}

/// Why this compiler's JSON cannot be read, if so: each format has its readers.
fn unreadable(json: &Path) -> Outcome<Option<String>> {
    let text = fs::read_to_string(json).map_err(Failure::at(json.display()))?;
    let format: Value = serde_json::from_str(&text).map_err(Failure::at(json.display()))?;
    let (written, read) = (&format["format_version"], rustdoc_types::FORMAT_VERSION);
    Ok((*written != read).then(|| {
        format!(
            "this rustdoc writes JSON of format {written}, and the crate `public-api` in xtask/Cargo.toml reads {read}: \
             take the version of it that reads {written}, and `{UPDATE}`"
        )
    }))
}

/// The items one a line: all but automatic and blanket implementations, and the methods of derived ones.
fn listed(json: &Path) -> Outcome<String> {
    let items = |derived: bool| {
        let builder = Builder::from_rustdoc_json(json)
            .omit_blanket_impls(true)
            .omit_auto_trait_impls(true)
            .omit_auto_derived_impls(!derived);
        let api = builder.build().map_err(Failure::at(json.display()))?;
        Ok(api.items().map(ToString::to_string).collect::<Vec<_>>())
    };
    let written: HashSet<String> = items(false)?.into_iter().collect();
    let mut listed = items(true)?;
    listed.retain(|item| written.contains(item) || is_derived_impl(item));
    Ok(listed.iter().map(|item| format!("{item}\n")).collect())
}

/// That a type is `Copy` is seen by its users, how it is cloned is not. `StructuralPartialEq` comes with `PartialEq`.
fn is_derived_impl(item: &str) -> bool {
    item.starts_with("impl") && !item.contains("::StructuralPartialEq for ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_type_derives_is_listed_and_how_is_not() {
        for item in [
            "impl core::marker::Copy for a::A",
            "impl<T: core::clone::Clone> core::clone::Clone for a::B<T>",
        ] {
            assert!(is_derived_impl(item), "{item}");
        }
        for item in [
            "pub fn a::A::clone(&self) -> a::A",
            "impl core::marker::StructuralPartialEq for a::A",
        ] {
            assert!(!is_derived_impl(item), "{item}");
        }
    }

    /// A folder for one test, removed at its end.
    fn in_folder(name: &str, test: impl FnOnce(&Path)) {
        let folder = std::env::temp_dir().join(format!("persevere-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        test(&folder);
        fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn another_format_is_told() {
        in_folder("format", |folder| {
            let json = folder.join("a.json");
            let [other, same] = [0, rustdoc_types::FORMAT_VERSION].map(|format| {
                fs::write(&json, format!("{{\"format_version\":{format}}}")).unwrap();
                unreadable(&json).unwrap()
            });
            let other = other.unwrap();
            assert!(
                other.contains("writes JSON of format 0") && !other.contains('\n'),
                "{other}"
            );
            assert_eq!(same, None);
        });
    }

    #[test]
    fn what_differs_is_found() {
        in_folder("differ", |folder| {
            let files = |names: &[&str], text: &str| -> Vec<_> {
                names.iter().map(|&name| (name.to_owned(), text.to_owned())).collect()
            };
            let [one, two] = ["one", "two"].map(|name| folder.join(name));
            write(&one, &files(&["a", "b"], "pub mod a\n")).unwrap();
            for (other, is_same) in [
                (files(&["a", "b"], "pub mod a\n"), true),
                (files(&["a", "b"], "pub mod b\n"), false),
                (files(&["a"], "pub mod a\n"), false),
                (files(&["a", "b", "c"], "pub mod a\n"), false),
            ] {
                write(&two, &other).unwrap();
                assert_eq!(compare(&one, &two).is_ok(), is_same, "{other:?}");
            }
        });
    }
}
