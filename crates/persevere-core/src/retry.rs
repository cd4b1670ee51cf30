//! A policy and the state of one run, for callers who own their loop.

use crate::as_policy::AsPolicy;
use crate::backoff::Backoff;
use crate::classify::{Classifier, Judge, Verdict};
use crate::error::{RetryError, StopReason};
use crate::machine::{Machine, Step};
use crate::policy::Policy;
use core::time::Duration;

/// A policy and the state of one run, for callers who own their loop; made by [`Policy::start`].
///
/// For work between attempts (rewind a body, reconnect, resume a stream), or for state that outlives one call.
///
/// ```
/// use persevere::{Policy, Sleeper, Step, ThreadSleeper};
/// use std::time::Duration;
///
/// let policy = Policy::fixed(Duration::from_millis(1)).max_attempts(4);
/// let sleeper = ThreadSleeper;
/// let mut reconnects = 0;
///
/// let mut retry = policy.start(sleeper.now());
/// let answer = loop {
///     match if retry.attempt() < 3 { Err("connection lost") } else { Ok(42) } {
///         Ok(answer) => break Ok(answer),
///         Err(error) => match retry.failed(&error, sleeper.now()) {
///             Step::Wait(delay) => {
///                 let _done = sleeper.sleep(delay);
///                 reconnects += 1;
///             }
///             Step::Stop(reason) => break Err((reason, error)),
///         },
///     }
/// };
/// assert_eq!((answer, reconnects), (Ok(42), 2));
/// ```
#[derive(Debug, Clone)]
pub struct Retry<P> {
    policy: P,
    machine: Machine,
}

impl<B: Backoff, C> Policy<B, C> {
    /// Starts a run to be stepped by hand, `now` on the clock that the steps will tell.
    #[must_use]
    pub const fn start(&self, now: Duration) -> Retry<&Self> {
        Retry {
            policy: self,
            machine: Machine::start(now),
        }
    }

    /// [`start`](Policy::start) for a run that keeps the policy, to be stored on its own.
    #[must_use]
    pub const fn into_retry(self, now: Duration) -> Retry<Self> {
        Retry {
            policy: self,
            machine: Machine::start(now),
        }
    }
}

impl<P: AsPolicy> Retry<P> {
    /// Classifies `error` and decides what follows the attempt that failed with it and ended `now`.
    #[inline]
    pub fn failed<E: ?Sized>(&mut self, error: &E, now: Duration) -> Step
    where
        P::Classifier: Classifier<E>,
    {
        let verdict = self.policy.classifier().classify(error);
        self.step(verdict, now)
    }

    /// What the policy's classifier says of a whole outcome, for policies that judge `Ok` as well. An outcome that
    /// is not accepted goes to [`step`](Retry::step).
    #[inline]
    pub fn judge<T, E>(&self, outcome: &Result<T, E>) -> Verdict
    where
        P::Classifier: Judge<T, E>,
    {
        self.policy.classifier().judge(outcome)
    }

    /// Decides what follows an attempt with this `verdict` that ended `now`: see [`Machine::step`].
    #[inline]
    pub fn step(&mut self, verdict: Verdict, now: Duration) -> Step {
        self.machine.step(&self.policy, verdict, now)
    }

    /// Decides what follows an attempt that was cut off: see [`Machine::timed_out`].
    #[inline]
    pub fn timed_out(&mut self, now: Duration) -> Step {
        self.machine.timed_out(&self.policy, now)
    }

    /// Decides what follows if a breaker does not let the next attempt through: see [`Machine::rejected`].
    pub fn rejected(&mut self, retry_after: Option<Duration>, now: Duration) -> Step {
        self.machine.rejected(&self.policy, retry_after, now)
    }

    /// Takes back the wait that the last step asked for, since it is not made: see [`Machine::unwait`].
    pub fn unwait(&mut self, delay: Duration) {
        self.machine.unwait(delay);
    }

    /// Ends the run for a reason from outside the policy: see [`Machine::give_up`].
    pub fn give_up(&mut self, reason: StopReason) -> Step {
        self.machine.give_up(reason)
    }

    /// The number of the attempt to be made, from 1.
    #[inline]
    #[must_use]
    pub const fn attempt(&self) -> u32 {
        self.machine.attempt()
    }

    /// How long an attempt that begins `now` may take: see [`Machine::timeout`].
    #[inline]
    #[must_use]
    pub fn timeout(&self, now: Duration) -> Option<Duration> {
        self.machine.timeout(&self.policy, now)
    }

    /// Starts over: attempts, delays and time count from `now`. For a watcher or stream that has made progress.
    pub fn restart(&mut self, now: Duration) {
        self.machine = Machine::start(now);
    }

    /// The error of a run that has stopped `now`, as the drivers return it. For one that has not stopped, the reason
    /// is [`StopReason::Cancelled`].
    ///
    /// ```
    /// use persevere::{Policy, RetryError, Sleeper, Step, StopReason, ThreadSleeper};
    ///
    /// fn once() -> Result<(), RetryError<&'static str>> {
    ///     let mut retry = Policy::default().max_attempts(1).into_retry(ThreadSleeper.now());
    ///     let error = "no route";
    ///     match retry.failed(error, ThreadSleeper.now()) {
    ///         Step::Wait(_) => unreachable!("one attempt means no retry"),
    ///         Step::Stop(_) => Err(retry.into_error(Some(error), ThreadSleeper.now())),
    ///     }
    /// }
    /// assert_eq!(once().unwrap_err().reason(), StopReason::Attempts);
    /// ```
    pub fn into_error<E>(self, last: Option<E>, now: Duration) -> RetryError<E> {
        let now = self.policy.limits().max_elapsed.map(|_| now);
        self.machine.error(now, last)
    }

    /// The state of the run.
    #[must_use]
    pub const fn machine(&self) -> &Machine {
        &self.machine
    }
}
