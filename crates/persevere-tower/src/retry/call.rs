//! One call of a service: its run, its request, and what it has to return.

use crate::replay::{Remains, Replay};
use crate::retry::{Ending, Equip, NotReady, Policies, RetryLayer, Settings, StopIf};
use crate::unrepeatable::Unrepeatable;
use persevere_core::policy::Judges;
use persevere_core::run::{Guards, Steps};
use persevere_core::{Attempt, Observer, Run, Sleeper, Step, StopReason, Verdict};
use std::marker::PhantomData;
use std::task::{Context, Poll};
use std::time::Duration;
use tower_service::Service;

/// The next step of a call. `A` is the future of an attempt.
pub(super) enum Next<A> {
    /// Make an attempt, which has begun.
    Attempt(A),
    /// Wait.
    Wait(Duration),
    /// Wait until the service is ready.
    Ready,
    /// Return.
    Done,
}

/// A call without its futures.
pub(super) struct Call<V, Req, P, S, O, G, R, F, M>
where
    V: Service<R::Sent>,
    R: Replay<Req>,
{
    service: V,
    request: Remains<Req, R::Kept>,
    steps: Steps<P, S, ((), O), G, V::Error>,
    replay: R,
    stop_if: F,
    settings: Settings,
    last: Option<Result<V::Response, V::Error>>,
    ending: PhantomData<fn() -> M>,
}

impl<V, Req, P, S, O, G, R, F, M> Call<V, Req, P, S, O, G, R, F, M>
where
    V: Service<R::Sent> + Clone,
    P: Judges<V::Response, V::Error> + Clone + Send + Sync + 'static,
    S: Sleeper + Clone,
    O: Observer<V::Error> + Clone,
    G: Guards<V::Response, V::Error>,
    R: Replay<Req> + Clone,
    F: StopIf<V::Error> + Clone,
    M: Ending<V::Response, V::Error>,
{
    pub(super) fn new<L, Q>(service: V, request: Req, layer: &RetryLayer<L, S, O, Q, R, F, M>) -> Self
    where
        L: Policies<Req, Policy = P>,
        Q: Equip<Guards = G>,
    {
        let own = layer.replay.policy(&request);
        let policy = own.unwrap_or_else(|| layer.policy.policy(&request));
        let run = Run::new(policy, layer.sleeper.clone()).observe(layer.observer.clone());
        Call {
            service,
            request: Remains::Whole(request),
            steps: layer.guards.equip(run).steps(),
            replay: layer.replay.clone(),
            stop_if: layer.stop_if.clone(),
            settings: layer.settings.clone(),
            last: None,
            ending: PhantomData,
        }
    }

    /// Begins an attempt on the service, which is ready, and sends the request.
    pub(super) fn begin(&mut self) -> Next<V::Future> {
        match self.steps.begin() {
            Ok(attempt) => Next::Attempt(self.send(&attempt)),
            Err(Step::Wait(delay)) => {
                // An instance that is ready holds a place, and its clone does not.
                self.service = self.service.clone();
                Next::Wait(delay)
            }
            Err(Step::Stop(_)) if M::NEEDS_OUTCOME && self.last.is_none() => Next::Attempt(self.send(&Attempt::new(1))),
            Err(Step::Stop(_)) => Next::Done,
        }
    }

    fn send(&mut self, attempt: &Attempt) -> V::Future {
        let (machine, now) = (self.steps.machine(), self.steps.sleeper().now());
        let is_last = machine.is_exhausted(self.steps.policy(), now);
        let mut sent = self.request.take(&self.replay, is_last);
        self.replay.mark(&mut sent, attempt);
        let (steps, service) = (&mut self.steps, &mut self.service);
        steps.watch::<V::Response, _>(|| service.call(sent))
    }

    /// Polls an attempt, or a step of it.
    pub(super) fn watch<T>(&mut self, attempt: impl FnOnce() -> T) -> T {
        self.steps.watch::<V::Response, _>(attempt)
    }

    /// After how long an attempt is dropped; `None` if it is not.
    pub(super) fn interrupt_after(&self) -> Option<Duration> {
        if M::NEEDS_OUTCOME && self.last.is_none() {
            return None;
        }
        self.steps.interrupt_after()
    }

    /// How long the service may take to get ready; `None` if it is not limited.
    pub(super) fn ready_within(&self) -> Option<Duration> {
        let cancellable = || self.steps.sleeper().is_cancellable().then_some(Duration::MAX);
        self.steps.time_left().or_else(cancellable)
    }

    pub(super) fn sleep(&self, delay: Duration) -> S::Sleep {
        self.steps.sleeper().sleep(delay)
    }

    /// Decides what follows an attempt; its outcome is `None` if it was interrupted.
    pub(super) fn settle(&mut self, outcome: Option<Result<V::Response, V::Error>>) -> Next<V::Future> {
        if self.steps.machine().ended().is_some() {
            // The run had been cancelled before its first attempt.
            self.last = outcome;
            return Next::Done;
        }
        if outcome.is_none() && self.steps.sleeper().is_cancelled() {
            self.steps.cancel();
            return Next::Done;
        }
        let step = match &outcome {
            Some(outcome) => {
                let verdict = self.verdict(outcome);
                self.steps.settle_as(Some(outcome), verdict)
            }
            // A policy that retries no timeouts stops by itself, with its own reason.
            None if matches!(self.request, Remains::NotKept) && self.steps.policy().limits().retry_timeouts() => {
                self.unrepeatable(Unrepeatable::NotKept);
                self.steps.settle_as::<V::Response>(None, Verdict::Stop)
            }
            None => Some(self.steps.timed_out::<V::Response>()),
        };
        let waits = matches!(step, Some(Step::Wait(_)));
        match outcome {
            Some(Ok(_)) if self.settings.drop_failed && waits => self.last = None,
            Some(outcome) => self.last = Some(outcome),
            None => {}
        }
        match step {
            Some(Step::Wait(delay)) => Next::Wait(delay),
            Some(Step::Stop(_)) | None => Next::Done,
        }
    }

    fn verdict(&self, outcome: &Result<V::Response, V::Error>) -> Verdict {
        if outcome.as_ref().is_err_and(|error| self.stop_if.stops(error)) {
            return Verdict::Stop;
        }
        let verdict = self.steps.policy().judge(outcome);
        if !verdict.is_retry() {
            return verdict;
        }
        match self.request.obstacle(&self.replay, outcome.is_ok()) {
            Some(obstacle) => {
                self.unrepeatable(obstacle);
                Verdict::Stop
            }
            None => verdict,
        }
    }

    fn unrepeatable(&self, obstacle: Unrepeatable) {
        if let Some(call) = &self.settings.on_unrepeatable {
            call(obstacle);
        }
    }

    /// Begins an attempt once the service is ready.
    pub(super) fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Next<V::Future>> {
        let next = match self.service.poll_ready(context) {
            Poll::Ready(Ok(())) => match self.request.obstacle(&self.replay, false) {
                None => self.begin(),
                // The body of an attempt that timed out may still be in use.
                Some(obstacle) => {
                    self.unrepeatable(obstacle);
                    self.give_up(StopReason::Permanent)
                }
            },
            Poll::Ready(Err(error)) => {
                self.last = Some(Err(error));
                self.give_up(StopReason::Permanent)
            }
            Poll::Pending if self.settings.not_ready == NotReady::GiveUp => self.give_up(StopReason::Rejected),
            Poll::Pending => return Poll::Pending,
        };
        Poll::Ready(next)
    }

    /// Decides what follows if the service did not get ready in time, or the sleeper was cancelled.
    pub(super) fn not_ready_in_time(&mut self) -> Next<V::Future> {
        if self.steps.sleeper().is_cancelled() {
            self.steps.cancel();
            return Next::Done;
        }
        self.give_up(StopReason::Elapsed)
    }

    fn give_up(&mut self, reason: StopReason) -> Next<V::Future> {
        self.steps.give_up(reason);
        Next::Done
    }

    /// Returns the result of the call.
    pub(super) fn finish(self) -> Result<V::Response, M::Error> {
        let Call { steps, last, .. } = self;
        M::end(last, |last| steps.into_error(last))
    }
}
