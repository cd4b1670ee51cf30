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
use xshell::{Cmd, cmd};

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

/// The documentation of every published crate with all its features.
pub(crate) fn documentation(project: &Project) -> Cmd<'_> {
    let target = project.target().join("api");
    let doc = cmd!(
        project.sh,
        "cargo doc --quiet --no-deps --all-features --target-dir {target}"
    );
    // Set also where nothing unstable is used, so that dependencies are checked once.
    doc.args(project.published_arguments()).env("RUSTC_BOOTSTRAP", "1")
}

fn write(project: &Project, folder: &Path) -> Result<()> {
    let sh = &project.sh;
    let flags = "-Zunstable-options --output-format=json --cap-lints=allow";
    documentation(project).env("RUSTDOCFLAGS", flags).run()?;
    sh.remove_path(folder)?;
    let is_library = |package: &&Package| {
        let mut targets = package.targets.iter();
        targets.any(|target| target.is_lib() || target.is_proc_macro())
    };
    for package in project.published().filter(is_library) {
        let json = format!("api/doc/{}.json", package.name.replace('-', "_"));
        let items = listed(&project.target().join(json))?;
        sh.write_file(folder.join(format!("{}.txt", package.name)), items)?;
    }
    Ok(())
}

/// The items, one a line, without automatic and blanket implementations, and without the methods of derived
/// implementations. Whether a type is `Copy` matters to its users; how it is cloned does not.
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
