//! `cargo xtask tidy`: rules of this repository that neither the compiler nor clippy knows.

mod arrows;
mod code;
mod files;
mod manifests;
mod modules;
mod readme;
mod sources;

use crate::command::{Failure, Outcome};
use crate::metadata::workspace;
use files::File;
use std::path::Path;

/// Checks all rules, and prints every place where one is broken.
pub(crate) fn run() -> Outcome {
    let packages = workspace()?.packages;
    let files = files::read(Path::new("."))?;
    let problems = [
        arrows::check(&packages),
        modules::check(&files),
        sources::check(&files),
        manifests::check(&packages, &files),
        readme::check(&packages, &files),
    ]
    .concat();
    for problem in &problems {
        println!("{problem}");
    }
    if problems.is_empty() {
        println!(
            "tidy: {} packages and {} files are in order",
            packages.len(),
            files.len()
        );
        Ok(())
    } else {
        Err(Failure::new(format!("tidy: {} problems", problems.len())))
    }
}

/// The file of this path, from the root.
fn find<'a>(files: &'a [File], path: &str) -> Option<&'a File> {
    files.iter().find(|file| file.path == path)
}
