//! Mistakes in files (contract F3, F4): each file of `mistakes` with its message beside it.
//!
//! `PERSEVERE_CONFIG_UPDATE=1 cargo test -p persevere-config --test mistakes` writes the messages.

#![cfg(feature = "toml")]

use persevere_config::Sources;
use std::fs;
use std::path::{Path, PathBuf};

#[test]
fn every_mistake_has_its_message() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mistakes");
    let is_update = std::env::var_os("PERSEVERE_CONFIG_UPDATE").is_some();
    let mut files: Vec<PathBuf> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.retain(|path| path.extension().is_some_and(|end| end == "toml"));
    files.sort();
    assert!(files.len() >= 30, "{} files", files.len());
    let mut wrong = Vec::new();
    for file in files {
        let settings = Sources::new().file(&file).and_then(|sources| Ok(sources.settings()?));
        let Err(error) = settings else {
            wrong.push(format!("{} has no mistake", file.display()));
            continue;
        };
        // The same wherever the repository lies.
        let message = error.to_string().replace(&format!("{}/", folder.display()), "") + "\n";
        let snapshot = file.with_extension("txt");
        if is_update {
            fs::write(&snapshot, message).unwrap();
        } else if fs::read_to_string(&snapshot).unwrap_or_default() != message {
            wrong.push(format!("{}:\n{message}", file.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
