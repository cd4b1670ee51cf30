//! For the model checker alone, whose atomics are created at their first use.

extern crate alloc;

use crate::breaker::CircuitBreaker;
use crate::trip::Trip;

impl<T: Trip, B, C, On> CircuitBreaker<T, B, C, On> {
    /// Uses every atomic once.
    #[doc(hidden)]
    pub fn touch(&self) {
        let atomics = (
            &self.control,
            &self.openings,
            &self.delivery,
            &self.counts,
            &self.probes,
            &self.ring,
            &self.counters,
        );
        drop(alloc::format!("{atomics:?}"));
    }
}
