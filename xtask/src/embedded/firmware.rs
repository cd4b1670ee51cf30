//! The firmware, run on an emulated Cortex-M3 and, with the same checks, on a Cortex-M0, which has no compare-and-swap.

use super::executables;
use super::size::{self, Program};
use super::targets::{Compilers, WITH_CAS, WITHOUT_CAS};
use crate::command::{Failure, Outcome, run};
use crate::debian::{Kit, Unpacked, unpack};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The targets of the firmware, the boards that are emulated, and their processors.
const BOARDS: [(&str, &str, &str); 2] = [
    (WITH_CAS, "lm3s6965evb", "Cortex-M3"),
    (WITHOUT_CAS, "microbit", "Cortex-M0"),
];

/// How long a program may run, so that one that hangs is found.
const SECONDS: &str = "60";

/// Builds it, runs its checks and measures the smallest programs.
pub(crate) fn run_all(target_dir: &Path, compilers: &Compilers) -> Outcome {
    let mut built = Vec::new();
    for build in compilers.firmware() {
        built.extend(executables(build)?);
    }
    let Some(kit) = unpack(target_dir, Kit::Emulator)? else {
        return Ok(());
    };
    for (target, board, processor) in BOARDS {
        let emulator = Emulator { kit: &kit, board };
        let program = |name: &str| find(&built, target, name);
        println!("embedded: the checks on a {processor}");
        run(emulator.command(&program("persevere-firmware")?))?;
        let mut measured = Vec::new();
        for (name, what) in size::PROGRAMS {
            measured.push(Program::measured(what, &program(name)?, &emulator, target_dir)?);
        }
        println!(
            "embedded: the smallest programs on a {processor}, in bytes\n{}",
            size::table(&measured)
        );
        size::is_held(&measured)?;
    }
    Ok(())
}

/// The executable of this name for this target.
fn find(built: &[PathBuf], target: &str, name: &str) -> Outcome<PathBuf> {
    let is_it = |path: &&PathBuf| path.ends_with(name) && path.components().any(|part| part.as_os_str() == target);
    let found = built.iter().find(is_it);
    found.cloned().ok_or_else(|| {
        Failure::new(format!(
            "embedded: there is no `{name}` for {target} among what was built"
        ))
    })
}

/// An emulated board.
pub(crate) struct Emulator<'a> {
    kit: &'a Unpacked,
    board: &'a str,
}

impl Emulator<'_> {
    /// Runs a program on the board, which ends with the program's exit code. An instruction takes 64 ns of the board's
    /// time whatever it takes here, so every run is the same.
    pub(crate) fn command(&self, program: &Path) -> Command {
        let mut emulator = Command::new("timeout");
        emulator.arg(SECONDS).arg(self.kit.program("qemu-system-arm"));
        emulator.args(["-machine", self.board, "-nographic", "-icount", "shift=6,sleep=off"]);
        emulator.args(["-semihosting-config", "enable=on,target=native", "-kernel"]);
        emulator.arg(program);
        emulator
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_found_by_target_and_name() {
        let built = [
            "/t/one/release/by_hand",
            "/t/other/release/by_hand",
            "/t/one/release/polled",
        ]
        .map(PathBuf::from);
        assert_eq!(find(&built, "other", "by_hand").unwrap(), built[1]);
        assert!(find(&built, "other", "polled").is_err());
        assert!(find(&built, "one", "hand").is_err());
    }
}
