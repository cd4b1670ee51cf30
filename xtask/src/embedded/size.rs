//! What the smallest programs take of a microcontroller's memory, with and without persevere.

use super::firmware::Emulator;
use crate::command::{Failure, Outcome, quiet};
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

/// The programs of `tests/firmware/src/bin`, and how they retry.
pub(crate) const PROGRAMS: [(&str, &str); 5] = [
    ("by_hand", "a loop written by hand"),
    ("in_place", "a policy in place"),
    ("by_reference", "a policy by reference"),
    ("polled", "a policy in place, async, polled by hand"),
    ("guarded", "with jitter, a limit of time, breaker and budget"),
];

/// How much more code than a loop written by hand a policy in place may take, and one by reference, as the facade's documentation
/// has it.
const MOST_CODE: [u64; 2] = [512, 6656];

/// What a program takes, in bytes.
pub(crate) struct Program {
    what: &'static str,
    code: u64,
    /// Constants.
    read_only: u64,
    /// What is in memory from start to end.
    memory: u64,
    stack: u64,
}

impl Program {
    /// Reads the sections of a program, and runs it.
    pub(crate) fn measured(
        what: &'static str,
        program: &Path,
        emulator: &Emulator<'_>,
        folder: &Path,
    ) -> Outcome<Self> {
        let mut size = Command::new("size");
        size.args(["--format=sysv", "--radix=10"]).arg(program);
        let (sections, _) = quiet(size)?;
        let of = |name| {
            section(&sections, name)
                .ok_or_else(|| Failure::new(format!("embedded: no {name} in what `size` says: {sections}")))
        };
        Ok(Program {
            what,
            code: of(".text")?,
            read_only: of(".rodata")?,
            memory: of(".data")? + of(".bss")?,
            stack: stack(program, emulator, folder)?,
        })
    }
}

/// Fails if a policy, in place or by reference, takes too much more than the loop: the second and third of the programs, and
/// the first.
pub(crate) fn is_held(programs: &[Program]) -> Outcome {
    let [by_hand, in_place, by_reference, ..] = programs else {
        return Err(Failure::new("embedded: too few programs to compare"));
    };
    for (program, most) in [in_place, by_reference].into_iter().zip(MOST_CODE) {
        let more = program.code.saturating_sub(by_hand.code);
        if more > most {
            return Err(Failure::new(format!(
                "embedded: {} takes {more} bytes more code than {}; held to {most}",
                program.what, by_hand.what
            )));
        }
    }
    Ok(())
}

/// The size of a section in a table of `size --format=sysv`.
fn section(table: &str, name: &str) -> Option<u64> {
    let mut rows = table.lines().map(str::split_whitespace);
    rows.find_map(|mut row| (row.next() == Some(name)).then(|| row.next()?.parse().ok())?)
}

/// The deepest that the stack gets: how far the stack pointer goes down from where it starts, looked at before each
/// instruction. The sensor of these programs never has a value, so they go to their last attempt, and exit with 1.
fn stack(program: &Path, emulator: &Emulator<'_>, folder: &Path) -> Outcome<u64> {
    let log = folder.join("registers.log");
    let mut command = emulator.command(program);
    command.args(["-singlestep", "-d", "nochain,cpu", "-D"]).arg(&log);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let status = command.status().map_err(Failure::at("embedded: the emulator"))?;
    if status.code() != Some(1) {
        return Err(Failure::new(format!(
            "embedded: {} is to use up its attempts and exit with 1: {status}",
            program.display()
        )));
    }
    let registers = fs::read_to_string(&log).map_err(Failure::at(log.display()))?;
    fs::remove_file(&log).map_err(Failure::at(log.display()))?;
    depth(&registers).ok_or_else(|| Failure::new("embedded: the emulator tells nothing of the stack pointer"))
}

/// The distance of the highest and the lowest stack pointer in a log of registers.
fn depth(registers: &str) -> Option<u64> {
    let pointers = registers.match_indices("R13=").filter_map(|(at, name)| {
        let digits = registers.get(at + name.len()..at + name.len() + 8)?;
        u64::from_str_radix(digits, 16).ok()
    });
    let (least, most) = pointers.fold((u64::MAX, 0), |(least, most), it| (least.min(it), most.max(it)));
    most.checked_sub(least)
}

/// The table that is printed.
pub(crate) fn table(programs: &[Program]) -> String {
    let mut table = format!(
        "{:<50}{:>8}{:>10}{:>14}{:>8}\n",
        "the smallest program", ".text", ".rodata", ".data + .bss", "stack"
    );
    for Program {
        what,
        code,
        read_only,
        memory,
        stack,
    } in programs
    {
        table += &format!("{what:<50}{code:>8}{read_only:>10}{memory:>14}{stack:>8}\n");
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(code: u64) -> Program {
        Program {
            what: "a program",
            code,
            read_only: 0,
            memory: 0,
            stack: 0,
        }
    }

    #[test]
    fn a_policy_is_held_to_its_size() {
        let [in_place, by_reference] = MOST_CODE.map(|most| 200 + most);
        assert!(is_held(&[of(200), of(in_place), of(by_reference), of(9999)]).is_ok());
        assert!(is_held(&[of(200), of(in_place + 1), of(by_reference)]).is_err());
        assert!(is_held(&[of(200), of(in_place), of(by_reference + 1)]).is_err());
        assert!(is_held(&[of(200), of(200)]).is_err());
    }

    #[test]
    fn sections_are_read() {
        let table = "a  :\nsection  size  addr\n.text  240  1024\n.textual  7  8\n.bss  0  536870912\nTotal 247\n";
        assert_eq!(section(table, ".text"), Some(240));
        assert_eq!(section(table, ".bss"), Some(0));
        assert_eq!(section(table, ".data"), None);
    }

    #[test]
    fn the_stack_is_as_deep_as_its_pointer_goes() {
        let log = "R12=00000000 R13=20004000 R14=0\nR13=20003ff0\nR13=20003fd0 R14=1\nR13=20003ff8\n";
        assert_eq!(depth(log), Some(0x30));
        assert_eq!(depth("R12=20004000"), None);
    }
}
