//! The machine: the one place where a retry is decided.

use crate::as_policy::AsPolicy;
use crate::backoff::{Backoff as _, Context};
use crate::capped::Capped;
use crate::classify::Verdict;
use crate::error::{RetryError, StopReason};
use crate::jitter::Jitter;
use crate::limits::Limits;
use crate::nanos::saturating_nanos;
use crate::random::Random;
use core::time::Duration;

/// What to do after an attempt that did not succeed.
///
/// Exhaustive on purpose: a caller's own loop has to handle both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "the machine decides, but it is the caller who waits or stops"]
pub enum Step {
    /// Wait this long, then make the next attempt.
    Wait(Duration),
    /// Make no other attempt.
    Stop(StopReason),
}

/// The state of one run, without its policy: how many attempts have failed, how long it has waited.
///
/// This is what the drivers step, and what a caller steps who keeps policy and state apart; [`Retry`](crate::Retry) holds both.
/// It reads no clock: `now` is any point on a monotonic clock, such as [`Sleeper::now`](crate::Sleeper::now)
/// tells. Only a policy with [`max_elapsed`](crate::Policy::max_elapsed) looks at it.
///
/// Time is kept in 64 bits of nanoseconds, 584 years, and saturates there.
///
/// ```
/// use persevere::{Jitter, Machine, Policy, Step, StopReason, Verdict};
/// use std::time::Duration;
///
/// let policy = Policy::linear(Duration::from_secs(1)).jitter(Jitter::None).max_attempts(3);
/// let now = Duration::ZERO;
/// let mut machine = Machine::start(now);
/// assert_eq!(machine.step(&policy, Verdict::Retry, now), Step::Wait(Duration::from_secs(1)));
/// assert_eq!(machine.step(&policy, Verdict::Retry, now), Step::Wait(Duration::from_secs(2)));
/// assert_eq!(machine.step(&policy, Verdict::Retry, now), Step::Stop(StopReason::Attempts));
/// assert_eq!(machine.step(&policy, Verdict::Retry, now), Step::Stop(StopReason::Attempts), "stopped stays stopped");
/// ```
#[derive(Debug, Clone)]
pub struct Machine {
    start: u64,
    waited: u64,
    previous: u64,
    failures: u32,
    ended: Option<StopReason>,
}

impl Machine {
    /// A run that starts `now`, with no attempt made.
    #[inline]
    #[must_use]
    pub const fn start(now: Duration) -> Machine {
        Machine {
            start: saturating_nanos(now),
            waited: 0,
            previous: 0,
            failures: 0,
            ended: None,
        }
    }

    /// Decides what follows an attempt of which the classifier said `verdict`, and that ended `now`.
    ///
    /// An accepted outcome that was not a success stops as permanent. Once a run has stopped, every further step
    /// says so again.
    #[inline(always)]
    pub fn step<P: AsPolicy>(&mut self, policy: &P, verdict: Verdict, now: Duration) -> Step {
        self.advance(
            policy.limits(),
            verdict,
            now,
            |context| policy.backoff().delay(context),
            Jitter::spread,
        )
    }

    /// [`step`](Machine::step) for an attempt that was cut off by its timeout: worth retrying. If no attempts are
    /// left it stops with [`StopReason::AttemptTimedOut`], or with [`StopReason::Elapsed`] if it was the time for the
    /// whole run that cut it off.
    #[inline]
    pub fn timed_out<P: AsPolicy>(&mut self, policy: &P, now: Duration) -> Step {
        let ended = self.ended;
        match self.step(policy, Verdict::Retry, now) {
            Step::Stop(StopReason::Attempts) => {
                self.ended = ended;
                let is_over = policy
                    .limits()
                    .max_elapsed
                    .is_some_and(|limit| self.elapsed(now) >= limit);
                self.give_up(if is_over {
                    StopReason::Elapsed
                } else {
                    StopReason::AttemptTimedOut
                })
            }
            step => step,
        }
    }

    /// Ends the run for a reason from outside the policy. If it has ended already, the first reason stays.
    #[inline]
    pub fn give_up(&mut self, reason: StopReason) -> Step {
        Step::Stop(*self.ended.get_or_insert(reason))
    }

    /// [`step`](Machine::step) with one end of the ranges of what could be drawn, instead of a draw.
    pub(crate) fn step_within<P: AsPolicy>(&mut self, policy: &P, now: Duration, end: End) -> Step {
        self.advance(
            policy.limits(),
            Verdict::Retry,
            now,
            |context| {
                policy
                    .backoff()
                    .range(context)
                    .map(|range| end.of((*range.start(), *range.end())))
            },
            |jitter, delay, cap, _| end.of(jitter.range(delay, cap)),
        )
    }

    #[inline(always)]
    fn advance(
        &mut self,
        limits: &Limits,
        verdict: Verdict,
        now: Duration,
        curve: impl FnOnce(&mut Context<'_>) -> Option<Duration>,
        spread: impl FnOnce(Jitter, u64, u64, &mut Random) -> u64,
    ) -> Step {
        if let Some(reason) = self.ended {
            return Step::Stop(reason);
        }
        // Never past `u32::MAX`, since a run ends there at the latest.
        self.failures += 1;
        match self.decide(limits, verdict, now, curve, spread) {
            Ok((delay, nanos)) => {
                self.waited = self.waited.saturating_add(nanos);
                Step::Wait(delay)
            }
            Err(reason) => self.give_up(reason),
        }
    }

    #[inline(always)]
    fn decide(
        &mut self,
        limits: &Limits,
        verdict: Verdict,
        now: Duration,
        curve: impl FnOnce(&mut Context<'_>) -> Option<Duration>,
        spread: impl FnOnce(Jitter, u64, u64, &mut Random) -> u64,
    ) -> Result<(Duration, u64), StopReason> {
        let hint = match verdict {
            Verdict::Retry => Duration::ZERO,
            Verdict::RetryAfter(hint) => hint,
            Verdict::Accept | Verdict::Stop => return Err(StopReason::Permanent),
        };
        if self.failures >= limits.max_attempts {
            return Err(StopReason::Attempts);
        }
        let mut random = Random::of_step(limits.seed, self.failures);
        let elapsed = limits.max_elapsed.map(|_| self.elapsed_nanos(now));
        // Asked even when a hint takes the place of its answer, since only the backoff knows whether its schedule
        // has come to an end.
        let curve = curve(&mut Context {
            attempt: self.failures,
            previous: (self.failures > 1).then_some(self.previous),
            elapsed,
            max_delay: limits.max_delay,
            random: &mut random,
        })
        .ok_or(StopReason::Attempts)?;
        let capped = Capped::new(curve, limits);
        self.previous = capped.nanos();
        let computed = capped.spread(limits, &mut random, spread);

        let bound = limits.hint_bound();
        let delay = match hint.min(bound) {
            _ if hint > bound && !limits.clamp_hints => return Err(StopReason::Hint),
            // No hint, or a bound that leaves nothing of it.
            Duration::ZERO => computed,
            hint => (hint, saturating_nanos(hint)),
        };
        match (limits.max_elapsed, elapsed) {
            (Some(limit), Some(elapsed)) if Duration::from_nanos(elapsed).saturating_add(delay.0) >= limit => {
                Err(StopReason::Elapsed)
            }
            _ => Ok(delay),
        }
    }

    /// Moves the start of a run that has made no attempt.
    #[inline]
    pub(crate) fn set_start(&mut self, now: Duration) {
        self.start = saturating_nanos(now);
    }

    /// The wait of the last step did not come to its end.
    #[inline]
    pub(crate) fn unwait(&mut self, delay: Duration) {
        self.waited = self.waited.saturating_sub(saturating_nanos(delay));
    }

    /// What a run that ended `now` for `reason` says of itself.
    #[inline]
    pub(crate) fn error<E>(
        &self,
        limits: &Limits,
        reason: StopReason,
        now: Duration,
        last: Option<E>,
    ) -> RetryError<E> {
        let elapsed = limits.max_elapsed.map(|_| self.elapsed_nanos(now));
        RetryError::new(reason, self.failures, self.waited, elapsed, last)
    }

    #[inline]
    fn elapsed_nanos(&self, now: Duration) -> u64 {
        saturating_nanos(now).saturating_sub(self.start)
    }

    /// How many attempts have failed: one less than the number of the attempt to be made.
    #[inline]
    #[must_use]
    pub const fn failures(&self) -> u32 {
        self.failures
    }

    /// The number of the attempt to be made, from 1.
    #[inline]
    #[must_use]
    pub const fn attempt(&self) -> u32 {
        self.failures.saturating_add(1)
    }

    /// The sum of the delays so far, the one being waited for included.
    #[inline]
    #[must_use]
    pub const fn waited(&self) -> Duration {
        Duration::from_nanos(self.waited)
    }

    /// The time from the start of the run until `now`.
    #[inline]
    #[must_use]
    pub fn elapsed(&self, now: Duration) -> Duration {
        Duration::from_nanos(self.elapsed_nanos(now))
    }

    /// Why the run has stopped, if it has.
    #[inline]
    #[must_use]
    pub const fn ended(&self) -> Option<StopReason> {
        self.ended
    }

    /// How long an attempt that begins `now` may take under `policy`: its attempt timeout or what is left of the
    /// run, whichever is less; `None` if neither is limited.
    #[inline]
    #[must_use]
    pub fn timeout<P: AsPolicy>(&self, policy: &P, now: Duration) -> Option<Duration> {
        let limits = policy.limits();
        let left = limits.max_elapsed.map(|limit| limit.saturating_sub(self.elapsed(now)));
        match (limits.attempt_timeout, left) {
            (Some(timeout), Some(left)) => Some(timeout.min(left)),
            (timeout, left) => timeout.or(left),
        }
    }
}

/// One end of a range.
#[derive(Clone, Copy)]
pub(crate) enum End {
    Shortest,
    Longest,
}

impl End {
    fn of<T>(self, (shortest, longest): (T, T)) -> T {
        match self {
            End::Shortest => shortest,
            End::Longest => longest,
        }
    }
}
