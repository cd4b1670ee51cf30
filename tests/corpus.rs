//! The findings of the fuzzer, played again: each target on every file of its folder.

use persevere_tests::compare::TARGETS;
use std::fs;
use std::path::Path;

/// Each folder belongs to a target, and each target has a folder.
#[test]
fn corpus_holds() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds");
    let mut names: Vec<_> = files(&folder)
        .iter()
        .map(|path| path.file_name().unwrap().to_string_lossy().into_owned())
        .collect();
    names.sort();
    assert_eq!(names, TARGETS.map(|(name, _)| name));
    for (name, check) in TARGETS {
        let files = files(&folder.join(name));
        assert!(!files.is_empty(), "there is nothing in the folder of `{name}`");
        for file in files {
            println!("{}", file.display());
            check(&fs::read(file).unwrap());
        }
    }
}

fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(folder).unwrap();
    entries.map(|entry| entry.unwrap().path()).collect()
}
