//! `cargo xtask api`: the public items of each published crate, beside `tests/api`.
//!
//! The library of `cargo-public-api` reads them from rustdoc's JSON. `RUSTC_BOOTSTRAP` opens that format to the stable
//! compiler, in a target directory of its own.

use crate::project::Project;
use anyhow::{Context, Result};
use cargo_metadata::Package;
use public_api::Builder;
use std::collections::HashSet;
use std::path::Path;
use xshell::cmd;

/// One file for each published crate.
const SNAPSHOTS: &str = "tests/api";

/// Compares every crate with its snapshot, and prints the differences.
pub(crate) fn check(project: &Project) -> Result<()> {
    let found = project.target().join("api/found");
    write(project, &found)?;
    let sh = &project.sh;
    // Git compares folders outside of a repository as well.
    let diff = cmd!(sh, "git --no-pager diff --no-index --unified=0 {SNAPSHOTS} {found}");
    diff.run()
        .context("the public API has changed: `cargo xtask api --update` writes the new snapshots")
}

/// Writes the snapshots.
pub(crate) fn update(project: &Project) -> Result<()> {
    write(project, &project.root.join(SNAPSHOTS))
}

fn write(project: &Project, folder: &Path) -> Result<()> {
    let (sh, target) = (&project.sh, project.target().join("api"));
    let doc = cmd!(
        sh,
        "cargo doc --quiet --no-deps --lib --all-features --target-dir {target}"
    );
    let is_library = |package: &&Package| {
        package
            .targets
            .iter()
            .any(|target| target.is_lib() || target.is_proc_macro())
    };
    let libraries = || project.published().filter(is_library);
    let doc = doc.args(libraries().map(|package| format!("--package={}", package.name)));
    let doc = doc.env("RUSTC_BOOTSTRAP", "1");
    doc.env(
        "RUSTDOCFLAGS",
        "-Zunstable-options --output-format=json --cap-lints=allow",
    )
    .run()?;
    sh.remove_path(folder)?;
    for package in libraries() {
        let json = target.join(format!("doc/{}.json", package.name.replace('-', "_")));
        sh.write_file(folder.join(format!("{}.txt", package.name)), listed(&json)?)?;
    }
    Ok(())
}

/// The items, one a line, without automatic and blanket implementations and without the methods of derived ones: whether a
/// type is `Copy` matters to its users, how it is cloned does not.
fn listed(json: &Path) -> Result<String> {
    let items = |omit_derived: bool| -> Result<Vec<String>> {
        let builder = Builder::from_rustdoc_json(json).omit_blanket_impls(true);
        let builder = builder
            .omit_auto_trait_impls(true)
            .omit_auto_derived_impls(omit_derived);
        Ok(builder.build()?.items().map(ToString::to_string).collect())
    };
    let written: HashSet<String> = items(true)?.into_iter().collect();
    let is_derived_impl = |item: &str| item.starts_with("impl") && !item.contains("::StructuralPartialEq for ");
    let listed = items(false)?.into_iter();
    let listed = listed.filter(|item| written.contains(item) || is_derived_impl(item));
    Ok(listed.map(|item| item + "\n").collect())
}
