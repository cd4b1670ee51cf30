//! The next action of a run.

use core::ops::ControlFlow;

/// The next action of a run.
#[derive(Debug)]
pub enum Next<R> {
    /// Make an attempt.
    Attempt,
    /// Wait for this many nanoseconds.
    Wait(u64),
    /// Return.
    Done(R),
}

impl<R> Next<R> {
    /// The output as a break; else the wait in nanoseconds, `None` for an attempt. An async loop holds no output across
    /// its awaits this way.
    #[inline]
    pub fn into_flow(self) -> ControlFlow<R, Option<u64>> {
        match self {
            Next::Attempt => ControlFlow::Continue(None),
            Next::Wait(delay) => ControlFlow::Continue(Some(delay)),
            Next::Done(output) => ControlFlow::Break(output),
        }
    }
}
