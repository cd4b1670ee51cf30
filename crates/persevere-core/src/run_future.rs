//! The future of an async run whose operation returns a future that borrows nothing of the run.
//!
//! Written by hand, where `run_mut` has an async block: its size is known, a policy that stands in place is seen through,
//! and the state of the run is written only when there is one.

use crate::as_policy::AsPolicy;
use crate::classify::Judge;
use crate::error::RetryError;
use crate::guards::Guards;
use crate::guards::sealed::Admit;
use crate::observe::Observer;
use crate::run::Run;
use crate::sleeper::Sleeper;
use crate::span::Span;
use crate::watched::Watched;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, ready};
use core::time::Duration;
use pin_project_lite::pin_project;

pin_project! {
    /// A run, driven by whoever polls it.
    #[project = RunMut]
    pub(crate) struct RunFuture<P, S: Sleeper, O, G, F, A> {
        // First, so that an attempt is dropped before what it was given.
        #[pin]
        stage: Stage<A, S::Sleep>,
        call: F,
        run: Run<P, S, O, G>,
    }
}

pin_project! {
    /// Where a run stands.
    #[project = StageMut]
    #[project_replace = StageOwn]
    enum Stage<A, W> {
        New,
        Attempt {
            #[pin]
            attempt: A,
            #[pin]
            timer: Option<W>,
        },
        Wait {
            #[pin]
            sleep: W,
            nanos: u64,
        },
        Ended,
    }
}

impl<P, S: Sleeper, O, G, F, A> RunFuture<P, S, O, G, F, A> {
    /// A run that begins when it is polled.
    #[inline]
    pub(crate) fn new(run: Run<P, S, O, G>, call: F) -> Self {
        RunFuture {
            stage: Stage::New,
            call,
            run,
        }
    }
}

impl<T, E, P, S, O, G, F, A> Future for RunFuture<P, S, O, G, F, A>
where
    P: AsPolicy<Classifier: Judge<T, E>>,
    S: Sleeper,
    O: Observer<E>,
    G: Guards<T, E>,
    F: FnMut(&Run<P, S, O, G>) -> A,
    A: Future<Output = Result<T, E>>,
{
    type Output = Result<T, RetryError<E>>;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.as_mut().project();
        // Most runs end with their first attempt, at their first poll, and do not pay for what the others need.
        let is_attempted = match *this.stage {
            Stage::New if !this.run.policy.limits().are_timed() => ready!(this.begin(context)?),
            _ => false,
        };
        if !is_attempted {
            return self.go_on(None, context);
        }
        let Some(outcome) = ready!(this.attempt(context)) else {
            unreachable!("it has no limit of time");
        };
        if P::Classifier::ACCEPTS_OK && outcome.is_ok() {
            return Poll::Ready(this.run.judge(outcome).map_err(|_| unreachable!("it is accepted")));
        }
        self.go_on(Some(outcome), context)
    }
}

impl<P: AsPolicy, S: Sleeper, O, G, F, A> RunFuture<P, S, O, G, F, A> {
    /// Takes up a run where it stands, or where an attempt has just had an outcome.
    // Apart, so that a first attempt which succeeds does not pay for its registers.
    #[inline(never)]
    fn go_on<T, E>(
        self: Pin<&mut Self>,
        outcome: Option<Result<T, E>>,
        context: &mut Context<'_>,
    ) -> Poll<Result<T, RetryError<E>>>
    where
        P: AsPolicy<Classifier: Judge<T, E>>,
        O: Observer<E>,
        G: Guards<T, E>,
        F: FnMut(&Run<P, S, O, G>) -> A,
        A: Future<Output = Result<T, E>>,
    {
        let mut this = self.project();
        let mut outcome = match outcome {
            Some(outcome) => outcome,
            None => ready!(this.next(context)?),
        };
        loop {
            let delay = match this.run.follow(Some(outcome)) {
                Ok(value) => return Poll::Ready(Ok(value)),
                Err(next) => next?,
            };
            ready!(this.pause(delay, context));
            outcome = ready!(this.next(context)?);
        }
    }
}

impl<P, S, O, G, F, A> RunMut<'_, P, S, O, G, F, A>
where
    P: AsPolicy,
    S: Sleeper,
    F: FnMut(&Run<P, S, O, G>) -> A,
{
    /// Puts a stage in the place of another. `Pin::set` would call the drop of all stages, whatever the last one was.
    #[inline(always)]
    fn set(&mut self, stage: Stage<A, S::Sleep>) {
        self.stage.as_mut().project_replace(stage);
    }

    /// Goes on to the next outcome.
    #[inline(always)]
    fn next<T, E>(&mut self, context: &mut Context<'_>) -> Poll<Result<Result<T, E>, RetryError<E>>>
    where
        O: Observer<E>,
        G: Guards<T, E>,
        A: Future<Output = Result<T, E>>,
    {
        loop {
            while !ready!(self.advance(context)?) {}
            if let Some(outcome) = ready!(self.attempt(context)) {
                return Poll::Ready(Ok(outcome));
            }
            let delay = self.run.timed_out::<T, E>()?;
            ready!(self.pause(delay, context));
        }
    }

    /// Goes on to the next stage, and says whether an attempt is being made.
    #[inline(always)]
    fn advance<E>(&mut self, context: &mut Context<'_>) -> Poll<Result<bool, RetryError<E>>>
    where
        O: Observer<E>,
        G: Admit,
    {
        match self.stage.as_mut().project() {
            StageMut::Wait { sleep, nanos } => {
                ready!(sleep.poll(context));
                if self.run.was_cut_short(*nanos) {
                    self.set(Stage::Ended);
                    return Poll::Ready(Err(self.run.cancelled()));
                }
                self.enter(context)
            }
            StageMut::Attempt { .. } => Poll::Ready(Ok(true)),
            StageMut::New => self.begin(context),
            StageMut::Ended => panic!("a run was polled after it had ended"),
        }
    }

    /// Begins the run, and says whether an attempt is being made.
    #[inline(always)]
    fn begin<E>(&mut self, context: &Context<'_>) -> Poll<Result<bool, RetryError<E>>>
    where
        O: Observer<E>,
        G: Admit,
    {
        if let Err(error) = self.run.begin() {
            self.set(Stage::Ended);
            return Poll::Ready(Err(error));
        }
        self.enter(context)
    }

    /// Begins an attempt, or if it is not let through a wait.
    #[inline(always)]
    fn enter<E>(&mut self, context: &Context<'_>) -> Poll<Result<bool, RetryError<E>>>
    where
        O: Observer<E>,
        G: Admit,
    {
        if let Err(refused) = self.run.enter(false) {
            self.set(Stage::Ended);
            let delay = self.run.refused_apart(refused)?;
            return self.pause(delay, context).map(|()| Ok(false));
        }
        match self.run.cut_off() {
            Some(limit) => self.enter_within(limit),
            None => {
                let attempt = (self.call)(self.run);
                self.set(Stage::Attempt { attempt, timer: None });
            }
        }
        Poll::Ready(Ok(true))
    }

    /// Begins an attempt that has a limit of time.
    // Apart, so that no place is moved for a timer which is not there.
    #[cold]
    fn enter_within(&mut self, limit: Duration) {
        let timer = Some(self.run.sleeper.sleep(limit));
        let attempt = (self.call)(self.run);
        self.set(Stage::Attempt { attempt, timer });
    }

    /// Polls the attempt: its outcome, or `None` if it was cut off.
    #[inline(always)]
    fn attempt<T, E>(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<T, E>>>
    where
        G: Guards<T, E>,
        A: Future<Output = Result<T, E>>,
    {
        let StageMut::Attempt { attempt, timer } = self.stage.as_mut().project() else {
            unreachable!("an attempt was begun");
        };
        let watched = Watched::<T, E, _, _>::new(&mut self.run.guards, || self.run.sleeper.now());
        let outcome = match watched.during(|| attempt.poll(context)) {
            Poll::Ready(outcome) => Some(outcome),
            Poll::Pending => match timer.as_pin_mut() {
                None => return Poll::Pending,
                Some(timer) => {
                    ready!(timer.poll(context));
                    None
                }
            },
        };
        // Drops the attempt, before anything is said of it.
        self.set(Stage::Ended);
        Poll::Ready(outcome)
    }

    /// Begins a wait. Before one of no time it lets the executor run something else, so that a loop without delays cannot
    /// starve it.
    #[inline(always)]
    fn pause(&mut self, delay: Span, context: &Context<'_>) -> Poll<()> {
        let (sleep, nanos) = (self.run.sleeper.sleep(delay.into()), delay.nanos());
        self.set(Stage::Wait { sleep, nanos });
        if nanos > 0 {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    }
}
