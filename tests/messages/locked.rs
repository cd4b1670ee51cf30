//! A user's lock file has the packages that are compiled, and no others.

use std::fs;
use std::path::Path;
use std::process::Command;

/// The names in the lock file of a new package, in a folder of this name, that depends on the facade with `features`.
fn locked(folder: &str, features: &str) -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(folder);
    let manifest = format!(
        "[workspace]\n[package]\nname = \"user\"\nedition = \"2024\"\n[dependencies.persevere]\npath = {:?}\n{features}\n",
        root.join("crates/persevere")
    );
    fs::create_dir_all(folder.join("src")).unwrap();
    fs::write(folder.join("Cargo.toml"), manifest).unwrap();
    fs::write(folder.join("src/lib.rs"), "").unwrap();
    // So that nothing is fetched; packages that the user does not need are removed from it.
    fs::copy(root.join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["metadata", "--quiet", "--offline", "--format-version=1"]);
    let output = cargo.current_dir(&folder).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let lock = fs::read_to_string(folder.join("Cargo.lock")).unwrap();
    let names = lock.lines().filter_map(|line| line.strip_prefix("name = "));
    names.map(|name| name.trim_matches('"').to_owned()).collect()
}

#[test]
fn lock_file_with_default_features_has_only_what_is_compiled() {
    let names = [
        "persevere",
        "persevere-blocking",
        "persevere-core",
        "pin-project-lite",
        "user",
    ];
    assert_eq!(locked("locked-by-default", ""), names);
}

#[test]
fn lock_file_with_guards_has_neither_loom_nor_serde() {
    let names = locked("locked-guards", "features = [\"breaker\", \"budget\"]");
    assert!(names.iter().any(|name| name == "portable-atomic"));
    for absent in ["loom", "tracing-subscriber", "serde", "tokio", "persevere-macros"] {
        assert!(!names.iter().any(|name| name == absent), "{absent}");
    }
}
