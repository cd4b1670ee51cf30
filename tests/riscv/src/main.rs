//! Runs the checks without std. The exit code is 0 if every check holds, and 1 if one does not.

#![no_std]
#![no_main]
#![forbid(unsafe_code)]

use riscv_rt::entry;
use semihosting::{println, process};

#[entry]
fn main() -> ! {
    let mut failed = 0;
    for (name, check) in persevere_bare::CHECKS {
        match check() {
            Ok(()) => println!("ok {name}"),
            Err(claim) => {
                println!("FAILED {name}: {claim}");
                failed += 1;
            }
        }
    }
    println!(
        "riscv: {} checks, of which {failed} do not hold",
        persevere_bare::CHECKS.len()
    );
    process::exit(i32::from(failed > 0))
}
