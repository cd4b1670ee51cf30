//! `cargo xtask msrv`: every published crate, with all its features, by the oldest compiler that the manifests promise.
//!
//! By a toolchain of that version where rustup has one, else by Debian's compiler. Nothing is ever added to rustup's.

use crate::command::{Failure, Outcome, cargo, output, run};
use crate::debian::{Kit, unpack};
use crate::metadata::Workspace;
use std::process::Command;

/// Checks them, at once: that none needs a feature which only another asks for is looked at with the features.
pub(crate) fn check(workspace: &Workspace) -> Outcome {
    let oldest = oldest(workspace)?;
    let mut list = Command::new("rustup");
    list.args(["toolchain", "list"]);
    // Without rustup there is one toolchain, and that is the one which runs this.
    let installed = output(list).unwrap_or_default();
    let toolchain = installed.split_whitespace().find(|name| is_of(name, oldest));
    let compiler = match toolchain {
        Some(_) => None,
        None => match unpack(&workspace.target, Kit::Version(oldest))? {
            Some(kit) => Some(kit.program("rustc")),
            None => return Ok(()),
        },
    };
    let mut check = cargo("check --quiet --locked --all-features");
    check.args(workspace.published().flat_map(|package| ["--package", &package.name]));
    match (toolchain, &compiler) {
        (Some(toolchain), _) => check.env("RUSTUP_TOOLCHAIN", toolchain),
        (None, Some(compiler)) => check.env("RUSTC", compiler),
        (None, None) => &mut check,
    };
    run(check)?;
    println!("msrv: every published crate builds with Rust {oldest}");
    Ok(())
}

/// The version that all manifests name.
fn oldest(workspace: &Workspace) -> Outcome<&str> {
    let mut named = workspace.published().map(|package| package.rust_version.as_deref());
    let first = named.next().flatten();
    match first {
        Some(first) if named.all(|other| other == Some(first)) => Ok(first),
        _ => Err(Failure::new(
            "msrv: not every published package has the same rust-version",
        )),
    }
}

/// Whether a toolchain is of this version of Rust, whatever the last part of its number.
fn is_of(toolchain: &str, version: &str) -> bool {
    toolchain
        .strip_prefix(version)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '-']))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metadata::Package;

    #[test]
    fn a_toolchain_is_known_by_its_version() {
        for name in ["1.2", "1.2.0-x86_64-unknown-linux-gnu", "1.2-x86_64-unknown-linux-gnu"] {
            assert!(is_of(name, "1.2"), "{name}");
        }
        for name in [
            "1.20.0-x86_64-unknown-linux-gnu",
            "stable-x86_64-unknown-linux-gnu",
            "1.1",
        ] {
            assert!(!is_of(name, "1.2"), "{name}");
        }
    }

    #[test]
    fn all_crates_name_one_version() {
        let of = |version: Option<&str>, published| Package {
            rust_version: version.map(str::to_owned),
            published,
            ..Package::default()
        };
        let workspace = |packages| Workspace {
            packages,
            target: "target".into(),
        };
        let one = workspace(vec![of(Some("1.2"), true), of(Some("1.2"), true), of(None, false)]);
        assert_eq!(oldest(&one).unwrap(), "1.2");
        for other in [Some("1.3"), None] {
            assert!(oldest(&workspace(vec![of(Some("1.2"), true), of(other, true)])).is_err());
        }
        assert!(oldest(&workspace(vec![])).is_err());
    }
}
