//! The message about a default sleeper without its feature, in a package without the feature.

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

/// The errors of the compiler for a library with both functions.
fn check(features: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let package = Path::new(env!("CARGO_TARGET_TMPDIR")).join("features");
    let manifest = format!(
        "[workspace]\n[package]\nname = \"features\"\nedition = \"2021\"\n[dependencies.persevere]\npath = {:?}\n\
         default-features = false\nfeatures = [{features}]\n",
        root.join("crates/persevere")
    );
    fs::create_dir_all(package.join("src")).unwrap();
    fs::write(package.join("Cargo.toml"), manifest).unwrap();
    fs::write(package.join("src/lib.rs"), SOURCE).unwrap();
    // The lock file makes `--offline` possible.
    fs::copy(root.join("Cargo.lock"), package.join("Cargo.lock")).unwrap();
    let checked = Command::new(env!("CARGO"))
        .args(["check", "--quiet", "--offline", "--target-dir", "../features-target"])
        .current_dir(&package)
        .output()
        .unwrap();
    // Other lines are not the compiler's: cargo waits for a lock, or a wrapper of the compiler fails.
    let errors = String::from_utf8(checked.stderr).unwrap();
    let errors: String = errors
        .lines()
        .filter(|line| !line.contains("Blocking") && !line.contains("process didn't exit successfully"))
        .collect::<Vec<_>>()
        .join("\n");
    assert_eq!(checked.status.success(), errors.is_empty(), "{errors}");
    errors
}

#[test]
fn missing_feature_is_named() {
    let errors = check("\"macros\"");
    assert!(errors.contains("needs the feature `std` of `persevere`"), "{errors}");
    assert!(
        errors.contains("needs the feature `futures-timer` of `persevere`"),
        "{errors}"
    );
    assert_eq!(errors.matches("error: ").count(), 3, "nothing else is wrong: {errors}");

    let errors = check("\"macros\", \"std\"");
    assert!(
        !errors.contains("feature `std`") && errors.contains("feature `futures-timer`"),
        "{errors}"
    );

    assert_eq!(check("\"macros\", \"std\", \"futures-timer\""), "");
}
