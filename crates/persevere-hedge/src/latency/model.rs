//! The counters for the model checker, in any number: a histogram has too many to explore.

use super::halves::Halves;
use core::time::Duration;
use persevere_core::time::nanos;

/// `N` counters over the current period and the period before.
#[derive(Debug)]
pub struct Counters<const N: usize>(Halves<N>);

impl<const N: usize> Counters<N> {
    /// Counters with periods of this length.
    #[must_use]
    pub const fn new(period: Duration) -> Counters<N> {
        Counters(Halves::new(nanos(period)))
    }

    /// Adds 1 to a counter.
    pub fn add(&self, counter: usize, now: Duration) {
        self.0.add(counter, now);
    }

    /// Returns the sums over both periods.
    #[must_use]
    pub fn sums(&self, now: Duration) -> [u32; N] {
        self.0.sums(now)
    }
}
