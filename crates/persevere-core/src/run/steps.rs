//! A run that the caller drives.

use crate::classify::Verdict;
use crate::error::{RetryError, StopReason};
use crate::gate::Ended;
use crate::machine::Step;
use crate::observe::{Failure, Observer};
use crate::policy::{Judges, PolicyParts};
use crate::run::attempts::Attempts;
use crate::run::ending::Stepwise;
use crate::run::guards::sealed::Admit;
use crate::run::lending::Interrupted;
use crate::run::next::Next;
use crate::run::{Attempt, Guards, NoSignal, Run};
use crate::sleeper::{AwaitedBy, Sleeper, SleptBy};
use crate::time::nanos;
use core::convert::Infallible;
use core::fmt;
use core::future::Future;
use core::marker::PhantomData;
use core::pin::pin;
use core::time::Duration;

/// A run that the caller drives: with the observers, guards, limits and events of any other run; made by [`Run::steps`].
/// `E` is the error of its attempts.
///
/// # Reconnects and watches
///
/// [`backoff`](Steps::backoff) settles a failure and waits, or returns the error:
///
/// ```
/// use persevere::{Policy, TokioSleeper};
/// use std::{io, time::Duration};
///
/// static RECONNECT: Policy = Policy::exponential(Duration::from_millis(1)).unlimited_attempts();
///
/// async fn session(n: &mut u32) -> io::Result<&'static str> {
///     *n += 1;
///     if *n < 4 { Err(io::ErrorKind::ConnectionReset.into()) } else { Ok("closed by the peer") }
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let mut sessions = 0;
/// let mut steps = RECONNECT.on(TokioSleeper).steps();
/// while let Err(error) = session(&mut sessions).await {
///     steps.reset_after(Duration::from_secs(30)); // a session of 30 s was well
///     steps.backoff(error).await?;
/// }
/// assert_eq!(sessions, 4);
/// # Ok(())
/// # }
/// ```
///
/// To try now, because the network came back, end the wait early: [`backoff_until`](Steps::backoff_until).
///
/// # A loop of your own
///
/// [`begin`](Steps::begin) has the guards admit or reject an attempt, [`settle`](Steps::settle) decides what follows
/// its outcome:
///
/// ```
/// use persevere::{Policy, Sleeper, Stats, Step, ThreadSleeper};
/// use std::time::Duration;
///
/// static STATS: Stats = Stats::new();
///
/// let policy = Policy::fixed(Duration::from_millis(1));
/// let mut steps = policy.on(ThreadSleeper).observe(&STATS).timeout(Duration::from_secs(5)).steps();
/// let outcome = loop {
///     let step = match steps.begin() {
///         Ok(attempt) => {
///             let outcome = if attempt.number() < 3 { Err("connection lost") } else { Ok(200) };
///             match steps.settle(&outcome) {
///                 None => break outcome.map_err(|_| unreachable!("an error is not accepted")),
///                 Some(Step::Stop(_)) => break Err(steps.into_error(outcome.err())),
///                 Some(step) => step,
///             }
///         }
///         Err(step) => step,
///     };
///     match step {
///         Step::Wait(delay) => { ThreadSleeper.sleep(delay); /* rewind the body */ }
///         Step::Stop(_) => break Err(steps.into_error(None)),
///     }
/// };
/// assert_eq!((outcome.unwrap(), STATS.snapshot().retries), (200, 2));
/// ```
pub struct Steps<P, S, O, G, E> {
    attempts: Attempts<P, S, O, G, Stepwise, Infallible>,
    stage: Stage,
    /// When the current attempt began, in nanoseconds on the sleeper's clock.
    began: u64,
    of: PhantomData<fn() -> E>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    New,
    Attempt,
    Wait(u64),
}

impl<P: PolicyParts, S: Sleeper, O, G, E> Steps<P, S, O, G, E> {
    #[inline]
    pub(crate) fn new(run: Run<P, S, O, G>) -> Self {
        let began = nanos(run.sleeper.now());
        let (attempts, NoSignal) = Attempts::new(run.with_ending());
        Steps {
            attempts,
            stage: Stage::New,
            began,
            of: PhantomData,
        }
    }

    /// Begins the next attempt. Starts the run if it has not started, counts the wait of the last step as made, and has
    /// the guards admit or reject the attempt.
    ///
    /// # Errors
    ///
    /// The step to take instead, if a guard rejects the attempt, or the run has ended or is cancelled.
    pub fn begin(&mut self) -> Result<Attempt, Step>
    where
        O: Observer<E>,
        G: Admit,
    {
        if let Some(reason) = self.attempts.machine.ended() {
            return Err(Step::Stop(reason));
        }
        let next = match self.stage {
            Stage::New => self.attempts.begin::<(), E>(false),
            Stage::Wait(delay) => self.attempts.woke::<(), E>(delay),
            Stage::Attempt => self.attempts.woke::<(), E>(0),
        };
        match next {
            Next::Attempt => {
                self.stage = Stage::Attempt;
                self.began = nanos(self.attempts.sleeper.now());
                Ok(self.attempts.attempt())
            }
            Next::Wait(delay) => {
                self.stage = Stage::Wait(delay);
                Err(Step::Wait(Duration::from_nanos(delay)))
            }
            Next::Done(reason) => Err(Step::Stop(reason)),
        }
    }

    /// Reports the outcome of an attempt and decides what follows; `None` if it is accepted, and the run has succeeded.
    pub fn settle<T>(&mut self, outcome: &Result<T, E>) -> Option<Step>
    where
        P: Judges<T, E>,
        O: Observer<E>,
        G: Guards<T, E>,
    {
        self.start();
        let verdict = self.attempts.report(outcome);
        self.decide(outcome, verdict)
    }

    /// [`settle`](Steps::settle) with a verdict by the caller in place of the classifier's, such as
    /// [`Verdict::Stop`] for an attempt whose request is used up. The outcome is `None` if the attempt timed out.
    ///
    /// ```
    /// use persevere::{Policy, Step, StopReason, ThreadSleeper, Verdict};
    ///
    /// let policy = Policy::default();
    /// let mut steps = policy.on(ThreadSleeper).steps();
    /// let outcome = Err::<(), _>("connection reset");
    /// let step = steps.settle_as(Some(&outcome), Verdict::Stop);
    /// assert_eq!(step, Some(Step::Stop(StopReason::Permanent)));
    /// ```
    pub fn settle_as<T>(&mut self, outcome: Option<&Result<T, E>>, verdict: Verdict) -> Option<Step>
    where
        O: Observer<E>,
        G: Guards<T, E>,
    {
        self.start();
        match outcome {
            Some(outcome) => {
                self.attempts.report_to_guards(outcome);
                self.attempts.report_with_hint(Ended::Returned(outcome), verdict);
                self.decide(outcome, verdict)
            }
            None => {
                let delay = self.attempts.time_out::<T, E>(Some(verdict));
                Some(self.step(delay))
            }
        }
    }

    fn decide<T>(&mut self, outcome: &Result<T, E>, verdict: Verdict) -> Option<Step>
    where
        O: Observer<E>,
        G: Guards<T, E>,
    {
        let failure = match outcome {
            Ok(_) if verdict == Verdict::Accept => {
                self.attempts.succeed::<E>();
                return None;
            }
            Ok(_) => Failure::Unaccepted {},
            Err(error) => Failure::Error(error),
        };
        let delay = self.attempts.decide(failure, Some(verdict));
        Some(self.step(delay))
    }

    /// Decides what follows an attempt that timed out. `T` is the value that it would have returned.
    pub fn timed_out<T>(&mut self) -> Step
    where
        O: Observer<E>,
        G: Guards<T, E>,
    {
        self.start();
        let delay = self.attempts.time_out::<T, E>(None);
        self.step(delay)
    }

    /// Ends the run as cancelled: an attempt that is being made counts neither as a success nor as a failure.
    pub fn cancel(&mut self)
    where
        O: Observer<E>,
        G: Admit,
    {
        if self.attempts.machine.ended().is_none() {
            let _ = match self.stage {
                Stage::Attempt => self.attempts.abandon::<(), E>(),
                Stage::New => self.attempts.begin::<(), E>(true),
                Stage::Wait(_) => self.attempts.cancelled::<(), E>(),
            };
        }
    }

    /// Ends the run for a reason from outside the policy, before an attempt that cannot be made. The wait of the last
    /// step counts as made. If the run has ended already, the first reason stays.
    ///
    /// ```
    /// use persevere::{Policy, Step, StopReason, ThreadSleeper};
    /// use std::time::Duration;
    ///
    /// let policy = Policy::fixed(Duration::from_secs(1)).max_elapsed(Duration::from_secs(60));
    /// let mut steps = policy.on(ThreadSleeper).steps();
    /// let outcome = Err::<(), _>("connection reset");
    /// assert_eq!(steps.settle(&outcome), Some(Step::Wait(Duration::from_secs(1))));
    /// assert!(steps.time_left() <= Some(Duration::from_secs(60)), "for the wait and for a new connection");
    /// steps.give_up(StopReason::Elapsed);
    /// assert_eq!(steps.into_error(outcome.err()).to_string(), "out of time after 1 attempt: connection reset");
    /// ```
    pub fn give_up(&mut self, reason: StopReason)
    where
        O: Observer<E>,
    {
        if self.attempts.machine.ended().is_none() {
            if let Stage::Wait(delay) = self.stage {
                self.attempts.machine.count_wait_nanos(delay);
            }
            let _ = self.attempts.stopped::<(), E>(reason);
        }
    }

    /// Calls `attempt`, the attempt or a step of it. If it panics, that is reported to the guards.
    #[inline]
    pub fn watch<T, R>(&mut self, attempt: impl FnOnce() -> R) -> R
    where
        G: Guards<T, E>,
    {
        self.attempts.watch::<T, E, R>(attempt)
    }

    /// A run whose first attempt was made without [`begin`](Steps::begin) starts with it.
    fn start(&mut self)
    where
        O: Observer<E>,
        G: Admit,
    {
        if self.stage != Stage::Attempt {
            // A guard that rejects comes too late: the attempt has been made.
            let _ = self.begin();
        }
    }

    fn step(&mut self, delay: Option<u64>) -> Step {
        match delay {
            Some(delay) => {
                self.stage = Stage::Wait(delay);
                Step::Wait(Duration::from_nanos(delay))
            }
            None => Step::Stop(self.attempts.machine.reason()),
        }
    }

    /// Starts over if the attempt that has just ended took at least `healthy`: attempts, delays and time then count anew.
    /// Called before the failure is settled. Returns whether it did.
    pub fn reset_after(&mut self, healthy: Duration) -> bool {
        let now = self.attempts.sleeper.now();
        let is_healthy = nanos(now).saturating_sub(self.began) >= nanos(healthy);
        if is_healthy {
            self.restart();
        }
        is_healthy
    }

    /// Starts over: attempts, delays and time count from now. For a watcher that has made progress; not yet after
    /// connecting, or a peer that accepts and drops connections is retried for ever.
    pub fn restart(&mut self) {
        self.attempts.machine = crate::Machine::start(self.attempts.sleeper.now());
    }

    /// Settles a failure and waits, beside whatever else the executor runs, until the next attempt is admitted.
    ///
    /// If it is dropped while it waits, the run is ready for its next attempt.
    ///
    /// # Errors
    ///
    /// [`RetryError`] with the reason and this error, if the policy stops.
    pub async fn backoff(&mut self, error: E) -> Result<(), RetryError<E>>
    where
        S::Sleep: AwaitedBy<S>,
        P: Judges<(), E>,
        O: Observer<E>,
        G: Guards<(), E>,
    {
        self.backoff_until(error, NoSignal).await
    }

    /// [`backoff`](Steps::backoff) that waits no longer once `now` is ready, for a network that came back or a user who
    /// presses a key. It ends one wait: if a breaker then rejects the attempt, the wait for the breaker is made. A wait that
    /// it ends is not counted as waited.
    ///
    /// ```
    /// use persevere::{Policy, TokioSleeper};
    /// use std::{io, time::Duration};
    /// use tokio::sync::Notify;
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let network_is_up = Notify::new();
    /// network_is_up.notify_one();
    /// let policy = Policy::fixed(Duration::from_secs(3600));
    /// let mut steps = policy.on(TokioSleeper).steps();
    /// let no_route = io::Error::from(io::ErrorKind::HostUnreachable);
    /// steps.backoff_until(no_route, network_is_up.notified()).await?;
    /// assert_eq!(steps.attempt(), 2);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`RetryError`] with the reason and this error, if the policy stops. It is returned at once, whether `now` is ready or
    /// not.
    #[doc(alias("nudge", "wake", "try_now"))]
    pub async fn backoff_until(&mut self, error: E, now: impl Future) -> Result<(), RetryError<E>>
    where
        S::Sleep: AwaitedBy<S>,
        P: Judges<(), E>,
        O: Observer<E>,
        G: Guards<(), E>,
    {
        let mut now = pin!(Some(now));
        let outcome = Err(error);
        let mut step = self.settle(&outcome).unwrap_or(Step::Stop(StopReason::Permanent));
        while let Step::Wait(delay) = step {
            let delay = nanos(delay);
            // Counted once it was made to its end, so not if this is dropped.
            self.stage = Stage::Wait(0);
            let waited = match now.as_mut().as_pin_mut() {
                Some(now) => self.attempts.wait(delay, now).await,
                None => self.attempts.wait(delay, pin!(NoSignal)).await,
            };
            match waited {
                Interrupted::No(()) => self.stage = Stage::Wait(delay),
                Interrupted::BySignal => now.set(None),
            }
            match self.begin() {
                Ok(_) => return Ok(()),
                Err(next) => step = next,
            }
        }
        Err(self.error(outcome.err()))
    }

    /// [`backoff`](Steps::backoff) on this thread.
    ///
    /// # Errors
    ///
    /// [`RetryError`] with the reason and this error, if the policy stops.
    pub fn backoff_blocking(&mut self, error: E) -> Result<(), RetryError<E>>
    where
        S::Sleep: SleptBy<S>,
        P: Judges<(), E>,
        O: Observer<E>,
        G: Guards<(), E>,
    {
        self.back_off(error, |steps, delay| {
            steps.attempts.sleep(delay);
            true
        })
    }

    /// [`backoff_blocking`](Steps::backoff_blocking) that waits by `wait` instead of the sleeper, which may return early to
    /// try now. `wait` returns whether it waited to the end; a wait that it did not is not counted as waited.
    ///
    /// ```
    /// use persevere::{Policy, ThreadSleeper};
    /// use std::{io, sync::mpsc, time::Duration};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let (network_is_up, is_up) = mpsc::channel();
    /// network_is_up.send(())?;
    /// let policy = Policy::fixed(Duration::from_secs(3600));
    /// let mut steps = policy.on(ThreadSleeper).steps();
    /// let no_route = io::Error::from(io::ErrorKind::HostUnreachable);
    /// steps.backoff_by(no_route, |delay| is_up.recv_timeout(delay).is_err())?;
    /// assert_eq!(steps.attempt(), 2);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`RetryError`] with the reason and this error, if the policy stops.
    pub fn backoff_by(&mut self, error: E, mut wait: impl FnMut(Duration) -> bool) -> Result<(), RetryError<E>>
    where
        P: Judges<(), E>,
        O: Observer<E>,
        G: Guards<(), E>,
    {
        self.back_off(error, |_, delay| wait(Duration::from_nanos(delay)))
    }

    /// Settles a failure and waits by `wait` until the next attempt is admitted. `wait` returns whether it waited to the end.
    fn back_off(&mut self, error: E, mut wait: impl FnMut(&Self, u64) -> bool) -> Result<(), RetryError<E>>
    where
        P: Judges<(), E>,
        O: Observer<E>,
        G: Guards<(), E>,
    {
        let outcome = Err(error);
        let mut step = self.settle(&outcome).unwrap_or(Step::Stop(StopReason::Permanent));
        while let Step::Wait(delay) = step {
            let delay = nanos(delay);
            self.stage = Stage::Wait(0);
            if wait(self, delay) {
                self.stage = Stage::Wait(delay);
            }
            match self.begin() {
                Ok(_) => return Ok(()),
                Err(next) => step = next,
            }
        }
        Err(self.error(outcome.err()))
    }

    /// How long the attempt that is being made may take; `None` if it is not limited.
    #[must_use]
    pub fn timeout(&self) -> Option<Duration> {
        self.attempts.attempt().timeout()
    }

    /// The sleep after which to drop an async attempt that begins now, as the drivers do. It ends when the attempt
    /// exceeds its timeout or the run's own limit, and earlier when the sleeper is cancelled. `None` if the attempt is
    /// never dropped.
    #[must_use]
    pub fn interrupt_after(&self) -> Option<Duration> {
        self.attempts.limit::<(), E>()
    }

    /// How long the run has left under its limits of time; `None` if it is not limited.
    #[must_use]
    pub fn time_left(&self) -> Option<Duration> {
        self.attempts.time_left().map(Duration::from_nanos)
    }

    /// The number of the attempt to be made, from 1.
    #[must_use]
    pub fn attempt(&self) -> u32 {
        self.attempts.machine.attempt()
    }

    /// The state of the run.
    #[must_use]
    pub const fn machine(&self) -> &crate::Machine {
        &self.attempts.machine
    }

    /// The sleeper.
    #[must_use]
    pub const fn sleeper(&self) -> &S {
        &self.attempts.sleeper
    }

    /// The policy.
    #[must_use]
    pub const fn policy(&self) -> &P {
        &self.attempts.policy
    }

    /// The error of a run that has stopped, as the drivers return it. If the run has not stopped, the reason is
    /// [`StopReason::Cancelled`].
    #[must_use]
    pub fn into_error(self, last: Option<E>) -> RetryError<E> {
        self.error(last)
    }

    fn error(&self, last: Option<E>) -> RetryError<E> {
        self.attempts.machine.error(self.attempts.now(), last)
    }
}

impl<P, S, O, G, E> fmt::Debug for Steps<P, S, O, G, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Steps")
            .field("machine", &self.attempts.machine)
            .finish_non_exhaustive()
    }
}
