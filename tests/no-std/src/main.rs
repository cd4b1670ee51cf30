//! Runs persevere with nothing below it but a processor and two system calls. The exit code is 0 if every check holds.

#![no_std]
#![no_main]
#![deny(unsafe_code)]

// The one place with `unsafe` code: the parts that a program without std and libc has to bring along.
#[allow(unsafe_code)]
mod bare;

use persevere_bare::CHECKS;

/// Runs the checks; the number of the first that does not hold, from 1, is the exit code.
fn run() -> u8 {
    for (index, (name, check)) in CHECKS.iter().enumerate() {
        if let Err(claim) = check() {
            bare::write("no_std: ");
            bare::write(name);
            bare::write(": ");
            bare::write(claim);
            bare::write("\n");
            return index as u8 + 1;
        }
    }
    0
}
