//! A policy before it is used: its delays and its worst case.

use crate::backoff::Backoff;
use crate::classify::Verdict;
use crate::machine::{Bound, Machine, Progress, Step};
use crate::policy::{Limits, Policy};
use crate::time::nanos;
use core::iter::FusedIterator;
use core::time::Duration;

impl<B: Backoff, C, On> Policy<B, C, On> {
    /// The delays of a run whose every attempt fails at once, without hints. With jitter and without a seed they are
    /// one sample.
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
        let progress = Progress {
            failures: failures.checked_sub(1)?,
            previous: previous.unwrap_or_default(),
            ..Progress::default()
        };
        match Machine::resume(progress, Duration::ZERO).step(&unhurried, Verdict::Retry, Duration::ZERO) {
            Step::Wait(delay) => Some(delay),
            Step::Stop(_) => None,
        }
    }

    /// The most attempts that a run may make, and the longest that it may wait in all, whatever the jitter draws. This
    /// holds if no failure has a hint. (With hints a wait may be as long as [`max_hint`](Policy::max_hint).)
    ///
    /// It takes as long as the delays change, and not longer for more attempts: a policy without a limit makes `u32::MAX`.
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
        // As many attempts of a curve that never becomes steady count as endless, if they are not limited.
        const ENDLESS: u32 = 1_000_000;
        let limits = self.limits;
        let most = limits.max_elapsed.unwrap_or(u64::MAX);
        let steady = self.backoff.steady_from(limits.max_delay).max(1);

        // The shortest delays leave time for the most attempts.
        let mut shortest = Machine::start(Duration::ZERO);
        let (mut attempts, mut last) = (1_u32, 0);
        let is_over = loop {
            if shortest.failures() >= steady {
                break false;
            }
            let Step::Wait(delay) = shortest.step_at(self, nanos(shortest.waited()), Bound::Shortest) else {
                break true;
            };
            shortest.count_wait(delay);
            attempts = attempts.saturating_add(1);
            last = nanos(delay);
            if attempts == ENDLESS && steady > ENDLESS && limits.max_attempts().is_none() {
                return WorstCase {
                    attempts: u32::MAX,
                    total_delay: limits.max_elapsed().unwrap_or(Duration::MAX),
                };
            }
        };
        // From here on every delay is the last one, unless the backoff has come to its end.
        if !is_over
            && matches!(
                shortest.step_at(self, nanos(shortest.waited()), Bound::Shortest),
                Step::Wait(_)
            )
        {
            let retries = limits.max_retries - (attempts - 1).min(limits.max_retries);
            let left = most
                .saturating_sub(nanos(shortest.waited()))
                .saturating_sub(limits.min_attempt_time.max(1));
            let by_time = match (limits.max_elapsed, left.checked_div(last)) {
                (Some(_), Some(times)) => u32::try_from(times).unwrap_or(u32::MAX),
                _ => u32::MAX,
            };
            attempts = attempts.saturating_add(retries.min(by_time));
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
        let (mut total, mut last) = (0_u64, 0);
        while longest.failures() < steady {
            let Step::Wait(delay) = longest.step_at(&unhurried, 0, Bound::Longest) else {
                break;
            };
            last = nanos(delay);
            total = total.saturating_add(last);
        }
        if longest.ended().is_none() {
            let left = u64::from((attempts - 1).saturating_sub(longest.failures()));
            total = total.saturating_add(last.saturating_mul(left));
        }
        WorstCase {
            attempts,
            total_delay: match total.min(most) {
                u64::MAX => Duration::MAX,
                total => Duration::from_nanos(total),
            },
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
