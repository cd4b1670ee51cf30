//! The drivers: call, ask the machine, sleep. They differ by an `.await`; what they share is in `settle`.

use crate::as_policy::AsPolicy;
use crate::attempt::Attempt;
use crate::classify::Judge;
use crate::error::RetryError;
use crate::guards::Guards;
use crate::nanos::saturating_nanos;
use crate::observe::Observer;
use crate::run::Run;
use crate::run_future::RunFuture;
use crate::sleeper::{Sleeper, SleptBy};
use crate::watched::Watched;
use core::future::{Future, poll_fn};
use core::pin::{Pin, pin};
use core::task::Poll;
use core::time::Duration;

impl<P: AsPolicy, S: Sleeper, O, G> Run<P, S, O, G> {
    /// Calls the operation until it succeeds or the policy stops, on this thread.
    ///
    /// # Errors
    ///
    /// [`RetryError`] with the reason and the last error.
    #[inline]
    pub fn run_blocking<T, E, F>(self, mut operation: F) -> Result<T, RetryError<E>>
    where
        F: FnMut() -> Result<T, E>,
        S::Sleep: SleptBy<S>,
        P::Classifier: Judge<T, E>,
        O: Observer<E>,
        G: Guards<T, E>,
    {
        self.drive_blocking(|_| (), |()| operation())
    }

    /// [`run_blocking`](Run::run_blocking) for an operation that looks at the attempt: to tell the first from a
    /// retry, or to set [`Attempt::timeout`] on its socket, since a blocking attempt cannot be cut off from
    /// outside. (Mind that a socket's timeout is for each read, and that a read which runs into it fails with
    /// `WouldBlock` on Unix and `TimedOut` on Windows.)
    ///
    /// ```
    /// use persevere::{Policy, ThreadSleeper};
    /// use std::time::Duration;
    ///
    /// let policy = Policy::default().attempt_timeout(Duration::from_secs(2)).max_elapsed(Duration::from_secs(1));
    /// let timeout = policy
    ///     .on(ThreadSleeper)
    ///     .run_blocking_with(|attempt| Ok::<_, std::io::Error>(attempt.timeout()))
    ///     .unwrap();
    /// assert!(timeout.unwrap() <= Duration::from_secs(1));
    /// ```
    ///
    /// # Errors
    ///
    /// [`RetryError`] with the reason and the last error.
    #[inline]
    pub fn run_blocking_with<T, E, F>(self, operation: F) -> Result<T, RetryError<E>>
    where
        F: FnMut(Attempt) -> Result<T, E>,
        S::Sleep: SleptBy<S>,
        P::Classifier: Judge<T, E>,
        O: Observer<E>,
        G: Guards<T, E>,
    {
        self.drive_blocking(Self::attempt, operation)
    }

    /// Calls the operation, awaits what it returns, and again until it succeeds or the policy stops.
    ///
    /// The future is `Send` whenever the policy, the sleeper and what the operation captures and returns are, so it
    /// can be spawned. An operation that mutably borrows what it captures goes to [`run_mut`](Run::run_mut), or
    /// into a loop of your own over [`Policy::start`](crate::Policy::start).
    ///
    /// ```
    /// use persevere::{Policy, TokioSleeper};
    ///
    /// async fn fetch(url: &str) -> std::io::Result<String> { Ok(url.to_uppercase()) }
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let task = tokio::spawn(async {
    ///     let url = String::from("https://example.com");
    ///     Policy::default().on(TokioSleeper).run(|| fetch(&url)).await
    /// });
    /// assert_eq!(task.await.unwrap().unwrap(), "HTTPS://EXAMPLE.COM");
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`RetryError`] with the reason and the last error.
    #[inline]
    pub fn run<T, E, F, A>(self, mut operation: F) -> impl Future<Output = Result<T, RetryError<E>>>
    where
        F: FnMut() -> A,
        A: Future<Output = Result<T, E>>,
        P::Classifier: Judge<T, E>,
        O: Observer<E>,
        G: Guards<T, E>,
    {
        RunFuture::new(self, move |_: &Self| operation())
    }

    /// [`run`](Run::run) for an operation that looks at the attempt.
    ///
    /// # Errors
    ///
    /// [`RetryError`] with the reason and the last error.
    #[inline]
    pub fn run_with<T, E, F, A>(self, mut operation: F) -> impl Future<Output = Result<T, RetryError<E>>>
    where
        F: FnMut(Attempt) -> A,
        A: Future<Output = Result<T, E>>,
        P::Classifier: Judge<T, E>,
        O: Observer<E>,
        G: Guards<T, E>,
    {
        RunFuture::new(self, move |run: &Self| operation(run.attempt()))
    }

    /// [`run`](Run::run) for an async closure, which may borrow mutably what it captures.
    ///
    /// The compiler cannot yet prove the future of a borrowing async closure `Send`
    /// (<https://github.com/rust-lang/rust/issues/138207>; it says "higher-ranked lifetime error" or "implementation
    /// of `Send` is not general enough"), so this is for awaiting in place. Where the future must be `Send` (spawned,
    /// or in a method of `#[async_trait]`) use [`run`](Run::run), or a loop of your own over [`Policy::start`](crate::Policy::start).
    ///
    /// ```
    /// use persevere::{Policy, TokioSleeper};
    ///
    /// async fn push(log: &mut Vec<u32>) -> Result<usize, &'static str> {
    ///     log.push(7);
    ///     if log.len() < 2 { Err("too short") } else { Ok(log.len()) }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let mut log = Vec::new();
    /// let length = Policy::default().on(TokioSleeper).run_mut(async || push(&mut log).await).await;
    /// assert_eq!(length.unwrap(), 2);
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`RetryError`] with the reason and the last error.
    #[inline]
    pub fn run_mut<T, E, F>(self, mut operation: F) -> impl Future<Output = Result<T, RetryError<E>>>
    where
        F: AsyncFnMut() -> Result<T, E>,
        P::Classifier: Judge<T, E>,
        O: Observer<E>,
        G: Guards<T, E>,
    {
        self.run_mut_with(async move |_| operation().await)
    }

    /// [`run_mut`](Run::run_mut) for an operation that looks at the attempt.
    ///
    /// # Errors
    ///
    /// [`RetryError`] with the reason and the last error.
    #[inline]
    #[expect(clippy::manual_async_fn, reason = "an async function keeps its arguments twice")]
    pub fn run_mut_with<T, E, F>(mut self, mut operation: F) -> impl Future<Output = Result<T, RetryError<E>>>
    where
        F: AsyncFnMut(Attempt) -> Result<T, E>,
        P::Classifier: Judge<T, E>,
        O: Observer<E>,
        G: Guards<T, E>,
    {
        async move {
            self.begin()?;
            loop {
                let delay = match self.enter(true) {
                    Err(refused) => self.refused(refused)?,
                    Ok(()) => {
                        let attempt = self.attempt();
                        let outcome = match self.cut_off() {
                            None => Some(operation(attempt).await),
                            Some(limit) => {
                                let (attempt, timer) = (pin!(operation(attempt)), pin!(self.sleeper.sleep(limit)));
                                within(attempt, timer).await
                            }
                        };
                        match self.follow(outcome) {
                            Ok(value) => return Ok(value),
                            Err(next) => next?,
                        }
                    }
                };
                if self.pause(delay.into()).await {
                    return Err(self.cancelled());
                }
            }
        }
    }

    /// Waits for the next attempt, and says whether the wait was cut short. Before a sleep of no time it lets the
    /// executor run something else once, so that a loop without delays cannot starve it.
    ///
    /// A future of its own, so that what it keeps has no place in the run's while an attempt is made.
    #[expect(clippy::manual_async_fn, reason = "an async function keeps its arguments twice")]
    pub(crate) fn pause(&mut self, delay: Duration) -> impl Future<Output = bool> {
        async move {
            if delay.is_zero() {
                yield_once().await;
            }
            self.sleeper.sleep(delay).await;
            self.was_cut_short(saturating_nanos(delay))
        }
    }

    /// [`pause`](Run::pause) on this thread.
    #[inline]
    pub(crate) fn pause_blocking(&mut self, delay: Duration) -> bool {
        drop(self.sleeper.sleep(delay));
        self.was_cut_short(saturating_nanos(delay))
    }

    #[inline]
    fn drive_blocking<T, E, X, F>(mut self, prepare: impl Fn(&Self) -> X, mut call: F) -> Result<T, RetryError<E>>
    where
        F: FnMut(X) -> Result<T, E>,
        P::Classifier: Judge<T, E>,
        O: Observer<E>,
        G: Guards<T, E>,
    {
        self = self.with_machine();
        self.begin()?;
        loop {
            let delay = match self.enter(false) {
                Err(refused) => self.refused(refused)?,
                Ok(()) => {
                    let prepared = prepare(&self);
                    let outcome = Watched::new(&mut self.guards, || self.sleeper.now()).during(|| call(prepared));
                    match self.follow(Some(outcome)) {
                        Ok(value) => return Ok(value),
                        Err(next) => next?,
                    }
                }
            };
            if self.pause_blocking(delay.into()) {
                return Err(self.cancelled());
            }
        }
    }
}

/// The output of `attempt`, or `None` if `timer` is ready before it.
pub(crate) fn within<A: Future, T: Future<Output = ()>>(
    mut attempt: Pin<&mut A>,
    mut timer: Pin<&mut T>,
) -> impl Future<Output = Option<A::Output>> {
    poll_fn(move |context| match attempt.as_mut().poll(context) {
        Poll::Ready(output) => Poll::Ready(Some(output)),
        Poll::Pending => timer.as_mut().poll(context).map(|()| None),
    })
}

/// Pending once.
fn yield_once() -> impl Future<Output = ()> {
    let mut yielded = false;
    poll_fn(move |context| {
        if core::mem::replace(&mut yielded, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
}
