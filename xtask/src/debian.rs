//! Debian's compilers and tools, unpacked into a folder of their own below the target directory: nothing is installed.
//!
//! rustup's compilers come without the library's source, and its targets would have to be downloaded from outside a
//! package registry. Debian's `rustc-web` has the source in a package, an older version beside it, and an LLVM of the same
//! major version in its tools.

use crate::command::{Failure, Outcome, quiet, run, skip};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};

/// What is unpacked together.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Kit<'a> {
    /// The newest compiler, and the source of its library.
    Newest,
    /// The compiler of this version, such as `1.85`.
    Version(&'a str),
    /// An emulator of microcontrollers.
    Emulator,
    /// LLVM's tools of this major version.
    Llvm(u32),
}

/// Where a kit is.
#[derive(Debug)]
pub(crate) struct Unpacked {
    folder: PathBuf,
}

impl Unpacked {
    /// A program of the kit.
    pub(crate) fn program(&self, name: &str) -> PathBuf {
        self.folder.join("programs").join(name)
    }
}

impl Kit<'_> {
    fn name(self) -> String {
        match self {
            Kit::Newest => "rust".to_owned(),
            Kit::Version(version) => format!("rust-{version}"),
            Kit::Emulator => "emulator".to_owned(),
            Kit::Llvm(major) => format!("llvm-{major}"),
        }
    }

    /// The packages that are asked for, as `apt-get` is told of them.
    fn packages(self) -> Outcome<Vec<String>> {
        match self {
            Kit::Newest => compiler("", &["rust-web-src"]),
            Kit::Version(version) => compiler(&format!("{version}."), &[]),
            Kit::Emulator => Ok(vec!["qemu-system-arm".to_owned()]),
            Kit::Llvm(major) => Ok(vec![format!("llvm-{major}")]),
        }
    }

    /// Its programs: the name, and what is run.
    fn programs(self) -> Vec<(&'static str, String)> {
        let plain = |name| (name, format!("usr/bin/{name}"));
        let of_llvm = |name, major| (name, format!("usr/bin/{name}-{major}"));
        match self {
            Kit::Newest | Kit::Version(_) => vec![plain("rustc"), plain("rustdoc")],
            Kit::Emulator => vec![plain("qemu-system-arm")],
            Kit::Llvm(major) => vec![of_llvm("llvm-cov", major), of_llvm("llvm-profdata", major)],
        }
    }
}

/// The kit, unpacked below `target` unless it is there already; none, with a line that says so, where it cannot be had.
/// In CI that is an error.
pub(crate) fn unpack(target: &Path, kit: Kit<'_>) -> Outcome<Option<Unpacked>> {
    let folder = target.join("debian").join(kit.name());
    let finished = folder.join("finished");
    if !finished.exists() {
        if let Err(failure) = fill(&folder, kit) {
            let why = format!("{}; this takes Debian 12's apt-get and archive", failure.message);
            return skip(&kit.name(), &why).map(|()| None);
        }
        fs::write(&finished, "").map_err(Failure::at(finished.display()))?;
    }
    Ok(Some(Unpacked { folder }))
}

fn fill(folder: &Path, kit: Kit<'_>) -> Outcome {
    println!("{}: unpacking Debian's packages to {}", kit.name(), folder.display());
    update();
    let archives = folder.join("archives");
    if folder.exists() {
        fs::remove_dir_all(folder).map_err(Failure::at(folder.display()))?;
    }
    fs::create_dir_all(&archives).map_err(Failure::at(archives.display()))?;

    let mut download = Command::new("apt-get");
    download.args(["download", "-qq"]).current_dir(&archives);
    let named = kit.packages()?;
    download.args(&named).args(missing(&named)?);
    quiet(download)?;
    for archive in fs::read_dir(&archives).map_err(Failure::at(archives.display()))? {
        let archive = archive.map_err(Failure::at(archives.display()))?;
        let mut extract = Command::new("dpkg");
        extract.arg("-x").arg(archive.path()).arg(folder);
        quiet(extract)?;
    }
    fs::remove_dir_all(&archives).map_err(Failure::at(archives.display()))?;

    let programs = folder.join("programs");
    fs::create_dir_all(&programs).map_err(Failure::at(programs.display()))?;
    for (name, program) in kit.programs() {
        let path = programs.join(name);
        fs::write(&path, script(folder, &program)).map_err(Failure::at(path.display()))?;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).map_err(Failure::at(path.display()))?;
    }
    Ok(())
}

/// Reads anew what there is to be had, once. Without permission to do so, the lists have to do as they are.
fn update() {
    static DONE: AtomicBool = AtomicBool::new(false);
    if !DONE.swap(true, Ordering::Relaxed) {
        let mut update = Command::new("apt-get");
        update.args(["update", "-qq"]);
        if let Err(failure) = run(update) {
            println!("{}", failure.message);
        }
    }
}

/// The packages of a compiler whose version begins so, all of one version, and those of `more`.
fn compiler(prefix: &str, more: &[&str]) -> Outcome<Vec<String>> {
    let mut madison = Command::new("apt-cache");
    madison.args(["madison", "rustc-web"]);
    let (table, _) = quiet(madison)?;
    let version = newest(&table, prefix)
        .ok_or_else(|| Failure::new(format!("there is no package `rustc-web` of a version {prefix}*")))?;
    let minor: Vec<&str> = version.split('.').take(2).collect();
    let library = format!("libstd-rust-web-{}", minor.join("."));
    let names = ["rustc-web", "libstd-rust-web-dev", &library];
    let names = names.iter().chain(more);
    Ok(names.map(|name| format!("{name}={version}")).collect())
}

/// The first version in a table of `apt-cache madison` that begins so: the newest comes first.
fn newest<'a>(table: &'a str, prefix: &str) -> Option<&'a str> {
    table
        .lines()
        .filter_map(|line| line.split('|').nth(1).map(str::trim))
        .find(|version| version.starts_with(prefix))
}

/// The packages that these depend on and that are not installed: what installing would install, which is not done.
fn missing(named: &[String]) -> Outcome<Vec<String>> {
    let mut simulate = Command::new("apt-get");
    simulate
        .args(["install", "--simulate", "--no-install-recommends"])
        .args(named);
    let (plan, _) = quiet(simulate)?;
    let is_named = |name: &str| named.iter().any(|named| named.split('=').next() == Some(name));
    let names = plan
        .lines()
        .filter_map(|line| line.strip_prefix("Inst ")?.split(' ').next());
    Ok(names.filter(|name| !is_named(name)).map(str::to_owned).collect())
}

/// A script that runs a program of the folder with the libraries of the folder.
fn script(folder: &Path, program: &str) -> String {
    let folder = folder.display();
    let libraries = ["usr/lib", "lib"].map(|place| {
        let triple = format!("{}-linux-gnu", std::env::consts::ARCH);
        format!("{folder}/{place}/{triple}:{folder}/{place}")
    });
    let data = if program.contains("qemu") {
        format!(" -L '{folder}/usr/share/qemu'")
    } else {
        String::new()
    };
    format!(
        "#!/bin/sh\nLD_LIBRARY_PATH='{}' exec '{folder}/{program}'{data} \"$@\"\n",
        libraries.join(":")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = " rustc-web | 1.96.0+dfsg1-1~deb12u2 | http://registry security/main amd64 Packages
 rustc-web | 1.85.0+dfsg3-1~deb12u3 | http://registry bookworm/main amd64 Packages\n";

    #[test]
    fn the_newest_version_of_a_kind_is_taken() {
        assert_eq!(newest(TABLE, ""), Some("1.96.0+dfsg1-1~deb12u2"));
        assert_eq!(newest(TABLE, "1.85."), Some("1.85.0+dfsg3-1~deb12u3"));
        assert_eq!(newest(TABLE, "1.8."), None);
        assert_eq!(newest("", ""), None);
    }

    #[test]
    fn what_is_finished_is_not_unpacked_again() {
        let target = std::env::temp_dir().join(format!("persevere-xtask-{}", std::process::id()));
        let folder = target.join("debian/rust-0.1");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("finished"), "").unwrap();
        // There is no such version, so it would fail if it tried.
        let unpacked = unpack(&target, Kit::Version("0.1")).unwrap().unwrap();
        assert_eq!(unpacked.program("rustc"), folder.join("programs/rustc"));
        fs::remove_dir_all(target).unwrap();
    }
}
