//! Simulated time: the clock that a simulation's runs read, in integer nanoseconds.

use core::cell::Cell;
use core::future::Ready;
use core::time::Duration;
use persevere_core::{Clock, Sleeper};

/// The length of a second in nanoseconds.
pub(crate) const SECOND: u64 = 1_000_000_000;

/// The nanoseconds of a length, saturating after 584 years.
pub(crate) fn nanos(length: Duration) -> u64 {
    u64::try_from(length.as_nanos()).unwrap_or(u64::MAX)
}

/// The clock of one simulation, which its events set. Nothing sleeps on it: the engine wakes the runs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SimulatedClock<'a>(pub(crate) &'a Cell<u64>);

impl Sleeper for SimulatedClock<'_> {
    type Sleep = Ready<()>;

    fn sleep(&self, _: Duration) -> Ready<()> {
        unreachable!("the engine steps its runs, and none of them sleeps")
    }

    #[inline]
    fn now(&self) -> Duration {
        Duration::from_nanos(self.0.get())
    }
}

impl Clock for SimulatedClock<'_> {}
