//! A policy before it is used: its delays and its worst case.

use crate::backoff::Backoff;
use crate::classify::Verdict;
use crate::machine::{Bound, Machine, Progress, Step};
use crate::policy::{Limits, Policy};
use crate::time::nanos;
use core::iter::FusedIterator;
use core::time::Duration;

impl<B: Backoff, C, On> Policy<B, C, On> {
    /// The delays of a run whose every attempt fails at once, without hints: for one with jitter and no seed, one
    /// sample of them.
    ///
    /// ```
    /// use persevere::{Jitter, Policy};
    /// use std::time::Duration;
    ///
    /// let policy = Policy::exponential(Duration::from_secs(1))
    ///     .jitter(Jitter::None)
    ///     .max_delay(Duration::from_secs(5))
    ///     .max_attempts(6);
    /// let seconds: Vec<_> = policy.delays().map(|delay| delay.as_secs()).collect();
    /// assert_eq!(seconds, [1, 2, 4, 5, 5]);
    /// ```
    pub const fn delays(&self) -> Delays<'_, B, C, On> {
        Delays {
            policy: self,
            machine: Machine::start(Duration::ZERO),
        }
    }

    /// The delay after the given number of failures, in constant time, for callers who keep no state; `None` if there is
    /// no further attempt. Limits of time are not considered. `previous` is the last delay, for curves that depend on it.
    ///
    /// ```
    /// use persevere::{Jitter, Policy};
    /// use std::time::Duration;
    ///
    /// let policy = Policy::exponential(Duration::from_secs(1)).jitter(Jitter::None).max_retries(3);
    /// assert_eq!(policy.delay_after(3, None), Some(Duration::from_secs(4)));
    /// assert_eq!(policy.delay_after(4, None), None);
    /// ```
    #[must_use]
    pub fn delay_after(&self, failures: u32, previous: Option<Duration>) -> Option<Duration> {
        let unhurried = Policy::<_, _>::from_parts(
            &self.backoff,
            (),
            Limits {
                max_elapsed: None,
                ..self.limits
            },
        );
        let mut progress = Progress::default();
        progress.failures = failures.checked_sub(1)?;
        progress.previous = previous.unwrap_or_default();
        match Machine::resume(progress, Duration::ZERO).step(&unhurried, Verdict::Retry, Duration::ZERO) {
            Step::Wait(delay) => Some(delay),
            Step::Stop(_) => None,
        }
    }

    /// The most attempts that a run may make and the longest that it may wait in all, whatever the jitter draws,
    /// if no failure brings a hint. (With hints a wait may be as long as [`max_hint`](Policy::max_hint).)
    ///
    /// It walks through the schedule, so it takes as long as there are attempts. A policy that makes a million and
    /// has no limit of attempts counts as endless.
    ///
    /// ```
    /// use persevere::Policy;
    /// use std::time::Duration;
    ///
    /// let worst = Policy::fibonacci(Duration::from_secs(1)).max_attempts(6).worst_case();
    /// assert_eq!(worst.attempts, 6);
    /// assert_eq!(worst.total_delay, Duration::from_secs(1 + 1 + 2 + 3 + 5));
    /// ```
    pub fn worst_case(&self) -> WorstCase {
        const ENDLESS: u32 = 1_000_000;
        let limits = self.limits;
        let most = limits.max_elapsed.map_or(Duration::MAX, Duration::from_nanos);

        // The shortest delays leave time for the most attempts.
        let mut shortest = Machine::start(Duration::ZERO);
        let mut attempts = 1;
        while let Step::Wait(delay) = shortest.step_at(self, nanos(shortest.waited()), Bound::Shortest) {
            shortest.count_wait(delay);
            attempts += 1;
            if attempts == ENDLESS && limits.max_attempts().is_none() {
                return WorstCase {
                    attempts: u32::MAX,
                    total_delay: most,
                };
            }
        }

        // The longest may not fit the time, but some in between may fill it, so the sum is bounded and not the walk.
        let unhurried = Policy::<_, _>::from_parts(
            &self.backoff,
            (),
            Limits {
                max_elapsed: None,
                max_retries: attempts - 1,
                ..limits
            },
        );
        let mut longest = Machine::start(Duration::ZERO);
        let mut total_delay = Duration::ZERO;
        while let Step::Wait(delay) = longest.step_at(&unhurried, 0, Bound::Longest) {
            total_delay = total_delay.saturating_add(delay);
        }
        WorstCase {
            attempts,
            total_delay: total_delay.min(most),
        }
    }
}

/// The schedule of a policy; made by [`Policy::delays`].
#[derive(Debug, Clone)]
#[must_use = "iterators are lazy and do nothing unless consumed"]
pub struct Delays<'p, B, C, On> {
    policy: &'p Policy<B, C, On>,
    machine: Machine,
}

impl<B: Backoff, C, On> Iterator for Delays<'_, B, C, On> {
    type Item = Duration;

    fn next(&mut self) -> Option<Duration> {
        match self.machine.step(self.policy, Verdict::Retry, self.machine.waited()) {
            Step::Wait(delay) => {
                self.machine.count_wait(delay);
                Some(delay)
            }
            Step::Stop(_) => None,
        }
    }
}

impl<B: Backoff, C, On> FusedIterator for Delays<'_, B, C, On> {}

/// The most that a policy may do; made by [`Policy::worst_case`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct WorstCase {
    /// The most calls of the operation.
    pub attempts: u32,
    /// The longest sum of delays.
    pub total_delay: Duration,
}
