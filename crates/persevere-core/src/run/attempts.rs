//! The attempts of a run that has started: what every driver does around an attempt.
//!
//! A driver is a loop over [`Next`]. It calls [`Attempts::begin`], then [`Attempts::settle`] after each attempt and
//! [`Attempts::woke`] after each wait, until the run is done.

use crate::budget::Class;
use crate::classify::Verdict;
use crate::error::StopReason;
use crate::gate::{Ended, Rejected};
use crate::machine::{Machine, accepted};
#[cfg(feature = "global-observer")]
use crate::observe::global;
use crate::observe::{Event, Failure, Misplaced, Observer};
use crate::policy::{Judges, PolicyParts};
use crate::run::guards::sealed::{Admit, Held, Spend, Stage};
use crate::run::next::Next;
use crate::run::order;
use crate::run::panic_guard::PanicGuard;
use crate::run::{Attempt, Ending, Guards, Run};
use crate::sleeper::Sleeper;
use crate::time::nanos;
use core::marker::PhantomData;
use core::time::Duration;

/// A run that has started. `L` is what it keeps of the last outcome.
#[derive(Debug)]
pub struct Attempts<P, S, O, G, K, L> {
    pub(crate) policy: P,
    pub(crate) sleeper: S,
    observer: O,
    guards: G,
    pub(crate) machine: Machine,
    /// When the current attempt began, or the last attempt ended, in nanoseconds; 0 if the time of the run is not
    /// limited.
    at: u64,
    kept: Option<L>,
    ending: PhantomData<K>,
}

impl<P, S, O, G, K, L> Attempts<P, S, O, G, K, L> {
    /// The run, and the signal that cancels it.
    #[inline]
    pub(crate) fn new<X>(run: Run<P, S, O, G, K, X>) -> (Self, X) {
        let attempts = Attempts {
            policy: run.policy,
            sleeper: run.sleeper,
            observer: run.observer,
            guards: run.guards,
            machine: Machine::start(Duration::ZERO),
            at: 0,
            kept: None,
            ending: PhantomData,
        };
        (attempts, run.signal)
    }
}

impl<P: PolicyParts, S: Sleeper, O, G, K, L> Attempts<P, S, O, G, K, L> {
    /// Begins the run, unless it is cancelled already: by its signal, or by its sleeper.
    #[inline]
    pub(crate) fn begin<T, E>(&mut self, is_cancelled: bool) -> Next<K::Output>
    where
        O: Observer<E>,
        G: Admit,
        K: Ending<T, E, Kept = L>,
    {
        if cfg!(debug_assertions) {
            self.sleeper.assert_ready();
            if self.policy.limits().max_retries > 0 && order::is_within() {
                order::report(&self.observer, Misplaced::Nested);
            }
        }
        if self.policy.is_timed() {
            let now = self.sleeper.now();
            self.policy.start(nanos(now));
            self.machine = Machine::start(now);
        }
        self.emit(|| Event::Started {});
        if is_cancelled || (!K::NEEDS_OUTCOME && self.sleeper.is_cancelled()) {
            return self.cancelled();
        }
        self.admit()
    }

    /// Goes on after a wait of `delay` nanoseconds, to its end unless the sleeper is cancelled.
    #[inline]
    pub(crate) fn woke<T, E>(&mut self, delay: u64) -> Next<K::Output>
    where
        O: Observer<E>,
        G: Admit,
        K: Ending<T, E, Kept = L>,
    {
        if self.sleeper.is_cancelled() {
            return self.cancelled();
        }
        self.machine.count_wait_nanos(delay);
        self.admit()
    }

    /// Emits an event to the observers of the run, and to the observer of the program.
    #[inline]
    fn emit<'e, E: 'e>(&self, event: impl Fn() -> Event<'e, E>)
    where
        O: Observer<E>,
    {
        self.observer.on_event(&event());
        #[cfg(feature = "global-observer")]
        if global::is_set() && !self.observer.replaces_global() {
            global::emit(&event());
        }
    }

    /// Has the guards admit or reject an attempt.
    #[inline]
    fn admit<T, E>(&mut self) -> Next<K::Output>
    where
        O: Observer<E>,
        G: Admit,
        K: Ending<T, E, Kept = L>,
    {
        order::forget_rejection();
        let clock = || self.sleeper.now();
        if let Err(held) = self.guards.pace(clock) {
            return self.paced(&held);
        }
        let admitted = self.guards.admit(Stage::Bulkheads, clock);
        if let Err(rejected) = admitted.and_then(|()| self.guards.admit(Stage::Breakers, clock)) {
            return self.rejected(rejected);
        }
        self.guards.begin(clock);
        self.read_clock();
        self.emit(|| Event::AttemptStarted {
            attempt: self.machine.attempt(),
        });
        Next::Attempt
    }

    /// Decides what follows the rejection of a gate that the run waits for.
    #[cold]
    fn paced<T, E>(&mut self, held: &Held) -> Next<K::Output>
    where
        O: Observer<E>,
        G: Admit,
        K: Ending<T, E, Kept = L>,
    {
        let Some(retry_after) = held.rejected.retry_after() else {
            return self.rejected(held.rejected);
        };
        self.guards.abandon();
        self.read_clock();
        let delay = self.machine.pace(&self.policy, nanos(retry_after), held.turns, self.at);
        match delay.filter(|_| !self.is_cancelled()) {
            Some(delay) => {
                self.emit(|| Event::Paced {
                    attempt: self.machine.attempt(),
                    delay: Duration::from_nanos(delay),
                });
                Next::Wait(delay)
            }
            None => self.gave_up(None),
        }
    }

    /// Decides what follows a rejection.
    #[cold]
    fn rejected<T, E>(&mut self, rejected: Rejected) -> Next<K::Output>
    where
        O: Observer<E>,
        G: Admit,
        K: Ending<T, E, Kept = L>,
    {
        self.guards.abandon();
        self.read_clock();
        let attempt = self.machine.attempt();
        let (retry_after, failure) = (rejected.retry_after(), Failure::Rejected {});
        self.emit(|| Event::Rejected { attempt, retry_after });
        let delay = self.machine.wait_out(&self.policy, retry_after, self.at);
        match delay.filter(|_| !self.is_cancelled()) {
            Some(delay) => {
                self.emit(|| Event::Waiting {
                    attempt,
                    failure,
                    delay: Duration::from_nanos(delay),
                });
                Next::Wait(delay)
            }
            None => {
                order::note_rejection();
                self.gave_up(Some(failure))
            }
        }
    }

    /// The current attempt, as its operation receives it.
    #[inline]
    pub(crate) fn attempt(&self) -> Attempt {
        // Unlimited attempts have 2^32 - 1 retries, so that the sum is 0.
        let max = self.policy.limits().max_retries.wrapping_add(1);
        let attempt = Attempt::new(self.machine.attempt()).of(max);
        let timeout = self.machine.timeout_nanos(&self.policy, self.now().unwrap_or(0));
        let attempt = match timeout {
            Some(timeout) => attempt.within(Duration::from_nanos(timeout)),
            None => attempt,
        };
        #[cfg(feature = "std")]
        let attempt = attempt.under(self.sleeper.cancel_token());
        attempt
    }

    /// How long an async attempt that begins now may take before it is interrupted; `None` if it is not. A sleeper that
    /// can be cancelled interrupts it by a sleep without an end.
    #[inline]
    pub(crate) fn limit<T, E>(&self) -> Option<Duration>
    where
        K: Ending<T, E, Kept = L>,
    {
        if K::NEEDS_OUTCOME && self.kept.is_none() {
            return None;
        }
        if self.policy.limits().attempt_timeout.is_some() || self.policy.has_end() {
            let timeout = self.machine.timeout_nanos(&self.policy, self.now().unwrap_or(0));
            return timeout.map(Duration::from_nanos);
        }
        self.sleeper.is_cancellable().then_some(Duration::MAX)
    }

    /// How many nanoseconds the run has left under its limits of time; `None` if it is not limited.
    pub(crate) fn time_left(&self) -> Option<u64> {
        self.now()
            .and_then(|now| self.machine.time_left_nanos(&self.policy, now))
    }

    /// Watches an attempt, or a step of it, for a panic.
    #[inline(always)]
    pub(crate) fn watch<T, E, R>(&mut self, attempt: impl FnOnce() -> R) -> R
    where
        G: Guards<T, E>,
    {
        let _within = order::enter(self.policy.limits().max_retries > 0);
        PanicGuard::<T, E, _, _>::new(&mut self.guards, || self.sleeper.now()).during(attempt)
    }

    /// Decides what follows an attempt with this outcome, `None` if it was interrupted by its timeout or by the
    /// sleeper's cancellation.
    #[inline]
    pub(crate) fn settle<T, E>(&mut self, outcome: Option<Result<T, E>>) -> Next<K::Output>
    where
        P: Judges<T, E>,
        O: Observer<E>,
        G: Guards<T, E>,
        K: Ending<T, E, Kept = L>,
    {
        let Some(outcome) = outcome else {
            return self.interrupted();
        };
        let verdict = self.report(&outcome);
        match outcome {
            Ok(value) if verdict == Verdict::Accept => {
                self.succeed::<E>();
                Next::Done(K::succeeded(value, &self.machine))
            }
            outcome => self.failed(outcome, verdict),
        }
    }

    /// Reports an outcome to the guards and judges it.
    #[inline]
    pub(crate) fn report<T, E>(&mut self, outcome: &Result<T, E>) -> Verdict
    where
        P: Judges<T, E>,
        G: Guards<T, E>,
    {
        self.report_to_guards(outcome);
        let verdict = self.policy.judge(outcome);
        self.report_with_hint(Ended::Returned(outcome), verdict);
        verdict
    }

    /// Reports an outcome to the gates that receive hints, with the hint of its verdict.
    #[inline]
    pub(crate) fn report_with_hint<T, E>(&mut self, ended: Ended<'_, T, E>, verdict: Verdict)
    where
        G: Guards<T, E>,
    {
        if G::HINTED {
            let hint = match verdict {
                Verdict::RetryAfter(hint) => accepted(self.policy.limits(), nanos(hint)),
                _ => None,
            };
            let hint = hint.map(Duration::from_nanos);
            self.guards.report_with_hint(ended, hint, || self.sleeper.now());
        }
    }

    /// Reports an outcome to the guards, except to the gates that receive hints.
    #[inline]
    pub(crate) fn report_to_guards<T, E>(&mut self, outcome: &Result<T, E>)
    where
        G: Guards<T, E>,
    {
        self.guards.report(Ended::Returned(outcome), || self.sleeper.now());
    }

    /// Ends a run whose outcome was accepted.
    #[inline]
    pub(crate) fn succeed<E>(&mut self)
    where
        O: Observer<E>,
        G: Admit,
    {
        self.guards.succeeded(|| self.sleeper.now());
        self.emit(|| Event::Succeeded {
            attempts: self.machine.attempt(),
            waited: self.machine.waited(),
            took: self.now().map(|now| self.took(now)),
        });
    }

    /// How long the attempt that ended at `now` took.
    #[inline]
    fn took(&self, now: u64) -> Duration {
        Duration::from_nanos(now.saturating_sub(self.at))
    }

    /// Reads the clock if the time of the run is limited.
    #[inline]
    fn read_clock(&mut self) {
        if self.policy.is_timed() {
            self.at = self.read();
        }
    }

    /// The time of the clock in nanoseconds.
    // perf: out of line, so that a call site does not carry the conversion (`cargo xtask embedded`).
    #[inline(never)]
    fn read(&self) -> u64 {
        nanos(self.sleeper.now())
    }

    /// Decides what follows an outcome that was not accepted.
    // perf: inlined, so that a delay stays in registers; what decides is `Machine::failed`, out of line (`plain`, `sites`).
    #[inline]
    fn failed<T, E>(&mut self, outcome: Result<T, E>, verdict: Verdict) -> Next<K::Output>
    where
        O: Observer<E>,
        G: Spend<E>,
        K: Ending<T, E, Kept = L>,
    {
        let failure = match &outcome {
            Ok(_) => Failure::Unaccepted {},
            Err(error) => Failure::Error(error),
        };
        let delay = self.decide(failure, Some(verdict));
        self.kept = K::keep(outcome);
        self.next(delay)
    }

    /// Decides what follows an attempt that was interrupted.
    #[cold]
    #[inline(never)]
    fn interrupted<T, E>(&mut self) -> Next<K::Output>
    where
        O: Observer<E>,
        G: Guards<T, E>,
        K: Ending<T, E, Kept = L>,
    {
        if self.sleeper.is_cancelled() {
            return self.abandon();
        }
        let delay = self.time_out::<T, E>(None);
        self.next(delay)
    }

    /// Reports an attempt that timed out, and decides what follows it; `verdict` is `None` if the policy decides.
    pub(crate) fn time_out<T, E>(&mut self, verdict: Option<Verdict>) -> Option<u64>
    where
        O: Observer<E>,
        G: Guards<T, E>,
    {
        self.guards.report(Ended::<T, E>::TimedOut, || self.sleeper.now());
        self.report_with_hint(Ended::<T, E>::TimedOut, verdict.unwrap_or(Verdict::Retry));
        self.decide(Failure::TimedOut {}, verdict)
    }

    #[inline]
    fn next<T, E>(&mut self, delay: Option<u64>) -> Next<K::Output>
    where
        K: Ending<T, E, Kept = L>,
    {
        match delay {
            Some(delay) => Next::Wait(delay),
            None => Next::Done(self.end()),
        }
    }

    /// The output of a run that has given up.
    #[cold]
    #[inline(never)]
    fn end<T, E>(&mut self) -> K::Output
    where
        K: Ending<T, E, Kept = L>,
    {
        let now = self.policy.is_timed().then_some(self.at);
        K::gave_up(self.kept.take(), &self.machine, now)
    }

    /// Decides what follows a failure, whose verdict is `None` if the attempt timed out: the delay until the next
    /// attempt, or `None` at the end.
    pub(crate) fn decide<E>(&mut self, failure: Failure<'_, E>, verdict: Option<Verdict>) -> Option<u64>
    where
        O: Observer<E>,
        G: Spend<E>,
    {
        let attempt = self.machine.attempt();
        let now = self.now();
        self.emit(|| Event::Failed {
            attempt,
            failure,
            verdict: verdict.unwrap_or(Verdict::Retry),
            took: now.map(|now| self.took(now)),
        });
        self.at = now.unwrap_or(0);
        let class = match verdict {
            Some(Verdict::RetryAs(class)) => class,
            _ => Class::Transient,
        };
        let delay = match verdict {
            Some(verdict) => self.machine.failed(&self.policy, verdict, self.at),
            None => self.machine.failed_by_time(&self.policy, self.at),
        };
        let delay = delay.filter(|_| !self.is_cancelled());
        let clock = || self.sleeper.now();
        let Some(delay) = delay else {
            self.guards.gave_up(self.machine.reason(), failure, class, clock);
            self.emit_end(Some(failure));
            return None;
        };
        if self.guards.withdraw(failure, class, clock).is_err() {
            let _ = self.machine.give_up(StopReason::Budget);
            self.emit_end(Some(failure));
            return None;
        }
        let is_plain = matches!(verdict, Some(Verdict::Retry | Verdict::RetryAs(_)));
        if order::has_rejected() && is_plain && failure.error().is_some() {
            order::report(&self.observer, Misplaced::RetriedRejection);
        }
        self.emit(|| Event::Waiting {
            attempt,
            failure,
            delay: Duration::from_nanos(delay),
        });
        Some(delay)
    }

    /// Ends a run that is cancelled during an attempt. The attempt counts as made and as no failure.
    #[cold]
    pub(crate) fn abandon<T, E>(&mut self) -> Next<K::Output>
    where
        O: Observer<E>,
        G: Admit,
        K: Ending<T, E, Kept = L>,
    {
        self.guards.abandon();
        self.machine.count_abandoned();
        self.cancelled()
    }

    /// Ends a run that is cancelled while it waits or before its first attempt.
    #[cold]
    pub(crate) fn cancelled<T, E>(&mut self) -> Next<K::Output>
    where
        O: Observer<E>,
        K: Ending<T, E, Kept = L>,
    {
        self.stopped(StopReason::Cancelled)
    }

    /// Ends a run for a reason from outside the policy, while it makes no attempt.
    #[cold]
    pub(crate) fn stopped<T, E>(&mut self, reason: StopReason) -> Next<K::Output>
    where
        O: Observer<E>,
        K: Ending<T, E, Kept = L>,
    {
        let _ = self.machine.give_up(reason);
        self.read_clock();
        self.gave_up(None)
    }

    fn gave_up<T, E>(&mut self, failure: Option<Failure<'_, E>>) -> Next<K::Output>
    where
        O: Observer<E>,
        K: Ending<T, E, Kept = L>,
    {
        self.emit_end(failure);
        Next::Done(self.end())
    }

    fn emit_end<E>(&self, failure: Option<Failure<'_, E>>)
    where
        O: Observer<E>,
    {
        self.emit(|| Event::GaveUp {
            reason: self.machine.reason(),
            attempts: self.machine.failures(),
            waited: self.machine.waited(),
            failure,
        });
    }

    /// Whether the sleeper is cancelled, which ends the run.
    #[inline]
    fn is_cancelled(&mut self) -> bool {
        let is_cancelled = self.sleeper.is_cancelled();
        if is_cancelled {
            let _ = self.machine.give_up(StopReason::Cancelled);
        }
        is_cancelled
    }

    /// The time in nanoseconds, if the time of the run is limited; otherwise the clock is not read.
    #[inline]
    pub(crate) fn now(&self) -> Option<u64> {
        self.policy.is_timed().then(|| self.read())
    }
}
