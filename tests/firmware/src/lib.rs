//! The common part of the smallest programs, which differ in how they retry and in nothing else.

#![no_std]
#![forbid(unsafe_code)]

use core::panic::PanicInfo;
use core::time::Duration;
use cortex_m::peripheral::SYST;
use cortex_m_semihosting::debug;
use embedded_hal::delay::DelayNs;

/// A sensor that has no value yet.
pub struct Busy;

/// Reads it. Here it is a timer that never runs, which the compiler does not know.
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

/// One of several sensors. Each is read by a function of its own, as ten drivers would.
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

/// The ticks of a timer of 1 MHz. Here it never runs, which the compiler does not know.
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

/// No text, since that would be most of the program.
#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    exit(None)
}
