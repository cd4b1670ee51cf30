//! Runs persevere on a microcontroller. The exit code is 0 if every check holds, and 1 if one does not.

#![no_std]
#![no_main]
#![forbid(unsafe_code)]

mod clock;
mod device;
mod interrupted;

use core::panic::PanicInfo;
use cortex_m_rt::entry;
use cortex_m_semihosting::{debug, hprintln};

#[entry]
fn main() -> ! {
    clock::start();
    let (mut held, mut failed) = (0, 0);
    for (name, check) in persevere_bare::CHECKS.iter().chain(device::CHECKS) {
        match check() {
            Ok(()) => {
                hprintln!("ok {name}");
                held += 1;
            }
            Err(claim) => {
                hprintln!("FAILED {name}: {claim}");
                failed += 1;
            }
        }
    }
    hprintln!("firmware: {held} checks hold, {failed} do not");
    exit(failed == 0)
}

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    hprintln!("{info}");
    exit(false)
}

fn exit(well: bool) -> ! {
    loop {
        debug::exit(if well { debug::EXIT_SUCCESS } else { debug::EXIT_FAILURE });
    }
}
