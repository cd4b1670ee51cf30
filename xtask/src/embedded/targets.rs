//! Builds for processors without an operating system, all in the package of the firmware: one profile, one lock file.
//!
//! With rustup's compiler where the target is installed, else with Debian's and the source of its library. Nothing is
//! ever added to rustup's.

use crate::command::{Failure, Outcome, cargo, quiet, run};
use crate::debian::{Kit, unpack};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The two that the firmware runs on: the first has no compare-and-swap, so a program has to choose how to do without.
pub(crate) const WITHOUT_CAS: &str = "thumbv6m-none-eabi";
pub(crate) const WITH_CAS: &str = "thumbv7m-none-eabi";

const TARGETS: [&str; 4] = [
    WITHOUT_CAS,
    WITH_CAS,
    "riscv32imac-unknown-none-elf",
    "wasm32-unknown-unknown",
];

/// The crates that need no operating system.
const CRATES: [&str; 5] = [
    "persevere-core",
    "persevere-blocking",
    "persevere-breaker",
    "persevere-budget",
    "persevere",
];

/// What a program for the first target is told if it has not chosen.
const CHOICE: &str = "require atomic CAS";

/// How each target is built for.
pub(crate) struct Compilers {
    target_dir: PathBuf,
    /// Of the targets that are not installed.
    debian: Option<Debian>,
    installed: Vec<&'static str>,
}

struct Debian {
    rustc: PathBuf,
    linker: PathBuf,
}

/// Finds them; none where there are none to be had.
pub(crate) fn compilers(target_dir: &Path) -> Outcome<Option<Compilers>> {
    let mut installed = Vec::new();
    for target in TARGETS {
        if is_installed(target)? {
            installed.push(target);
        }
    }
    let debian = if installed.len() == TARGETS.len() {
        None
    } else {
        let Some(kit) = unpack(target_dir, Kit::Newest)? else {
            return Ok(None);
        };
        Some(Debian {
            rustc: kit.program("rustc"),
            linker: linker()?,
        })
    };
    Ok(Some(Compilers {
        target_dir: target_dir.to_owned(),
        debian,
        installed,
    }))
}

impl Compilers {
    /// `cargo build` of the firmware's package for these targets, which are built for in the same way.
    fn build(&self, targets: &[&str]) -> Command {
        let mut build = cargo("build --release --locked --manifest-path tests/firmware/Cargo.toml --target-dir");
        build.arg(&self.target_dir);
        for target in targets {
            build.args(["--target", target]);
        }
        if let Some(debian) = self.debian.as_ref().filter(|_| !self.installed.contains(&targets[0])) {
            build.arg("-Zbuild-std=core");
            build.env("RUSTC", &debian.rustc).env("RUSTC_BOOTSTRAP", "1");
            for target in targets {
                let name = target.to_uppercase().replace('-', "_");
                build.env(format!("CARGO_TARGET_{name}_LINKER"), &debian.linker);
            }
        }
        build
    }

    /// One for those that are installed and one for those that are not, so that what is not in the way of the other is
    /// built at the same time.
    fn builds(&self, targets: &[&str]) -> Vec<Command> {
        let (installed, others): (Vec<_>, Vec<_>) = targets.iter().partition(|target| self.installed.contains(target));
        let groups = [installed, others].into_iter().filter(|targets| !targets.is_empty());
        groups.map(|targets| self.build(&targets)).collect()
    }

    /// The firmware for both of its targets, with the choice made.
    pub(crate) fn firmware(&self) -> Vec<Command> {
        let mut builds = self.builds(&[WITHOUT_CAS, WITH_CAS]);
        for build in &mut builds {
            build.args(["--features", "single-core"]);
        }
        builds
    }
}

/// Builds the crates for all targets, and shows that the choice is needed where the documentation says so.
pub(crate) fn build_all(compilers: &Compilers) -> Outcome {
    for mut build in compilers.builds(&TARGETS[1..]) {
        for name in CRATES {
            build.args(["--package", name]);
        }
        run(build)?;
    }
    let mut undecided = compilers.build(&[WITHOUT_CAS]);
    undecided.args(["--package", "persevere-breaker"]);
    match quiet(undecided) {
        Err(failure) if failure.message.contains(CHOICE) => Ok(()),
        Err(failure) => Err(failure),
        Ok(_) => Err(Failure::new(format!(
            "embedded: {WITHOUT_CAS} builds without a feature of portable-atomic; what the breaker's documentation says \
             is no longer true"
        ))),
    }
}

fn is_installed(target: &str) -> Outcome<bool> {
    let libraries = rustc(&["--print", "target-libdir", "--target", target])?;
    Ok(Path::new(libraries.trim()).is_dir())
}

/// The linker that comes with rustup's compiler, for every target.
fn linker() -> Outcome<PathBuf> {
    let root = rustc(&["--print", "sysroot"])?;
    let about = rustc(&["--version", "--verbose"])?;
    let host = about.lines().find_map(|line| line.strip_prefix("host: "));
    let host = host.ok_or_else(|| Failure::new("embedded: `rustc --version --verbose` names no host"))?;
    let linker = Path::new(root.trim()).join(format!("lib/rustlib/{host}/bin/rust-lld"));
    if linker.exists() {
        Ok(linker)
    } else {
        Err(Failure::new(format!("embedded: there is no {}", linker.display())))
    }
}

/// What the compiler that builds this says.
fn rustc(arguments: &[&str]) -> Outcome<String> {
    let mut rustc = Command::new("rustc");
    rustc.args(arguments);
    quiet(rustc).map(|(out, _)| out)
}
