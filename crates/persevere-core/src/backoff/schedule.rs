//! Delays from a list.

use super::{Backoff, Context};
use crate::error::InvalidPolicy;
use core::time::Duration;

/// The given delays in order, then no further attempt; made by [`Policy::schedule`](crate::Policy::schedule).
///
/// The delays are anything that is a slice of durations: `&'static [Duration]`, an array, a `Vec`.
///
/// ```
/// use persevere::{Policy, backoff::Schedule};
/// use std::time::Duration;
///
/// const SECOND: Duration = Duration::from_secs(1);
/// static POLICY: Policy<Schedule<[Duration; 2]>> =
///     Policy::new(Schedule::new([SECOND, Duration::from_secs(5)]).repeat_last()).max_attempts(5);
///
/// let seconds: Vec<_> = POLICY.delays().map(|delay| delay.as_secs()).collect();
/// assert_eq!(seconds, [1, 5, 5, 5]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Schedule<D> {
    delays: D,
    repeat_last: bool,
}

impl<D> Schedule<D> {
    /// One delay after the other, and no attempt after the last. Without delays there are no retries. For a list that
    /// is not a constant, [`try_new`](Schedule::try_new) rejects an empty list.
    #[must_use]
    pub const fn new(delays: D) -> Schedule<D> {
        Schedule {
            delays,
            repeat_last: false,
        }
    }

    /// [`new`](Schedule::new) for a list that is not a constant, such as a list from a configuration.
    ///
    /// # Errors
    ///
    /// [`InvalidPolicy::EmptySchedule`] if there are no delays.
    pub fn try_new(delays: D) -> Result<Schedule<D>, InvalidPolicy>
    where
        D: AsRef<[Duration]>,
    {
        if delays.as_ref().is_empty() {
            return Err(InvalidPolicy::EmptySchedule);
        }
        Ok(Schedule::new(delays))
    }

    /// Repeats the last delay instead of stopping; the policy's limits still stop it.
    #[must_use]
    pub const fn repeat_last(mut self) -> Schedule<D> {
        self.repeat_last = true;
        self
    }
}

impl<D: AsRef<[Duration]>> Backoff for Schedule<D> {
    #[inline]
    fn delay(&self, context: &mut Context<'_>) -> Option<Duration> {
        let delays = self.delays.as_ref();
        let index = context.attempt().saturating_sub(1) as usize;
        match delays.get(index) {
            None if self.repeat_last => delays.last().copied(),
            delay => delay.copied(),
        }
    }

    fn steady_from(&self, _: u64) -> u32 {
        // Past its end it stops, or repeats the last delay.
        u32::try_from(self.delays.as_ref().len()).unwrap_or(u32::MAX)
    }
}
