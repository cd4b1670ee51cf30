//! `cargo xtask embedded`: the proof that persevere runs without std, an allocator or an operating system.

mod board;
pub(crate) mod targets;

use crate::debian::{Kit, unpack};
use crate::project::{Project, programs, skip};
use anyhow::Result;
use xshell::cmd;

/// Checks without std: on this machine, then by builds for other processors, then on two emulated processors.
pub(crate) fn run(project: &Project) -> Result<()> {
    without_libc(project)?;
    let Some(compiler) = targets::compiler(project)? else {
        return Ok(());
    };
    compiler.build_all()?;
    compiler.check_web()?;
    board::run(project, &programs(compiler.firmware())?)
}

/// `cargo xtask riscv`: the checks without std on an emulated RISC-V of 32 bits, where a counter is two words.
pub(crate) fn riscv(project: &Project) -> Result<()> {
    let Some(compiler) = targets::compiler(project)? else {
        return Ok(());
    };
    let Some(kit) = unpack(project, Kit::RiscvEmulator)? else {
        return Ok(());
    };
    let (sh, qemu) = (&project.sh, kit.program("qemu-system-riscv32"));
    for program in programs(compiler.riscv())? {
        let emulator = cmd!(sh, "timeout 60 {qemu} -machine virt -bios none -nographic");
        let semihosting = ["-semihosting-config", "enable=on,target=native", "-kernel"];
        emulator.args(semihosting).arg(program).run()?;
    }
    Ok(())
}

/// Builds and runs the program in `tests/no-std`. It is linked without the C library and its start files, so a call of std, of an
/// allocator or of libc would not link.
fn without_libc(project: &Project) -> Result<()> {
    if !cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        return skip("embedded", "the program without libc starts on Linux on x86-64 alone");
    }
    let (sh, target) = (&project.sh, project.target());
    for profile in ["dev", "release"] {
        let build = cmd!(
            sh,
            "cargo build --manifest-path tests/no-std/Cargo.toml --profile {profile}"
        );
        for program in programs(build.arg("--target-dir").arg(target))? {
            cmd!(sh, "{program}").run()?;
        }
        println!("embedded: {profile}: every check holds without std and libc");
    }
    Ok(())
}
