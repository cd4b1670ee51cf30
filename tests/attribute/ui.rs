//! M6: what does not compile, and whether the message says what to write instead.

use std::process::Command;

/// The messages are pinned by this compiler, since every one words them in its own way.
const PINNED_BY: &str = "rustc 1.95.";

#[test]
fn messages_say_what_to_write() {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let version = Command::new(rustc)
        .arg("--version")
        .output()
        .expect("the compiler tells its version")
        .stdout;
    let version = String::from_utf8_lossy(&version);
    if !version.starts_with(PINNED_BY) {
        println!("skipped: the messages are pinned by {PINNED_BY}x, and this is {version}");
        return;
    }
    let tests = trybuild::TestCases::new();
    tests.pass("ui-attribute/pass/*.rs");
    tests.compile_fail("ui-attribute/fail/*.rs");
}
