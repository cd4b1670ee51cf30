//! What does not compile, and whether the compiler's message says what to write instead.

use std::process::Command;

/// The messages are pinned by this compiler, since every one words them in its own way.
const PINNED_BY: &str = "rustc 1.95.";

/// B5 and the wrong kinds of sleeper, classifier and operation: each is a compile error with a message that helps.
/// The orders in which a run can be set up all compile.
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
    tests.compile_fail("ui/*.rs");
    tests.pass("ui/pass/*.rs");
}
