//! The future of a hedged call, in which its legs live.

use crate::call::{Call, Cause, Then};
use crate::delay::Delay;
use crate::gates::{Gates, Reports};
use crate::observe::{HedgeObserver, Suppression};
use crate::operation::Operation;
use crate::slots::Slots;
use core::fmt;
use core::future::Future;
use core::mem;
use core::pin::Pin;
use core::task::{Context, Poll};
use core::time::Duration;
use persevere_core::budget::{Budget, Class};
use persevere_core::classify::Judge;
use persevere_core::sleeper::{AwaitedBy, Sleeper};
use pin_project_lite::pin_project;

pin_project! {
    /// The future of [`Hedged::run`](crate::Hedged::run). `F` is the operation, `R` its result, `L` the places of the legs.
    #[project = HedgeMut]
    #[must_use = "futures do nothing unless polled"]
    pub struct HedgeFuture<D: Delay, S: Sleeper, B, C, On, G: Gates, O, F, R, L> {
        // First, so that legs are dropped before what they were given.
        #[pin]
        slots: L,
        // The wait until the next leg begins.
        #[pin]
        timer: Option<S::Sleep>,
        operation: F,
        call: Call<D, S, B, C, On, G, O>,
        last: Option<R>,
        stage: Stage,
    }
}

/// Where a call stands.
#[derive(Debug, Clone, Copy)]
enum Stage {
    New,
    /// No leg begins by time until another leg has begun.
    Idle,
    /// The timer runs, and then a leg begins for this cause.
    Waiting(Cause),
    /// The timer is to be set.
    Begun,
    Ended,
}

impl<D: Delay, S: Sleeper, B, C, On, G: Gates, O, F, R, L> HedgeFuture<D, S, B, C, On, G, O, F, R, L> {
    /// A call that begins when it is polled.
    pub(crate) fn new<A>(call: Call<D, S, B, C, On, G, O>, operation: F) -> Self
    where
        L: Slots<A>,
    {
        HedgeFuture {
            slots: L::empty(),
            timer: None,
            operation,
            call,
            last: None,
            stage: Stage::New,
        }
    }
}

impl<T, E, D, S, B, C, On, G, O, F, A, L> Future for HedgeFuture<D, S, B, C, On, G, O, F, Result<T, E>, L>
where
    D: Delay,
    S: Sleeper<Sleep: AwaitedBy<S>>,
    B: Budget,
    On: Judge<C, T, E>,
    G: Reports<T, E>,
    O: HedgeObserver,
    F: Operation<Future = A>,
    A: Future<Output = Result<T, E>>,
    L: Slots<A>,
{
    type Output = Result<T, G::Error<E>>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let call = this.call;
        let (mut cause, mut asked) = (Cause::First, 0);
        match *this.stage {
            Stage::New => {
                call.begin(L::COUNT);
                asked = 1;
            }
            Stage::Ended => ended(),
            Stage::Idle | Stage::Waiting(_) | Stage::Begun => {}
        }
        loop {
            for _ in 0..mem::take(&mut asked) {
                let responded = matches!((cause, &*this.last), (Cause::Failed(_), Some(Ok(_))));
                let is_hedge = call.is_made() && call.is_next_left();
                let leg = if is_hedge && !this.operation.is_repeatable(responded) {
                    call.suppressed(Suppression::Unrepeatable);
                    None
                } else {
                    call.start(cause)
                };
                let Some(leg) = leg else {
                    // A timer that runs tries once more.
                    if !matches!(cause, Cause::Failed(_)) {
                        *this.stage = Stage::Idle;
                    }
                    break;
                };
                let future = watch(|| call.panicked::<T, E>(leg.index()), || this.operation.call(leg));
                if let Some(mut slot) = this.slots.as_mut().slot(leg.index()) {
                    slot.set(Some(future));
                }
                *this.stage = Stage::Begun;
            }
            if !call.is_any_running() {
                *this.stage = Stage::Ended;
                this.timer.set(None);
                call.gave_up();
                return Poll::Ready(match this.last.take() {
                    Some(outcome) => outcome.map_err(G::failed),
                    None => Err(G::rejected(call.take_rejection().unwrap_or_else(|| ended()))),
                });
            }
            for index in 0..call.begun() {
                let slot = this.slots.as_mut().slot(index).filter(|_| call.is_running(index));
                let Some(mut slot) = slot else { continue };
                let Some(leg) = slot.as_mut().as_pin_mut() else {
                    continue;
                };
                let Poll::Ready(outcome) = watch(|| call.panicked::<T, E>(index), || leg.poll(context)) else {
                    continue;
                };
                slot.set(None);
                match call.ended(index, &outcome) {
                    Then::Answer => {
                        *this.stage = Stage::Ended;
                        this.timer.set(None);
                        for loser in (0..call.begun()).filter(|&other| other != index) {
                            if let Some(mut slot) = this.slots.as_mut().slot(loser) {
                                slot.set(None);
                            }
                            call.lost::<T, E>(loser);
                        }
                        return Poll::Ready(outcome.map_err(G::failed));
                    }
                    Then::Next(class) => (cause, asked) = (Cause::Failed(class), asked + 1),
                    Then::Continue => {}
                }
                *this.last = Some(outcome);
            }
            if asked > 0 || !call.is_any_running() {
                continue;
            }
            if !call.is_next_left() {
                this.timer.set(None);
                return Poll::Pending;
            }
            // How long to wait for the next leg, if no timer runs.
            let held = call.held();
            let wait = match *this.stage {
                Stage::Begun => call
                    .wait()
                    .map(|wait| (wait.max(held.unwrap_or_default()), Cause::Slow)),
                _ => None,
            };
            let after_failure = || held.map(|left| (left, Cause::Failed(Class::Transient)));
            match (*this.stage, wait) {
                (Stage::Begun, Some((Duration::ZERO, slow))) => {
                    (cause, asked) = (slow, 1);
                    continue;
                }
                (Stage::Waiting(_), _) => {}
                (_, wait) => match wait.or_else(after_failure) {
                    Some((wait, next)) => {
                        this.timer.set(Some(call.sleeper.sleep(wait)));
                        *this.stage = Stage::Waiting(next);
                    }
                    None => *this.stage = Stage::Idle,
                },
            }
            let Stage::Waiting(next) = *this.stage else {
                return Poll::Pending;
            };
            let Some(timer) = this.timer.as_mut().as_pin_mut() else {
                return Poll::Pending;
            };
            if timer.poll(context).is_pending() {
                return Poll::Pending;
            }
            this.timer.set(None);
            *this.stage = Stage::Idle;
            if call.sleeper.is_cancelled() {
                return Poll::Pending;
            }
            // If a server has requested a longer wait meanwhile, the next turn of the loop sets another timer.
            if call.held().is_none() {
                (cause, asked) = (next, 1);
            }
        }
    }
}

/// Runs code supplied by the caller, and calls `on_panic` if it panics.
#[inline]
fn watch<R>(on_panic: impl FnMut(), code: impl FnOnce() -> R) -> R {
    struct OnPanic<F: FnMut()>(F);

    impl<F: FnMut()> Drop for OnPanic<F> {
        fn drop(&mut self) {
            (self.0)();
        }
    }

    let guard = OnPanic(on_panic);
    let result = code();
    mem::forget(guard);
    result
}

#[cold]
fn ended() -> ! {
    panic!("a hedge was polled after it had ended")
}

impl<D: Delay, S: Sleeper, B, C, On, G: Gates, O, F, R, L> fmt::Debug for HedgeFuture<D, S, B, C, On, G, O, F, R, L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HedgeFuture")
            .field("stage", &self.stage)
            .finish_non_exhaustive()
    }
}
