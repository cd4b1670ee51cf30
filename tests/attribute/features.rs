//! A sleeper that a feature would bring is missed in words: which takes a package without that feature.

use std::fs;
use std::path::Path;
use std::process::Command;

const SOURCE: &str = r#"
#[persevere::retry]
pub fn blocking() -> Result<u32, String> {
    Ok(7)
}

#[persevere::retry]
pub async fn asynchronous() -> Result<u32, String> {
    Ok(7)
}
"#;

/// What the compiler says of a library with both functions.
fn check(features: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let package = Path::new(env!("CARGO_TARGET_TMPDIR")).join("features");
    let manifest = format!(
        "[workspace]\n[package]\nname = \"features\"\nedition = \"2021\"\n[dependencies.persevere]\npath = {:?}\n\
         default-features = false\nfeatures = [{features}]\n",
        root.join("crates/persevere")
    );
    fs::create_dir_all(package.join("src")).unwrap();
    fs::write(package.join("Cargo.toml"), manifest).unwrap();
    fs::write(package.join("src/lib.rs"), SOURCE).unwrap();
    // So that nothing has to be fetched.
    fs::copy(root.join("Cargo.lock"), package.join("Cargo.lock")).unwrap();
    let checked = Command::new(env!("CARGO"))
        .args(["check", "--quiet", "--offline", "--target-dir", "../features-target"])
        .current_dir(&package)
        .output()
        .unwrap();
    // Another cargo may hold a lock, and this one say so, which is nothing of the compiler's; nor is that a wrapper of the
    // compiler has failed with it.
    let said = String::from_utf8(checked.stderr).unwrap();
    let said: String = said
        .lines()
        .filter(|line| !line.contains("Blocking") && !line.contains("process didn't exit successfully"))
        .collect::<Vec<_>>()
        .join("\n");
    assert_eq!(checked.status.success(), said.is_empty(), "{said}");
    said
}

#[test]
fn a_missing_feature_is_named() {
    let said = check("\"macros\"");
    assert!(said.contains("requires the feature `std` of `persevere`"), "{said}");
    assert!(
        said.contains("requires the feature `futures-timer` of `persevere`"),
        "{said}"
    );
    assert_eq!(said.matches("error: ").count(), 3, "and nothing else is wrong: {said}");

    let said = check("\"macros\", \"std\"");
    assert!(
        !said.contains("feature `std`") && said.contains("feature `futures-timer`"),
        "{said}"
    );

    assert_eq!(check("\"macros\", \"std\", \"futures-timer\""), "");
}
