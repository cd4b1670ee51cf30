//! A policy and the state of one run, for callers who own their loop.

use crate::classify::{Classifier, Verdict};
use crate::error::{RetryError, StopReason};
use crate::machine::{Machine, Progress, Step};
use crate::policy::{Judges, PolicyParts};
use crate::time::nanos;
use core::time::Duration;

/// A policy and the state of one run, for callers who own their loop; made by
/// [`Policy::start`](crate::Policy::start).
///
/// For work between attempts (rewind a body, reconnect, resume a stream), or for state that outlives one call. For
/// observers, guards and deadlines in a loop of your own, see
/// [`Run::steps`](crate::Run::steps).
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
///                 sleeper.sleep(delay);
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
    /// The wait of the last step. It counts when the next step shows that it was made.
    pending: u64,
}

impl<P> Retry<P> {
    pub(crate) const fn new(policy: P, now: Duration) -> Self {
        Retry {
            policy,
            machine: Machine::start(now),
            pending: 0,
        }
    }
}

impl<P: PolicyParts> Retry<P> {
    /// Classifies `error` and decides what follows the attempt that failed with it and ended at `now`.
    #[inline]
    pub fn failed<E: ?Sized>(&mut self, error: &E, now: Duration) -> Step
    where
        P::Classifier: Classifier<E>,
    {
        let verdict = self.policy.classifier().classify(error);
        self.step(verdict, now)
    }

    /// The verdict of the policy's classifier on a whole outcome, for policies that judge `Ok` as well. An outcome that
    /// is not accepted goes to [`step`](Retry::step).
    #[inline]
    pub fn judge<T, E>(&self, outcome: &Result<T, E>) -> Verdict
    where
        P: Judges<T, E>,
    {
        self.policy.judge(outcome)
    }

    /// Decides what follows an attempt with this `verdict` that ended at `now`: see [`Machine::step`].
    #[inline]
    pub fn step(&mut self, verdict: Verdict, now: Duration) -> Step {
        self.count_wait();
        let step = self.machine.step(&self.policy, verdict, now);
        self.pend(step)
    }

    /// Decides what follows an attempt that timed out: see [`Machine::timed_out`].
    #[inline]
    pub fn timed_out(&mut self, now: Duration) -> Step {
        self.count_wait();
        let step = self.machine.timed_out(&self.policy, now);
        self.pend(step)
    }

    /// Decides what follows if a breaker rejects the next attempt: see [`Machine::rejected`].
    pub fn rejected(&mut self, retry_after: Option<Duration>, now: Duration) -> Step {
        self.count_wait();
        let step = self.machine.rejected(&self.policy, retry_after, now);
        self.pend(step)
    }

    #[inline]
    fn count_wait(&mut self) {
        let waited = core::mem::take(&mut self.pending);
        self.machine.count_wait_nanos(waited);
    }

    #[inline]
    fn pend(&mut self, step: Step) -> Step {
        if let Step::Wait(delay) = step {
            self.pending = nanos(delay);
        }
        step
    }

    /// Ends the run for a reason from outside the policy. A wait of the last step counts as not made: see
    /// [`Machine::give_up`].
    pub fn give_up(&mut self, reason: StopReason) -> Step {
        self.machine.give_up(reason)
    }

    /// The number of the attempt to be made, from 1.
    #[inline]
    #[must_use]
    pub const fn attempt(&self) -> u32 {
        self.machine.attempt()
    }

    /// How long an attempt that begins at `now` may take: see [`Machine::timeout`].
    #[inline]
    #[must_use]
    pub fn timeout(&self, now: Duration) -> Option<Duration> {
        self.machine.timeout(&self.policy, now)
    }

    /// Starts over: attempts, delays and time count from `now`. For a watcher or stream that has made progress; not yet
    /// after connecting, or a peer that accepts and drops connections is retried for ever.
    pub fn restart(&mut self, now: Duration) {
        self.machine = Machine::start(now);
        self.pending = 0;
    }

    /// The error of a run that has stopped at `now`, as the drivers return it. If the run has not stopped, the reason is
    /// [`StopReason::Cancelled`].
    ///
    /// ```
    /// use persevere::{Policy, RetryError, Sleeper, Step, StopReason, ThreadSleeper};
    ///
    /// fn once() -> Result<(), RetryError<&'static str>> {
    ///     let mut retry = Policy::default().max_attempts(1).into_retry(ThreadSleeper.now());
    ///     let error = "no route";
    ///     match retry.failed(error, ThreadSleeper.now()) {
    ///         Step::Wait(_) => unreachable!("one attempt means no retries"),
    ///         Step::Stop(_) => Err(retry.into_error(Some(error), ThreadSleeper.now())),
    ///     }
    /// }
    /// assert_eq!(once().unwrap_err().reason(), StopReason::Attempts);
    /// ```
    pub fn into_error<E>(self, last: Option<E>, now: Duration) -> RetryError<E> {
        let now = self.policy.is_timed().then(|| nanos(now));
        self.machine.error(now, last)
    }

    /// Goes on from where another run was saved: see [`Machine::resume`].
    #[must_use]
    pub fn resumed(mut self, progress: Progress, now: Duration) -> Self {
        self.machine = Machine::resume(progress, now);
        self
    }

    /// The state of the run.
    #[must_use]
    pub const fn machine(&self) -> &Machine {
        &self.machine
    }
}
