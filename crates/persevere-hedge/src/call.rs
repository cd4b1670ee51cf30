//! The decisions of a hedged call: which legs begin, and what follows when one ends.

use crate::delay::Delay;
use crate::gates::{Gates, Reports};
use crate::leg::Leg;
use crate::observe::{HedgeEvent, HedgeObserver, Suppression};
use crate::slots::MAX_LEGS;
use core::marker::PhantomData;
use core::time::Duration;
use persevere_core::Sleeper;
use persevere_core::budget::{Budget, Class, LastFailure};
use persevere_core::classify::{Judge, Verdict};
use persevere_core::gate::Ended;
use persevere_core::{contain, panicking};

/// A leg that is running.
struct Running<H> {
    since: Duration,
    held: H,
    is_hedge: bool,
}

/// Why a leg is to begin.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Cause {
    /// The call begins.
    First,
    /// The legs before it take long.
    Slow,
    /// A leg failed with a failure of this class.
    Failed(Class),
}

/// The action that follows when a leg has ended.
pub(crate) enum Then {
    /// It is the answer.
    Answer,
    /// The next leg begins at once.
    Next(Class),
    /// Nothing, or the next leg begins later.
    Continue,
}

/// The legs of a call without their futures, and everything that decides about them.
pub(crate) struct Call<D: Delay, S: Sleeper, B, C, On, G: Gates, O> {
    delay: D,
    pub(crate) sleeper: S,
    budget: B,
    classifier: C,
    gates: G,
    observer: O,
    on: PhantomData<fn() -> On>,
    /// Invariant: `Some` if and only if the place of the leg has a future, except while it is made.
    legs: [Option<Running<G::Held>>; MAX_LEGS],
    /// The index of the next leg.
    next: usize,
    /// How many legs there may be.
    limit: usize,
    /// Whether a leg has begun.
    is_made: bool,
    is_repeatable: bool,
    /// The time after which a running leg is hedged, once it is known; the inner value is `None` if there is no such
    /// time.
    hedge_after: Option<Option<Duration>>,
    /// No leg begins before this time, since a server requested a wait.
    held_until: Duration,
    /// The failure that the budget receives if the call fails; `None` after a withdrawal.
    failure: Option<LastFailure>,
    rejection: Option<G::Rejection>,
}

impl<D: Delay, S: Sleeper, B: Budget, C, On, G: Gates, O: HedgeObserver> Call<D, S, B, C, On, G, O> {
    pub(crate) fn new(
        delay: D,
        sleeper: S,
        budget: B,
        classifier: C,
        gates: G,
        observer: O,
        is_repeatable: bool,
    ) -> Self {
        Call {
            delay,
            sleeper,
            budget,
            classifier,
            gates,
            observer,
            on: PhantomData,
            legs: [const { None }; MAX_LEGS],
            next: 0,
            limit: 0,
            is_made: false,
            is_repeatable,
            hedge_after: None,
            held_until: Duration::ZERO,
            failure: None,
            rejection: None,
        }
    }

    /// Begins the call with the given number of places for legs.
    pub(crate) fn begin(&mut self, places: usize) {
        #[cfg(debug_assertions)]
        self.sleeper.assert_ready();
        self.limit = places;
    }

    /// The legs that have begun, some of which have ended.
    pub(crate) const fn begun(&self) -> usize {
        self.next
    }

    pub(crate) const fn is_running(&self, index: usize) -> bool {
        self.legs[index].is_some()
    }

    pub(crate) fn is_any_running(&self) -> bool {
        self.legs.iter().any(Option::is_some)
    }

    /// Whether a leg has begun.
    pub(crate) const fn is_made(&self) -> bool {
        self.is_made
    }

    /// Whether the call may have another leg.
    pub(crate) const fn is_next_left(&self) -> bool {
        self.next < self.limit && (self.is_repeatable || !self.is_made)
    }

    /// Begins the next leg if the budget and the breakers admit it.
    pub(crate) fn start(&mut self, cause: Cause) -> Option<Leg> {
        let class = match cause {
            Cause::First => Class::Transient,
            Cause::Slow => Class::Timeout,
            Cause::Failed(class) => class,
        };
        while self.is_next_left() {
            let leg = Leg::new(self.next);
            let now = self.sleeper.now();
            // The first leg that is made is the attempt that would be made without a hedge.
            let is_hedge = self.is_made;
            let mut cost = None;
            if is_hedge {
                if let Cause::Failed(_) = cause {
                    self.failure = None;
                }
                cost = self.budget.withdraw(class, now);
                if cost.is_none() {
                    self.suppressed(Suppression::Budget);
                    return None;
                }
            }
            self.next += 1;
            match self.gates.admit(leg, || self.sleeper.now()) {
                Ok(held) => {
                    self.budget.attempted(now);
                    self.is_made = true;
                    self.legs[leg.index()] = Some(Running {
                        since: now,
                        held,
                        is_hedge,
                    });
                    self.observer.on_event(&HedgeEvent::Started { leg, is_hedge });
                    return Some(leg);
                }
                Err(rejection) => {
                    if let Some(cost) = cost {
                        self.budget.give_back(cost);
                    }
                    self.rejection.get_or_insert(rejection);
                    self.suppressed(Suppression::Rejected);
                }
            }
        }
        None
    }

    pub(crate) fn suppressed(&self, reason: Suppression) {
        self.observer.on_event(&HedgeEvent::Suppressed { reason });
    }

    /// The time until the next leg begins, if none of the running legs ends before.
    pub(crate) fn wait(&mut self) -> Option<Duration> {
        if self.hedge_after.is_none() {
            let delay = self.delay.delay(self.sleeper.now());
            if delay.is_none() {
                self.suppressed(Suppression::NoDelay);
            }
            self.hedge_after = Some(delay);
        }
        self.hedge_after.flatten()
    }

    /// The time for which a server has forbidden further legs.
    pub(crate) fn held(&self) -> Option<Duration> {
        if self.held_until.is_zero() {
            return None;
        }
        self.held_until
            .checked_sub(self.sleeper.now())
            .filter(|left| !left.is_zero())
    }

    /// Records that a leg lost, after its future was dropped.
    pub(crate) fn lost<T, E>(&mut self, index: usize)
    where
        G: Reports<T, E>,
    {
        if let Some(running) = self.legs[index].take() {
            let now = self.sleeper.now();
            let took = now.saturating_sub(running.since);
            self.gates.report(running.held, Ended::<T, E>::Superseded, || now);
            self.delay.record(took, now);
            self.observer.on_event(&HedgeEvent::Lost {
                leg: Leg::new(index),
                is_hedge: running.is_hedge,
                took,
            });
        }
    }

    /// Judges the outcome of a leg.
    pub(crate) fn ended<T, E>(&mut self, index: usize, outcome: &Result<T, E>) -> Then
    where
        G: Reports<T, E>,
        On: Judge<C, T, E>,
    {
        let Some(running) = self.legs[index].take() else {
            return Then::Continue;
        };
        let leg = Leg::new(index);
        let now = self.sleeper.now();
        let took = now.saturating_sub(running.since);
        self.gates.report(running.held, Ended::Returned(outcome), || now);
        let verdict = On::judge(&self.classifier, outcome);
        let class = match verdict {
            Verdict::Accept => {
                if outcome.is_ok() {
                    self.delay.record(took, now);
                    // A hedge that wins is not paid back, or a budget that pays back would bound nothing.
                    self.budget.succeeded(None, now);
                } else {
                    self.budget.failed(LastFailure::Permanent, now);
                }
                self.observer.on_event(&HedgeEvent::Won {
                    leg,
                    is_hedge: running.is_hedge,
                    took,
                });
                return Then::Answer;
            }
            Verdict::Retry | Verdict::RetryAfter(_) | Verdict::Pushback => Class::Transient,
            Verdict::RetryAs(class) => class,
            _ => {
                self.budget.failed(LastFailure::Permanent, now);
                self.observer.on_event(&HedgeEvent::Failed { leg });
                return Then::Answer;
            }
        };
        if class == Class::Timeout {
            self.delay.record(took, now);
        }
        self.failure = Some(LastFailure::Retryable(class));
        self.observer.on_event(&HedgeEvent::Failed { leg });
        match verdict {
            Verdict::RetryAfter(hint) if !hint.is_zero() => {
                self.failure = Some(LastFailure::Pushback);
                self.held_until = self.held_until.max(now.saturating_add(hint));
                Then::Continue
            }
            Verdict::Pushback => {
                self.failure = Some(LastFailure::Pushback);
                self.held_until = Duration::MAX;
                Then::Continue
            }
            _ if self.held_until > now => Then::Continue,
            _ => Then::Next(class),
        }
    }

    /// Reports that a leg panicked.
    pub(crate) fn panicked<T, E>(&mut self, index: usize)
    where
        G: Reports<T, E>,
    {
        if let Some(running) = self.legs[index].take() {
            let clock = || self.sleeper.now();
            self.gates.report(running.held, Ended::<T, E>::Panicked, clock);
        }
    }

    /// Reports to the budget that the call ends in failure, unless the budget itself ended it.
    pub(crate) fn gave_up(&mut self) {
        if let Some(failure) = self.failure.take() {
            self.budget.failed(failure, self.sleeper.now());
        }
    }

    pub(crate) fn take_rejection(&mut self) -> Option<G::Rejection> {
        self.rejection.take()
    }
}

/// A call that is dropped while it waits, as by a timeout around it. The times of legs that were slow enough for a
/// hedge are samples. The times of other legs are not, since a caller that goes away early shows nothing about the
/// server.
impl<D: Delay, S: Sleeper, B, C, On, G: Gates, O> Drop for Call<D, S, B, C, On, G, O> {
    fn drop(&mut self) {
        let Some(Some(slow)) = self.hedge_after else {
            return;
        };
        if panicking() || self.legs.iter().all(Option::is_none) {
            return;
        }
        contain(|| {
            let now = self.sleeper.now();
            for running in self.legs.iter().flatten() {
                let took = now.saturating_sub(running.since);
                if took >= slow {
                    self.delay.record(took, now);
                }
            }
        });
    }
}
