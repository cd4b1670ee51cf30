//! A sensor that is busy or broken, and a delay routine that only counts.

use core::cell::Cell;
use core::error::Error;
use core::fmt;
use embedded_hal::delay::DelayNs;

/// How a reading fails.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum SensorError {
    /// The next reading may succeed.
    Busy,
    /// No reading ever succeeds.
    Broken,
}

impl fmt::Display for SensorError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            SensorError::Busy => "the sensor is busy",
            SensorError::Broken => "the sensor is broken",
        })
    }
}

impl Error for SensorError {}

/// A delay routine that only counts, in a cell that outlives it.
pub(crate) struct Delay<'a>(pub(crate) &'a Cell<u64>);

impl DelayNs for Delay<'_> {
    fn delay_ns(&mut self, ns: u32) {
        self.0.set(self.0.get() + u64::from(ns));
    }
}

/// An operation that is busy `n` times and then has a value.
pub fn busy(n: u32) -> impl FnMut() -> Result<u32, SensorError> {
    let mut calls = 0;
    move || {
        calls += 1;
        if calls > n { Ok(calls) } else { Err(SensorError::Busy) }
    }
}
