//! Looking at a policy before it is used: the schedule it would wait, and its worst case.

use crate::backoff::Backoff;
use crate::classify::Verdict;
use crate::limits::Limits;
use crate::machine::{End, Machine, Step};
use crate::policy::Policy;
use core::iter::FusedIterator;
use core::time::Duration;

impl<B: Backoff, C> Policy<B, C> {
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
    pub const fn delays(&self) -> Delays<'_, B, C> {
        Delays {
            policy: self,
            machine: Machine::start(Duration::ZERO),
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
        let Limits {
            max_retries,
            max_elapsed,
            ..
        } = self.limits;

        // The shortest delays leave time for the most attempts.
        let mut shortest = Machine::start(Duration::ZERO);
        let mut attempts = 1;
        while let Step::Wait(_) = shortest.step_within(self, shortest.waited(), End::Shortest) {
            attempts += 1;
            if attempts == ENDLESS && max_retries == u32::MAX - 1 {
                return WorstCase {
                    attempts: u32::MAX,
                    total_delay: max_elapsed.unwrap_or(Duration::MAX),
                };
            }
        }

        // The longest may not fit the time, but some in between may fill it, so the sum is cut off and not the walk.
        let unhurried = Policy {
            backoff: &self.backoff,
            classifier: (),
            limits: Limits {
                max_elapsed: None,
                max_retries: attempts - 1,
                ..self.limits
            },
        };
        let mut longest = Machine::start(Duration::ZERO);
        let mut total_delay = Duration::ZERO;
        while let Step::Wait(delay) = longest.step_within(&unhurried, Duration::ZERO, End::Longest) {
            total_delay = total_delay.saturating_add(delay);
        }
        WorstCase {
            attempts,
            total_delay: total_delay.min(max_elapsed.unwrap_or(Duration::MAX)),
        }
    }
}

/// The schedule of a policy; made by [`Policy::delays`].
#[derive(Debug, Clone)]
#[must_use = "iterators are lazy and do nothing unless consumed"]
pub struct Delays<'p, B, C> {
    policy: &'p Policy<B, C>,
    machine: Machine,
}

impl<B: Backoff, C> Iterator for Delays<'_, B, C> {
    type Item = Duration;

    fn next(&mut self) -> Option<Duration> {
        match self.machine.step(self.policy, Verdict::Retry, self.machine.waited()) {
            Step::Wait(delay) => Some(delay),
            Step::Stop(_) => None,
        }
    }
}

impl<B: Backoff, C> FusedIterator for Delays<'_, B, C> {}

/// The most that a policy may do; made by [`Policy::worst_case`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct WorstCase {
    /// The most calls of the operation.
    pub attempts: u32,
    /// The longest sum of delays.
    pub total_delay: Duration,
}
