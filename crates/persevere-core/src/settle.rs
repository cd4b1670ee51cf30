//! What the drivers share: everything but the await.

use crate::as_policy::AsPolicy;
use crate::attempt::Attempt;
use crate::classify::{Judge, Verdict};
use crate::error::{RetryError, StopReason};
use crate::machine::Step;
use crate::observe::{Event, Failure, Observer};
use crate::run::Run;
use crate::sleeper::Sleeper;
use core::time::Duration;

/// What the drivers share.
impl<P: AsPolicy, S: Sleeper, O> Run<P, S, O> {
    /// The time, if the policy has a limit of time; otherwise the clock is not read.
    #[inline]
    fn now(&self) -> Duration {
        if self.policy.limits().max_elapsed.is_some() {
            self.sleeper.now()
        } else {
            Duration::ZERO
        }
    }

    #[inline]
    pub(crate) fn start<E>(&mut self)
    where
        O: Observer<E>,
    {
        if self.policy.limits().max_elapsed.is_some() {
            self.machine.set_start(self.sleeper.now());
        }
        self.observer.on_event(&Event::Started);
    }

    /// [`start`](Run::start), unless the sleeper is cancelled already.
    #[inline]
    pub(crate) fn begin<E>(&mut self) -> Result<(), RetryError<E>>
    where
        O: Observer<E>,
    {
        self.start();
        if self.sleeper.is_cancelled() {
            Err(self.cancelled())
        } else {
            Ok(())
        }
    }

    #[inline]
    pub(crate) fn attempt(&self) -> Attempt {
        Attempt {
            number: self.machine.attempt(),
            timeout: self.machine.timeout(&self.policy, self.now()),
        }
    }

    /// When to cut off an async attempt.
    #[inline]
    pub(crate) fn cut_off(&self) -> Option<Duration> {
        self.policy
            .limits()
            .attempt_timeout
            .and_then(|_| self.attempt().timeout)
    }

    /// Classifies an outcome, `None` if the attempt was cut off.
    #[inline]
    pub(crate) fn judge<T, E>(&self, outcome: Option<Result<T, E>>) -> Result<T, Failed<E>>
    where
        P::Classifier: Judge<T, E>,
        O: Observer<E>,
    {
        let Some(outcome) = outcome else {
            return Err(Failed {
                verdict: Verdict::Retry,
                cause: Cause::TimedOut,
            });
        };
        let verdict = self.policy.classifier().judge(&outcome);
        match outcome {
            Ok(value) if verdict == Verdict::Accept => {
                self.succeeded();
                Ok(value)
            }
            Ok(_) => Err(Failed {
                verdict,
                cause: Cause::Unaccepted,
            }),
            Err(error) => Err(Failed {
                verdict,
                cause: Cause::Error(error),
            }),
        }
    }

    /// Decides what follows a failure: the delay until the next attempt, or the end of the run with its error.
    #[inline(always)]
    pub(crate) fn failed<E>(&mut self, Failed { verdict, cause }: Failed<E>) -> Result<Duration, RetryError<E>>
    where
        O: Observer<E>,
    {
        self.decide(cause.as_failure(), verdict)
            .map_err(|(reason, now)| self.gave_up(reason, Some(cause), now))
    }

    /// Decides what follows a failure: the delay until the next attempt, or the reason to make none and the time at
    /// which that was found.
    #[inline(always)]
    pub(crate) fn decide<E>(
        &mut self,
        failure: Failure<'_, E>,
        verdict: Verdict,
    ) -> Result<Duration, (StopReason, Duration)>
    where
        O: Observer<E>,
    {
        let (attempt, now) = (self.machine.attempt(), self.now());
        self.observer.on_event(&Event::Failed {
            attempt,
            failure,
            verdict,
        });
        let step = match failure {
            Failure::TimedOut => self.machine.timed_out(&self.policy, now),
            _ => self.machine.step(&self.policy, verdict, now),
        };
        match step {
            Step::Wait(delay) if self.sleeper.is_cancelled() => {
                self.machine.unwait(delay);
                Err((StopReason::Cancelled, now))
            }
            Step::Wait(delay) => {
                self.observer.on_event(&Event::Waiting {
                    attempt,
                    failure,
                    delay,
                });
                Ok(delay)
            }
            Step::Stop(reason) => Err((reason, now)),
        }
    }

    /// Whether the wait of `delay` was cut short. Then it does not count as waited.
    #[inline]
    pub(crate) fn was_cut_short(&mut self, delay: Duration) -> bool {
        let is_cancelled = self.sleeper.is_cancelled();
        if is_cancelled {
            self.machine.unwait(delay);
        }
        is_cancelled
    }

    /// Classifies an outcome and decides what follows, without taking it: the delay until the next attempt, or `None`
    /// at the end.
    #[inline(always)]
    pub(crate) fn settle<T, E>(&mut self, outcome: &Result<T, E>) -> Option<Duration>
    where
        P::Classifier: Judge<T, E>,
        O: Observer<E>,
    {
        let verdict = self.policy.classifier().judge(outcome);
        let failure = match outcome {
            Ok(_) if verdict == Verdict::Accept => {
                self.succeeded();
                return None;
            }
            Ok(_) => Failure::Unaccepted,
            Err(error) => Failure::Error(error),
        };
        let stopped = self.decide(failure, verdict);
        if let Err((reason, _)) = stopped {
            self.tell_end(reason, Some(failure));
        }
        stopped.ok()
    }

    #[inline]
    pub(crate) fn cancelled<E>(&self) -> RetryError<E>
    where
        O: Observer<E>,
    {
        self.gave_up(StopReason::Cancelled, None, self.now())
    }

    #[inline(always)]
    fn gave_up<E>(&self, reason: StopReason, cause: Option<Cause<E>>, now: Duration) -> RetryError<E>
    where
        O: Observer<E>,
    {
        self.tell_end(reason, cause.as_ref().map(Cause::as_failure));
        let last = match cause {
            Some(Cause::Error(error)) => Some(error),
            _ => None,
        };
        self.machine.error(self.policy.limits(), reason, now, last)
    }

    #[inline]
    fn succeeded<E>(&self)
    where
        O: Observer<E>,
    {
        let (attempts, waited) = (self.machine.attempt(), self.machine.waited());
        self.observer.on_event(&Event::Succeeded { attempts, waited });
    }

    #[inline]
    fn tell_end<E>(&self, reason: StopReason, failure: Option<Failure<'_, E>>)
    where
        O: Observer<E>,
    {
        let (attempts, waited) = (self.machine.failures(), self.machine.waited());
        self.observer.on_event(&Event::GaveUp {
            reason,
            attempts,
            waited,
            failure,
        });
    }
}

/// An attempt that did not succeed.
pub(crate) struct Failed<E> {
    verdict: Verdict,
    cause: Cause<E>,
}

/// How an attempt failed, owned.
enum Cause<E> {
    Error(E),
    Unaccepted,
    TimedOut,
}

impl<E> Cause<E> {
    #[inline]
    fn as_failure(&self) -> Failure<'_, E> {
        match self {
            Cause::Error(error) => Failure::Error(error),
            Cause::Unaccepted => Failure::Unaccepted,
            Cause::TimedOut => Failure::TimedOut,
        }
    }
}
