//! The machine: the one place where a retry is decided.

mod decide;

pub(crate) use decide::End;

use crate::as_policy::AsPolicy;
use crate::classify::Verdict;
use crate::error::{RetryError, StopReason};
use crate::nanos::saturating_nanos;
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
    /// What has been tried so far, let through or not.
    tried: u32,
    /// What of it was not let through. With 16 bits the state stays at 32 bytes.
    rejections: u16,
    ended: Option<StopReason>,
}

impl Machine {
    /// A run that has not looked at a clock.
    pub(crate) const NEW: Machine = Machine::start(Duration::ZERO);

    /// A run that starts `now`, with no attempt made.
    #[inline]
    #[must_use]
    pub const fn start(now: Duration) -> Machine {
        Machine {
            start: saturating_nanos(now),
            waited: 0,
            previous: 0,
            tried: 0,
            rejections: 0,
            ended: None,
        }
    }

    /// Decides what follows an attempt of which the classifier said `verdict`, and that ended `now`.
    ///
    /// An accepted outcome that was not a success stops as permanent. Once a run has stopped, every further step
    /// says so again.
    #[inline]
    pub fn step<P: AsPolicy>(&mut self, policy: &P, verdict: Verdict, now: Duration) -> Step {
        if let Some(reason) = self.ended {
            return Step::Stop(reason);
        }
        match self.next(policy, verdict, policy.limits().max_elapsed.map(|_| now)) {
            Some(delay) => Step::Wait(delay.into()),
            None => Step::Stop(self.reason()),
        }
    }

    /// [`step`](Machine::step) for an attempt that was cut off by its timeout: worth retrying. If no attempts are
    /// left it stops with [`StopReason::AttemptTimedOut`], or with [`StopReason::Elapsed`] if it was the time for the
    /// whole run that cut it off.
    #[inline]
    pub fn timed_out<P: AsPolicy>(&mut self, policy: &P, now: Duration) -> Step {
        let had_ended = self.ended.is_some();
        match self.step(policy, Verdict::Retry, now) {
            Step::Stop(_) if !had_ended => Step::Stop(self.end_cut_off(policy, now)),
            step => step,
        }
    }

    /// The reason of a run that has stopped. One that has not is stopped from outside.
    #[inline]
    pub(crate) fn reason(&self) -> StopReason {
        self.ended.unwrap_or(StopReason::Cancelled)
    }

    /// The reason of a run that has stopped after an attempt that was cut off.
    #[inline]
    pub(crate) fn end_cut_off<P: AsPolicy>(&mut self, policy: &P, now: Duration) -> StopReason {
        let limit = policy.limits().max_elapsed;
        let reason = match self.reason() {
            StopReason::Attempts if limit.is_some_and(|limit| self.elapsed(now) >= limit) => StopReason::Elapsed,
            StopReason::Attempts => StopReason::AttemptTimedOut,
            reason => reason,
        };
        self.ended = Some(reason);
        reason
    }

    /// Decides what follows if a breaker does not let the next attempt through, and says after how long there is a point in
    /// asking again. Unless the policy has [`retry_rejected`](crate::Policy::retry_rejected), the run stops with
    /// [`StopReason::Rejected`].
    ///
    /// What was not let through is no attempt and not counted as one, but a run asks no more often than it may make attempts,
    /// nor more than 65,535 times. The time is a hint, zero if it is not known; where a limit other than that of the whole
    /// time forbids to wait for it, the reason is `Rejected` as well.
    ///
    /// ```
    /// use persevere::{Machine, Policy, Step, StopReason};
    /// use std::time::Duration;
    ///
    /// let policy = Policy::default().retry_rejected();
    /// let (now, left) = (Duration::ZERO, Duration::from_secs(2));
    /// let mut machine = Machine::start(now);
    /// assert_eq!(machine.rejected(&policy, Some(left), now), Step::Wait(left));
    /// assert_eq!(machine.failures(), 0);
    /// assert_eq!(machine.rejected(&policy, None, now), Step::Stop(StopReason::Rejected), "held open by hand");
    /// ```
    pub fn rejected<P: AsPolicy>(&mut self, policy: &P, retry_after: Option<Duration>, now: Duration) -> Step {
        match self.wait_out(policy, retry_after, policy.limits().max_elapsed.map(|_| now)) {
            Some(delay) => Step::Wait(delay.into()),
            None => Step::Stop(self.reason()),
        }
    }

    /// Ends the run for a reason from outside the policy. If it has ended already, the first reason stays.
    #[inline]
    pub fn give_up(&mut self, reason: StopReason) -> Step {
        Step::Stop(*self.ended.get_or_insert(reason))
    }

    /// Takes back the wait that the last step asked for, since it was not made, or not to its end: then it does not count
    /// as [`waited`](Machine::waited).
    #[inline]
    pub fn unwait(&mut self, delay: Duration) {
        self.unwait_nanos(saturating_nanos(delay));
    }

    #[inline]
    pub(crate) fn unwait_nanos(&mut self, nanos: u64) {
        self.waited = self.waited.saturating_sub(nanos);
    }

    /// What a run that ended `now` says of itself.
    #[inline]
    pub(crate) fn error<E>(&self, now: Option<Duration>, last: Option<E>) -> RetryError<E> {
        let elapsed = now.map(|now| self.elapsed_nanos(now));
        RetryError::new(self.reason(), self.failures(), self.waited, elapsed, last)
    }

    #[inline]
    fn elapsed_nanos(&self, now: Duration) -> u64 {
        saturating_nanos(now).saturating_sub(self.start)
    }

    /// How many attempts have failed: one less than the number of the attempt to be made.
    #[inline]
    #[must_use]
    pub const fn failures(&self) -> u32 {
        self.tried - self.rejections as u32
    }

    /// The number of the attempt to be made, from 1.
    #[inline]
    #[must_use]
    pub const fn attempt(&self) -> u32 {
        self.failures().saturating_add(1)
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
