//! The machine: the one place where a retry is decided.

mod delay;

pub(crate) use delay::{Bound, accepted};

use crate::classify::Verdict;
use crate::error::{RetryError, StopReason};
use crate::policy::PolicyParts;
use crate::time::nanos;
use core::time::Duration;

/// The next step after an attempt that did not succeed.
///
/// Exhaustive on purpose: a caller's own loop has to handle both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[must_use = "the machine decides, but it is the caller who waits or stops"]
pub enum Step {
    /// Wait this long, then make the next attempt.
    Wait(Duration),
    /// Make no other attempt.
    Stop(StopReason),
}

/// The state of one run, without its policy: how many attempts have failed, how long it has waited.
///
/// The drivers step it, and so does a caller who keeps policy and state apart; [`Retry`](crate::Retry) holds both.
/// It reads no clock: `now` is any point on a monotonic clock, such as [`Sleeper::now`](crate::Sleeper::now) returns.
/// Only a policy with [`max_elapsed`](crate::Policy::max_elapsed) looks at it.
///
/// Time is kept in 64-bit nanoseconds, which saturate after 584 years.
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
    /// The last delay of the curve; once the run has ended, the hint that it ended with (`u64::MAX` if none).
    previous: u64,
    failures: u32,
    // With 16 bits the state stays at 32 bytes.
    rejections: u16,
    ended: Option<StopReason>,
}

/// The saved state of a run; returned by [`Machine::progress`]. A job queue stores it with its job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(default))]
#[non_exhaustive]
pub struct Progress {
    /// How many attempts have failed.
    pub failures: u32,
    /// How many rejections the run has waited for.
    pub rejections: u32,
    /// The sum of the waits that were counted.
    pub waited: Duration,
    /// The last delay of the curve, capped and without jitter.
    pub previous: Duration,
    /// How long the run has taken.
    pub elapsed: Duration,
}

const NO_HINT: u64 = u64::MAX;

impl Machine {
    /// A run that starts at `now`, with no attempt made.
    #[inline]
    #[must_use]
    pub const fn start(now: Duration) -> Machine {
        Machine {
            start: nanos(now),
            waited: 0,
            previous: 0,
            failures: 0,
            rejections: 0,
            ended: None,
        }
    }

    /// Decides what follows an attempt with this verdict that ended at `now`.
    ///
    /// An accepted outcome that was not a success stops the run as not retryable. Once a run has stopped, every further
    /// step returns the same reason.
    #[inline]
    pub fn step<P: PolicyParts>(&mut self, policy: &P, verdict: Verdict, now: Duration) -> Step {
        let delay = self.failed(policy, verdict, nanos(now));
        self.as_step(delay)
    }

    /// [`step`](Machine::step) for an attempt that timed out. It is retried by default: see
    /// [`retry_timeouts`](crate::Policy::retry_timeouts). If it is not retried, or no attempts are left, the reason is
    /// [`StopReason::AttemptTimedOut`], or [`StopReason::Elapsed`] if the time of the whole run is over.
    #[inline]
    pub fn timed_out<P: PolicyParts>(&mut self, policy: &P, now: Duration) -> Step {
        let delay = self.failed_by_time(policy, nanos(now));
        self.as_step(delay)
    }

    #[cold]
    pub(crate) fn failed_by_time<P: PolicyParts>(&mut self, policy: &P, now: u64) -> Option<u64> {
        let had_ended = self.ended.is_some();
        let verdict = if policy.limits().stop_on_timeout {
            Verdict::Stop
        } else {
            Verdict::Retry
        };
        let delay = self.failed(policy, verdict, now);
        if delay.is_none() && !had_ended && matches!(self.reason(), StopReason::Attempts | StopReason::Permanent) {
            let is_over = policy
                .time(self.start)
                .is_some_and(|limit| self.elapsed_nanos(now) >= limit);
            self.ended = Some(if is_over {
                StopReason::Elapsed
            } else {
                StopReason::AttemptTimedOut
            });
        }
        delay
    }

    /// Decides what follows if a circuit breaker rejects the next attempt. `retry_after` is the time that the breaker
    /// returned: zero if it is not known, `None` if no wait helps. Unless the policy has
    /// [`retry_rejected`](crate::Policy::retry_rejected), the run stops with [`StopReason::Rejected`].
    ///
    /// A rejection is not counted as an attempt or a failure, and moves no curve. The run ends when it has been
    /// rejected as often as it may make attempts, or 65,536 times. Where a limit other than the limit of the whole time
    /// forbids the wait, the reason is `Rejected` too.
    ///
    /// ```
    /// use persevere::{Machine, Policy, Step, StopReason};
    /// use std::time::Duration;
    ///
    /// let policy = Policy::default().retry_rejected(true).exact_hints();
    /// let (now, left) = (Duration::ZERO, Duration::from_secs(2));
    /// let mut machine = Machine::start(now);
    /// assert_eq!(machine.rejected(&policy, Some(left), now), Step::Wait(left));
    /// assert_eq!(machine.failures(), 0);
    /// assert_eq!(machine.rejected(&policy, None, now), Step::Stop(StopReason::Rejected), "forced open");
    /// ```
    #[inline]
    pub fn rejected<P: PolicyParts>(&mut self, policy: &P, retry_after: Option<Duration>, now: Duration) -> Step {
        let delay = self.wait_out(policy, retry_after, nanos(now));
        self.as_step(delay)
    }

    #[inline]
    fn as_step(&self, delay: Option<u64>) -> Step {
        match delay {
            Some(delay) => Step::Wait(Duration::from_nanos(delay)),
            None => Step::Stop(self.reason()),
        }
    }

    /// Ends the run for a reason from outside the policy. If it has ended already, the first reason stays.
    #[inline]
    pub fn give_up(&mut self, reason: StopReason) -> Step {
        if self.ended.is_none() {
            self.end(reason, NO_HINT);
        }
        Step::Stop(self.reason())
    }

    /// Counts a wait that was made to its end.
    #[inline]
    pub fn count_wait(&mut self, delay: Duration) {
        self.count_wait_nanos(nanos(delay));
    }

    #[inline]
    pub(crate) fn count_wait_nanos(&mut self, delay: u64) {
        self.waited = self.waited.saturating_add(delay);
    }

    /// Counts an attempt that was made and neither succeeded nor failed, since the run was cancelled.
    #[inline]
    pub(crate) fn count_abandoned(&mut self) {
        self.failures = self.failures.saturating_add(1);
    }

    /// Ends the run; there is no delay.
    #[inline]
    fn end(&mut self, reason: StopReason, hint: u64) -> Option<u64> {
        self.ended = Some(reason);
        self.previous = hint;
        None
    }

    /// The reason of a run that has stopped. A run that has not is stopped from outside.
    #[inline]
    pub(crate) fn reason(&self) -> StopReason {
        self.ended.unwrap_or(StopReason::Cancelled)
    }

    /// The error of a run that ended at `now`.
    #[inline]
    pub(crate) fn error<E>(&self, now: Option<u64>, last: Option<E>) -> RetryError<E> {
        let hint = if self.ended.is_some() { self.previous } else { NO_HINT };
        let elapsed = now.map(|now| self.elapsed_nanos(now));
        RetryError::new(self.reason(), self.failures, self.waited, elapsed, hint, last)
    }

    #[inline]
    fn elapsed_nanos(&self, now: u64) -> u64 {
        now.saturating_sub(self.start)
    }

    /// The state of a run to save, so that it can be [resumed](Machine::resume) later or elsewhere.
    #[must_use]
    pub fn progress(&self, now: Duration) -> Progress {
        Progress {
            failures: self.failures,
            rejections: u32::from(self.rejections),
            waited: self.waited(),
            previous: match self.ended {
                None => Duration::from_nanos(self.previous),
                Some(_) => Duration::ZERO,
            },
            elapsed: self.elapsed(now),
        }
    }

    /// A run that goes on at `now` from where another was saved, in constant time. The time in between does not count.
    ///
    /// ```
    /// use persevere::{Jitter, Machine, Policy, Step, Verdict};
    /// use std::time::Duration;
    ///
    /// let policy = Policy::linear(Duration::from_secs(1)).jitter(Jitter::None).max_attempts(9);
    /// let mut machine = Machine::start(Duration::ZERO);
    /// let _ = machine.step(&policy, Verdict::Retry, Duration::ZERO);
    /// let saved = machine.progress(Duration::ZERO);
    ///
    /// let mut machine = Machine::resume(saved, Duration::from_secs(1_000));
    /// assert_eq!(machine.step(&policy, Verdict::Retry, Duration::from_secs(1_000)), Step::Wait(Duration::from_secs(2)));
    /// ```
    #[must_use]
    pub fn resume(progress: Progress, now: Duration) -> Machine {
        Machine {
            start: nanos(now).saturating_sub(nanos(progress.elapsed)),
            waited: nanos(progress.waited),
            previous: nanos(progress.previous),
            failures: progress.failures,
            rejections: u16::try_from(progress.rejections).unwrap_or(u16::MAX),
            ended: None,
        }
    }

    /// Whether another failure at `now` would be the last under `policy`: no retries are left, or no time.
    #[must_use]
    pub fn is_exhausted<P: PolicyParts>(&self, policy: &P, now: Duration) -> bool {
        self.ended.is_some()
            || self.failures >= policy.limits().max_retries
            || policy
                .time(self.start)
                .is_some_and(|limit| self.elapsed_nanos(nanos(now)) >= limit)
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

    /// The sum of the waits that were counted by [`count_wait`](Machine::count_wait).
    #[inline]
    #[must_use]
    pub const fn waited(&self) -> Duration {
        Duration::from_nanos(self.waited)
    }

    /// The time from the start of the run until `now`.
    #[inline]
    #[must_use]
    pub fn elapsed(&self, now: Duration) -> Duration {
        Duration::from_nanos(self.elapsed_nanos(nanos(now)))
    }

    /// Why the run has stopped; `None` if it has not.
    #[inline]
    #[must_use]
    pub const fn ended(&self) -> Option<StopReason> {
        self.ended
    }

    /// How long an attempt that begins at `now` may take under `policy`; `None` if it is not limited. This is the
    /// attempt timeout or the rest of the run, whichever is less.
    #[inline]
    #[must_use]
    pub fn timeout<P: PolicyParts>(&self, policy: &P, now: Duration) -> Option<Duration> {
        self.timeout_nanos(policy, nanos(now)).map(Duration::from_nanos)
    }

    #[inline]
    pub(crate) fn timeout_nanos<P: PolicyParts>(&self, policy: &P, now: u64) -> Option<u64> {
        match (policy.limits().attempt_timeout, self.time_left_nanos(policy, now)) {
            (Some(timeout), Some(left)) => Some(timeout.min(left)),
            (timeout, left) => timeout.or(left),
        }
    }

    /// How long the run has left at `now`, as far as its time is limited by then.
    #[inline]
    pub(crate) fn time_left_nanos<P: PolicyParts>(&self, policy: &P, now: u64) -> Option<u64> {
        self.limit(policy)
            .map(|limit| limit.saturating_sub(self.elapsed_nanos(now)))
    }

    /// The time for the whole run, as far as it is limited by now. A limit that counts from the first failure does not
    /// bind before that failure.
    #[inline]
    fn limit<P: PolicyParts>(&self, policy: &P) -> Option<u64> {
        if policy.limits().since_first_failure && self.failures == 0 {
            policy.end(self.start)
        } else {
            policy.time(self.start)
        }
    }
}
