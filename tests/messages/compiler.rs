//! The compiler whose messages are pinned.

use std::process::Command;

/// The wording of messages depends on the version of the compiler.
const PINNED_BY: &str = "rustc 1.95.";

/// Whether the messages of this compiler are pinned. If not, it prints that they are not compared.
pub(crate) fn words_its_messages_as_pinned() -> bool {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let version = Command::new(rustc)
        .arg("--version")
        .output()
        .expect("the compiler tells its version")
        .stdout;
    let version = String::from_utf8_lossy(&version);
    let is_pinned = version.starts_with(PINNED_BY);
    if !is_pinned {
        println!("skipped: the messages are pinned by {PINNED_BY}x, and this is {version}");
    }
    is_pinned
}
