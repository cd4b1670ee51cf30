//! What the drivers share after an attempt: everything but the await.

use crate::as_policy::AsPolicy;
use crate::budget::Exhausted;
use crate::classify::{Judge, Verdict};
use crate::error::{RetryError, StopReason};
use crate::gate::Ended;
use crate::guards::Guards;
use crate::guards::sealed::{Admit, Spend};
use crate::machine::Machine;
use crate::observe::{Event, Failure, Observer};
use crate::run::Run;
use crate::sleeper::Sleeper;
use crate::span::Span;
use core::time::Duration;

/// What the drivers share after an attempt.
impl<P: AsPolicy, S: Sleeper, O, G> Run<P, S, O, G> {
    /// A copy of the machine, which is at its start as long as there is none.
    #[inline]
    pub(crate) fn state(&self) -> Machine {
        self.machine.clone().unwrap_or(Machine::NEW)
    }

    /// The time, if the policy has a limit of time; otherwise the clock is not read.
    #[inline]
    pub(crate) fn now(&self) -> Option<Duration> {
        self.policy.limits().max_elapsed.map(|_| self.sleeper.now())
    }

    /// Makes of an outcome, `None` if the attempt was cut off, what is to be made of it: the value, or else the delay until
    /// the next attempt or the end of the run with its error.
    #[inline(always)]
    pub(crate) fn follow<T, E>(&mut self, outcome: Option<Result<T, E>>) -> Result<T, Result<Span, RetryError<E>>>
    where
        P::Classifier: Judge<T, E>,
        O: Observer<E>,
        G: Guards<T, E>,
    {
        match outcome {
            Some(outcome) => self.judge(outcome).map_err(|failed| self.failed(failed)),
            None => Err(self.timed_out::<T, E>()),
        }
    }

    /// Reports an attempt and classifies its outcome.
    #[inline]
    pub(crate) fn judge<T, E>(&mut self, outcome: Result<T, E>) -> Result<T, Failed<E>>
    where
        P::Classifier: Judge<T, E>,
        O: Observer<E>,
        G: Guards<T, E>,
    {
        self.report(Ended::Returned(&outcome));
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

    /// Tells the guards how an attempt ended.
    #[inline]
    fn report<T, E>(&mut self, ended: Ended<'_, T, E>)
    where
        G: Guards<T, E>,
    {
        self.guards.report(ended, || self.sleeper.now());
    }

    /// Decides what follows a failure: the delay until the next attempt, or the end of the run with its error.
    #[inline(always)]
    fn failed<E>(&mut self, Failed { verdict, cause }: Failed<E>) -> Result<Span, RetryError<E>>
    where
        O: Observer<E>,
        G: Spend<E>,
    {
        let now = self.now();
        self.decide(cause.as_failure(), verdict, now)
            .ok_or_else(|| self.gave_up(Some(cause), now))
    }

    /// Reports an attempt that was cut off, and decides what follows it.
    // Apart, so that attempts which return do not pay for it.
    #[cold]
    pub(crate) fn timed_out<T, E>(&mut self) -> Result<Span, RetryError<E>>
    where
        O: Observer<E>,
        G: Guards<T, E>,
    {
        self.report(Ended::<T, E>::TimedOut);
        self.failed(Failed {
            verdict: Verdict::Retry,
            cause: Cause::TimedOut,
        })
    }

    /// Decides what follows a failure: the delay until the next attempt. Without one the machine has the reason.
    #[inline(always)]
    fn decide<E>(&mut self, failure: Failure<'_, E>, verdict: Verdict, now: Option<Duration>) -> Option<Span>
    where
        O: Observer<E>,
        G: Spend<E>,
    {
        let machine = self.machine.get_or_insert(Machine::NEW);
        let attempt = machine.attempt();
        self.observer.on_event(&Event::Failed {
            attempt,
            failure,
            verdict,
        });
        let clock = || self.sleeper.now();
        match machine.next(&self.policy, verdict, now) {
            Some(delay) if self.sleeper.is_cancelled() => {
                machine.unwait_nanos(delay.nanos());
                machine.end(StopReason::Cancelled);
            }
            Some(delay) => match self.guards.withdraw(failure, clock) {
                Ok(()) => {
                    self.observer.on_event(&Event::Waiting {
                        attempt,
                        failure,
                        delay: delay.into(),
                    });
                    return Some(delay);
                }
                Err(Exhausted) => {
                    machine.unwait_nanos(delay.nanos());
                    return machine.end(StopReason::Budget);
                }
            },
            None if matches!(failure, Failure::TimedOut) => {
                machine.end_cut_off(&self.policy, now.unwrap_or_default());
            }
            None => {}
        }
        self.guards.gave_up(machine.reason(), failure, clock);
        None
    }

    /// Whether the wait of so many nanoseconds was cut short. Then it does not count as waited.
    #[inline]
    pub(crate) fn was_cut_short(&mut self, delay: u64) -> bool {
        let is_cancelled = self.sleeper.is_cancelled();
        if is_cancelled {
            if let Some(machine) = &mut self.machine {
                machine.unwait_nanos(delay);
            }
        }
        is_cancelled
    }

    /// Classifies an outcome and decides what follows, without taking it: the delay until the next attempt, or `None`
    /// at the end.
    #[inline(always)]
    pub(crate) fn settle<T, E>(&mut self, outcome: &Result<T, E>) -> Option<Span>
    where
        P::Classifier: Judge<T, E>,
        O: Observer<E>,
        G: Guards<T, E>,
    {
        self.report(Ended::Returned(outcome));
        let verdict = self.policy.classifier().judge(outcome);
        let failure = match outcome {
            Ok(_) if verdict == Verdict::Accept => {
                self.succeeded();
                return None;
            }
            Ok(_) => Failure::Unaccepted,
            Err(error) => Failure::Error(error),
        };
        let delay = self.decide(failure, verdict, self.now());
        if delay.is_none() {
            self.tell_end(Some(failure));
        }
        delay
    }

    #[inline]
    pub(crate) fn cancelled<E>(&self) -> RetryError<E>
    where
        O: Observer<E>,
    {
        self.gave_up(None, self.now())
    }

    #[inline(always)]
    fn gave_up<E>(&self, cause: Option<Cause<E>>, now: Option<Duration>) -> RetryError<E>
    where
        O: Observer<E>,
    {
        self.tell_end(cause.as_ref().map(Cause::as_failure));
        let last = match cause {
            Some(Cause::Error(error)) => Some(error),
            _ => None,
        };
        self.state().error(now, last)
    }

    #[inline]
    fn succeeded<E>(&mut self)
    where
        O: Observer<E>,
        G: Admit,
    {
        self.guards.succeeded(|| self.sleeper.now());
        let machine = self.state();
        let (attempts, waited) = (machine.attempt(), machine.waited());
        self.observer.on_event(&Event::Succeeded { attempts, waited });
    }

    #[inline]
    pub(crate) fn tell_end<E>(&self, failure: Option<Failure<'_, E>>)
    where
        O: Observer<E>,
    {
        let machine = self.state();
        self.observer.on_event(&Event::GaveUp {
            reason: machine.reason(),
            attempts: machine.failures(),
            waited: machine.waited(),
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
