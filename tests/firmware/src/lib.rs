//! The common part of the smallest programs, which differ only in how they retry.

#![no_std]
#![forbid(unsafe_code)]

mod policies;
mod ten;

pub use policies::{ONE, TEN};
pub use ten::{Site, read_ten};

use core::panic::PanicInfo;
use core::time::Duration;
use cortex_m::peripheral::SYST;
use cortex_m_semihosting::debug;
use embedded_hal::delay::DelayNs;

/// A sensor that has no value yet.
pub struct Busy;

/// Reads the sensor: a timer that never runs, which the compiler cannot foresee.
///
/// # Errors
///
/// [`Busy`] if it has no value yet.
pub fn read() -> Result<u32, Busy> {
    match SYST::get_current() {
        0 => Err(Busy),
        value => Ok(value),
    }
}

/// Reads one of several sensors. Each has a function of its own, as in ten drivers.
///
/// # Errors
///
/// [`Busy`] if it has no value yet.
#[inline(never)]
pub fn sensor<const N: u32>() -> Result<u32, Busy> {
    read().map(|value| value ^ N)
}

/// A delay routine that counts cycles, at 12 MHz.
pub struct Delay;

impl DelayNs for Delay {
    fn delay_ns(&mut self, ns: u32) {
        cortex_m::asm::delay(ns / 83);
    }
}

/// Returns the ticks of a timer of 1 MHz. It never runs, which the compiler cannot foresee.
#[must_use]
pub fn ticks() -> u32 {
    SYST::get_current()
}

/// Waits in cycles, at 12 MHz.
pub fn wait(delay: Duration) {
    cortex_m::asm::delay(delay.as_micros() as u32 * 12);
}

/// Ends the program: with 0 if there is a value.
pub fn exit(value: Option<u32>) -> ! {
    let code = if value.is_some() {
        debug::EXIT_SUCCESS
    } else {
        debug::EXIT_FAILURE
    };
    loop {
        debug::exit(code);
    }
}

/// Without text, which would be most of the program.
#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    exit(None)
}
