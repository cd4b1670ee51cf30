//! A simulated delay routine, as a board has one.

use embedded_hal::delay::DelayNs;

/// Counts the requested nanoseconds of waiting.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CountingDelay {
    /// The nanoseconds so far.
    pub nanoseconds: u128,
    /// The calls so far.
    pub calls: u64,
}

impl DelayNs for CountingDelay {
    fn delay_ns(&mut self, ns: u32) {
        self.nanoseconds += u128::from(ns);
        self.calls += 1;
    }

    fn delay_ms(&mut self, ms: u32) {
        self.nanoseconds += u128::from(ms) * 1_000_000;
        self.calls += 1;
    }
}
