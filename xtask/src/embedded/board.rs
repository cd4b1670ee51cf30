//! The firmware, run with the same checks on an emulated Cortex-M3 and on a Cortex-M0, which has no compare-and-swap.
//! Also the memory that the smallest programs take there.

use super::targets::{WITH_CAS, WITHOUT_CAS};
use crate::debian::{Kit, Unpacked, unpack};
use crate::project::Project;
use anyhow::{Context, Result, ensure};
use std::path::{Path, PathBuf};
use xshell::{Cmd, Shell, cmd};

/// The targets of the firmware, the boards that are emulated, and their processors.
const BOARDS: [(&str, &str, &str); 2] = [
    (WITH_CAS, "lm3s6965evb", "Cortex-M3"),
    (WITHOUT_CAS, "microbit", "Cortex-M0"),
];

/// A program of `tests/firmware/src/bin`, how it retries, and the most bytes of code that it may take above the first
/// program.
type Program = (&'static str, &'static str, u64);

const PROGRAMS: [&[Program]; 2] = [
    &[
        ("by_hand", "a loop written by hand", 0),
        ("inlined", "an inlined policy", 2048),
        ("by_reference", "a policy by reference", 5120),
        ("polled", "an inlined policy, async, polled by hand", u64::MAX),
        ("guarded", "with jitter, a limit of time, breaker and budget", u64::MAX),
    ],
    &[
        ("ten_calls", "ten calls without retries", 0),
        ("ten_dyn", "with jitter and a limit of time, by one function", 3328),
        ("ten_sites", "likewise, by reference", 7680),
        ("ten_seeded", "likewise, inlined, with a seed of each run", 5632),
        ("ten_async", "likewise, by reference, async", 8960),
    ],
];

/// Runs the checks of the firmware, and measures the smallest programs.
pub(crate) fn run(project: &Project, built: &[PathBuf]) -> Result<()> {
    let sh = &project.sh;
    let Some(kit) = unpack(project, Kit::Emulator)? else {
        return Ok(());
    };
    for (target, board, processor) in BOARDS {
        let emulator = Emulator { sh, kit: &kit, board };
        println!("embedded: the checks on a {processor}");
        for program in ["persevere-firmware", "embassy"] {
            emulator.command(find(built, target, program)?).run()?;
        }
        println!(
            "{processor}, in bytes{:>47}{:>10}{:>14}{:>8}",
            ".text", ".rodata", ".data + .bss", "stack"
        );
        for group in PROGRAMS {
            let mut first = None;
            for (name, what, most) in group {
                let program = find(built, target, name)?;
                let sections = cmd!(sh, "size --format=sysv --radix=10 {program}").quiet().read()?;
                let of = |name: &str| {
                    section(&sections, name).with_context(|| format!("`size` prints no {name}: {sections}"))
                };
                let (code, memory) = (of(".text")?, of(".data")? + of(".bss")?);
                let stack = stack(&emulator, program, &project.target().join("registers.log"))?;
                println!("{what:<58}{code:>8}{:>10}{memory:>14}{stack:>8}", of(".rodata")?);
                let above = code.saturating_sub(*first.get_or_insert(code));
                ensure!(
                    above <= *most,
                    "embedded: {what} takes {above} bytes of code more than the first, where {most} are allowed"
                );
            }
        }
    }
    Ok(())
}

/// The program of this name for this target.
fn find<'b>(built: &'b [PathBuf], target: &str, name: &str) -> Result<&'b Path> {
    let end = Path::new(target).join("release").join(name);
    let found = built.iter().find(|path| path.ends_with(&end));
    Ok(found.with_context(|| format!("no `{name}` was built for {target}"))?)
}

/// An emulated board.
struct Emulator<'a> {
    sh: &'a Shell,
    kit: &'a Unpacked,
    board: &'a str,
}

impl Emulator<'_> {
    /// Runs a program, which ends with its exit code, or is ended after a minute. Every instruction takes 64 ns of the
    /// board's time, so that every run is the same.
    fn command(&self, program: &Path) -> Cmd<'_> {
        let (sh, board, qemu) = (self.sh, self.board, self.kit.program("qemu-system-arm"));
        let emulator = cmd!(
            sh,
            "timeout 60 {qemu} -machine {board} -nographic -icount shift=6,sleep=off"
        );
        emulator
            .args(["-semihosting-config", "enable=on,target=native", "-kernel"])
            .arg(program)
    }
}

/// The size of a section in a table of `size --format=sysv`.
fn section(table: &str, name: &str) -> Option<u64> {
    let mut rows = table.lines().map(str::split_whitespace);
    rows.find_map(|mut row| (row.next() == Some(name)).then(|| row.next()?.parse().ok())?)
}

/// The greatest depth of the stack, by the stack pointer before each instruction. The sensor of these programs never
/// has a value, so they make every attempt, and exit with 1.
fn stack(emulator: &Emulator<'_>, program: &Path, log: &Path) -> Result<u64> {
    let traced = emulator
        .command(program)
        .args(["-singlestep", "-d", "nochain,cpu", "-D"])
        .arg(log);
    let ended = traced.quiet().ignore_status().output()?;
    ensure!(
        ended.status.code() == Some(1),
        "{} must exit with 1: {}",
        program.display(),
        ended.status
    );
    let registers = emulator.sh.read_file(log)?;
    emulator.sh.remove_path(log)?;
    depth(&registers).context("the emulator prints no stack pointer")
}

/// The distance between the highest and the lowest stack pointer in a log of registers.
fn depth(registers: &str) -> Option<u64> {
    let pointers = registers.match_indices("R13=").filter_map(|(at, name)| {
        let digits = registers.get(at + name.len()..at + name.len() + 8)?;
        u64::from_str_radix(digits, 16).ok()
    });
    let (least, most) = pointers.fold((u64::MAX, 0), |(least, most), it| (least.min(it), most.max(it)));
    most.checked_sub(least)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_are_read() {
        let table = "a  :\nsection  size  addr\n.text  240  1024\n.textual  7  8\n.bss  0  536870912\nTotal 247\n";
        assert_eq!(section(table, ".text"), Some(240));
        assert_eq!(section(table, ".bss"), Some(0));
        assert_eq!(section(table, ".data"), None);
    }

    #[test]
    fn stack_is_as_deep_as_its_pointer_goes() {
        let log = "R12=00000000 R13=20004000 R14=0\nR13=20003ff0\nR13=20003fd0 R14=1\nR13=20003ff8\n";
        assert_eq!(depth(log), Some(0x30));
        assert_eq!(depth("R12=20004000"), None);
    }
}
