//! The time of a run that has no clock.

use core::cell::Cell;
use core::future::{Ready, ready};
use core::time::Duration;
use persevere_core::Sleeper;

/// The sum of the waits of a run.
#[derive(Debug, Default)]
pub(crate) struct SleptTime(Cell<Duration>);

impl SleptTime {
    /// Counts a wait that was made.
    pub(crate) fn count(&self, wait: Duration) {
        self.0.set(self.0.get().saturating_add(wait));
    }
}

impl Sleeper for SleptTime {
    type Sleep = Ready<()>;

    fn sleep(&self, delay: Duration) -> Ready<()> {
        self.count(delay);
        ready(())
    }

    fn now(&self) -> Duration {
        self.0.get()
    }
}
