//! [`Run`]: one run of an operation, before it starts, and the six methods that make it.
//!
//! The other types of this module are parts of its type; you need not name them.

mod attempt;
mod attempts;
#[doc(hidden)]
pub mod attribute;
mod blocking;
mod ending;
mod future;
mod guards;
mod lending;
mod next;
mod operation;
pub(crate) mod order;
mod panic_guard;
mod signal;
mod steps;

pub use attempt::{Attempt, AttemptHeader};
pub use attempts::Attempts;
pub use ending::{AcceptLast, Bare, Ended, Ending, Explained, Stepwise, Whole};
pub use future::{Call, Plain, RunFuture, WithAttempt};
pub use guards::{AnyClass, Asked, Budgeted, FirstAsked, Gated, Guards, LastAsked, Paced};
pub use operation::Awaited;
#[doc(hidden)]
pub use order::{counted, has_rejected, is_within, note_rejection};
pub use signal::NoSignal;
pub use steps::Steps;

use crate::budget::{Budget, Class};
use crate::gate::Gate;
use crate::observe::{Event, FromFn, Observer, OnRetry};
use crate::policy::{Judges, PolicyParts, Seeded, Within};
use crate::sleeper::{AwaitedBy, Clock, Sleeper, SleptBy};
use core::future::Future;
use core::marker::PhantomData;
use core::time::Duration;

/// One run of an operation, about to start; made by [`Policy::on`](crate::Policy::on).
///
/// Debug builds report once a run that begins within an attempt of another, and rejections that are retried: see
/// [`Misplaced`](crate::observe::Misplaced).
///
/// For a value in place of the error, call `unwrap_or_else` on the result of the run.
///
/// | method | operation | sleeper |
/// |---|---|---|
/// | [`run`](Run::run) | `FnMut() -> impl Future`: spawnable if the future is | async |
/// | [`run_mut`](Run::run_mut) | `AsyncFnMut()`: may borrow mutably | async |
/// | [`run_blocking`](Run::run_blocking) | `FnMut() -> Result` | blocking |
///
/// Each has a `_with` form that hands the [`Attempt`] to the operation.
///
/// `P` is the policy, `S` the sleeper, `O` the observers, `G` the guards, `K` what the run ends in, `X` the signal that
/// cancels it. You need not name them.
#[derive(Debug)]
#[must_use = "a run does nothing until `.run(..).await`, `.run_mut(..).await` or `.run_blocking(..)`"]
pub struct Run<P, S, O = (), G = (), K = Explained, X = NoSignal> {
    policy: P,
    sleeper: S,
    observer: O,
    guards: G,
    ending: PhantomData<K>,
    signal: X,
}

impl<P, S> Run<P, S> {
    /// A run without observers and guards, for code that is generic over what serves as its policy. Other code writes
    /// [`policy.on(sleeper)`](crate::Policy::on).
    #[inline]
    pub const fn new(policy: P, sleeper: S) -> Self {
        Run {
            policy,
            sleeper,
            observer: (),
            guards: (),
            ending: PhantomData,
            signal: NoSignal,
        }
    }
}

/// Running.
impl<P: PolicyParts, S: Sleeper, O, G, K, X> Run<P, S, O, G, K, X> {
    /// Calls the operation, awaits what it returns, and repeats this until it succeeds or the policy stops.
    ///
    /// The future is `Send` if the policy, the sleeper, what the operation captures and returns, and its error are, so
    /// it can be spawned. An operation that mutably borrows what it captures goes to [`run_mut`](Run::run_mut), or into
    /// a loop of your own over [`Policy::start`](crate::Policy::start).
    ///
    /// Make the future once and pin it if you poll it in a `select!` loop. A future that is made anew in each turn
    /// begins with its first attempt each time.
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
    /// [`RetryError`](crate::RetryError) with the reason and the last error.
    #[inline]
    pub fn run<T, E, F, A>(self, operation: F) -> RunFuture<P, S, O, G, K, X, Plain<F>, A, K::Kept>
    where
        F: FnMut() -> A,
        A: Awaited<T, E>,
        S::Sleep: AwaitedBy<S>,
        P: Judges<T, E>,
        O: Observer<E>,
        G: Guards<T, E>,
        K: Ending<T, E>,
        X: Future,
    {
        RunFuture::new(self, Plain(operation))
    }

    /// [`run`](Run::run) for an operation that looks at the attempt.
    ///
    /// # Errors
    ///
    /// [`RetryError`](crate::RetryError) with the reason and the last error.
    #[inline]
    pub fn run_with<T, E, F, A>(self, operation: F) -> RunFuture<P, S, O, G, K, X, WithAttempt<F>, A, K::Kept>
    where
        F: FnMut(Attempt) -> A,
        A: Awaited<T, E>,
        S::Sleep: AwaitedBy<S>,
        P: Judges<T, E>,
        O: Observer<E>,
        G: Guards<T, E>,
        K: Ending<T, E>,
        X: Future,
    {
        RunFuture::new(self, WithAttempt(operation))
    }

    /// [`run`](Run::run) for an async closure, which may borrow mutably what it captures.
    ///
    /// The compiler cannot yet prove that the future of a borrowing async closure is `Send`
    /// (<https://github.com/rust-lang/rust/issues/138207>). Its message is "higher-ranked lifetime error" or
    /// "implementation of `Send` is not general enough". So this is for awaiting in place. Where the future must be
    /// `Send` (spawned, or in a method of `#[async_trait]`) use [`run`](Run::run), or a loop of your own over
    /// [`Policy::start`](crate::Policy::start).
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
    /// [`RetryError`](crate::RetryError) with the reason and the last error.
    #[inline]
    pub fn run_mut<T, E, F>(self, mut operation: F) -> impl Future<Output = K::Output>
    where
        F: AsyncFnMut() -> Result<T, E>,
        S::Sleep: AwaitedBy<S>,
        P: Judges<T, E>,
        O: Observer<E>,
        G: Guards<T, E>,
        K: Ending<T, E>,
        X: Future,
    {
        lending::drive(self, async move |_| operation().await)
    }

    /// [`run_mut`](Run::run_mut) for an operation that looks at the attempt.
    ///
    /// # Errors
    ///
    /// [`RetryError`](crate::RetryError) with the reason and the last error.
    #[inline]
    pub fn run_mut_with<T, E, F>(self, operation: F) -> impl Future<Output = K::Output>
    where
        F: AsyncFnMut(Attempt) -> Result<T, E>,
        S::Sleep: AwaitedBy<S>,
        P: Judges<T, E>,
        O: Observer<E>,
        G: Guards<T, E>,
        K: Ending<T, E>,
        X: Future,
    {
        lending::drive(self, operation)
    }
}

/// Running by a loop of your own.
impl<P: PolicyParts, S: Sleeper, O, G> Run<P, S, O, G> {
    /// Starts this run for a loop of your own, with the observers, guards and limits that were set: see [`Steps`].
    #[inline]
    pub fn steps<E>(self) -> Steps<P, S, O, G, E> {
        Steps::new(self)
    }
}

/// Running on this thread.
impl<P: PolicyParts, S: Sleeper, O, G, K> Run<P, S, O, G, K> {
    /// Calls the operation until it succeeds or the policy stops, on this thread.
    ///
    /// # Errors
    ///
    /// [`RetryError`](crate::RetryError) with the reason and the last error.
    #[inline]
    pub fn run_blocking<T, E, F>(self, mut operation: F) -> K::Output
    where
        F: FnMut() -> Result<T, E>,
        S::Sleep: SleptBy<S>,
        P: Judges<T, E>,
        O: Observer<E>,
        G: Guards<T, E>,
        K: Ending<T, E>,
    {
        blocking::drive(self, |_| (), |()| operation())
    }

    /// [`run_blocking`](Run::run_blocking) for an operation that looks at the attempt: to distinguish the first from a
    /// retry, or to set [`Attempt::timeout`] on its socket. A blocking attempt cannot be interrupted. (A socket's
    /// timeout is for each read. A read that exceeds it fails with `WouldBlock` on Unix and `TimedOut` on Windows.)
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
    /// [`RetryError`](crate::RetryError) with the reason and the last error.
    #[inline]
    pub fn run_blocking_with<T, E, F>(self, operation: F) -> K::Output
    where
        F: FnMut(Attempt) -> Result<T, E>,
        S::Sleep: SleptBy<S>,
        P: Judges<T, E>,
        O: Observer<E>,
        G: Guards<T, E>,
        K: Ending<T, E>,
    {
        blocking::drive(self, Attempts::attempt, operation)
    }
}

/// Limits and seeds of this run alone.
impl<P: PolicyParts, S: Sleeper, O, G, K, X> Run<P, S, O, G, K, X> {
    /// Ends this run within `limit` of its start. The strictest of this and the policy's
    /// [`max_elapsed`](crate::Policy::max_elapsed) binds. An async attempt that is still running then is interrupted,
    /// even if the policy has no [`attempt_timeout`](crate::Policy::attempt_timeout).
    ///
    /// ```
    /// use persevere::{Policy, StopReason, ThreadSleeper};
    /// use std::time::Duration;
    ///
    /// let error = Policy::fixed(Duration::from_secs(60))
    ///     .on(ThreadSleeper)
    ///     .timeout(Duration::from_secs(2))
    ///     .run_blocking(|| Err::<(), _>("no"))
    ///     .unwrap_err();
    /// assert_eq!((error.reason(), error.attempts()), (StopReason::Elapsed, 1));
    /// ```
    #[inline]
    pub fn timeout(self, limit: Duration) -> Run<Within<P>, S, O, G, K, X>
    where
        S: Clock,
    {
        self.with_policy(|policy| Within::after(policy, limit))
    }

    /// [`timeout`](Run::timeout) as a point in time on the sleeper's clock: for a deadline that several runs share, or
    /// that came with a request.
    ///
    /// ```
    /// use persevere::{Policy, Sleeper, StopReason, ThreadSleeper};
    /// use std::time::Duration;
    ///
    /// let deadline = ThreadSleeper.now() + Duration::from_secs(2);
    /// let policy = Policy::fixed(Duration::from_secs(60));
    /// let run = || policy.on(ThreadSleeper).deadline(deadline).run_blocking(|| Err::<(), _>("no"));
    /// assert_eq!(run().unwrap_err().reason(), StopReason::Elapsed);
    /// ```
    #[inline]
    #[doc(alias("timeout"))]
    pub fn deadline(self, at: Duration) -> Run<Within<P>, S, O, G, K, X>
    where
        S: Clock,
    {
        self.with_policy(|policy| Within::until(policy, at))
    }

    /// Makes the delays of this run reproducible, whatever seed the policy has: see
    /// [`Policy::seed`](crate::Policy::seed).
    #[inline]
    pub fn seed(self, seed: u64) -> Run<Seeded<P>, S, O, G, K, X> {
        self.with_policy(|policy| Seeded { policy, seed })
    }

    #[inline]
    fn with_policy<Q>(self, with: impl FnOnce(P) -> Q) -> Run<Q, S, O, G, K, X> {
        Run {
            policy: with(self.policy),
            sleeper: self.sleeper,
            observer: self.observer,
            guards: self.guards,
            ending: PhantomData,
            signal: self.signal,
        }
    }
}

/// Observers.
impl<P, S, O, G, K, X> Run<P, S, O, G, K, X> {
    /// Adds `observer`, which receives every event, to the observers that were added before.
    #[inline]
    pub fn observe<N>(self, observer: N) -> Run<P, S, (O, N), G, K, X> {
        Run {
            policy: self.policy,
            sleeper: self.sleeper,
            observer: (self.observer, observer),
            guards: self.guards,
            ending: PhantomData,
            signal: self.signal,
        }
    }

    /// Calls a closure with every event.
    ///
    /// ```
    /// use persevere::{Event, Policy, ThreadSleeper};
    /// use std::cell::Cell;
    ///
    /// let attempts = Cell::new(0);
    /// let value = Policy::default()
    ///     .on(ThreadSleeper)
    ///     .on_event(|event: &Event<'_, &str>| {
    ///         if let Event::AttemptStarted { attempt, .. } = event { attempts.set(*attempt) }
    ///     })
    ///     .run_blocking(|| Ok::<_, &str>(1));
    /// assert_eq!(attempts.get(), 1);
    /// ```
    #[inline]
    pub fn on_event<E, F: Fn(&Event<'_, E>)>(self, f: F) -> Run<P, S, (O, FromFn<F>), G, K, X> {
        self.observe(crate::observe::from_fn(f))
    }

    /// Calls a closure before each wait, with the number of the attempt that failed, its error, and the delay. The
    /// error is `None` if the attempt timed out, was rejected, or returned an `Ok` that was not accepted.
    ///
    /// ```
    /// use persevere::{Policy, ThreadSleeper};
    /// use std::time::Duration;
    ///
    /// let mut retries = 0;
    /// let _ = Policy::fixed(Duration::from_millis(1))
    ///     .on(ThreadSleeper)
    ///     .on_retry(|attempt, error, delay| {
    ///         retries += 1;
    ///         eprintln!("attempt {attempt}: {error:?}, again in {delay:?}");
    ///     })
    ///     .run_blocking(|| Err::<(), _>("no"));
    /// assert_eq!(retries, 2);
    /// ```
    #[inline]
    pub fn on_retry<E, F>(self, f: F) -> Run<P, S, (O, OnRetry<F>), G, K, X>
    where
        F: FnMut(u32, Option<&E>, Duration),
    {
        self.observe(OnRetry::new(f))
    }
}

/// Guards. They admit or reject each attempt in this order, whatever the order of the calls: [`pace`](Run::pace),
/// [`bulkhead`](Run::bulkhead), [`breaker`](Run::breaker) and [`gate`](Run::gate). Guards of one kind follow the order
/// of the calls. If a guard rejects, the permits of the others go back.
impl<P, S, O, G, K, X> Run<P, S, O, G, K, X> {
    /// Waits before each attempt until a gate admits it: a `Pause`, a limit of the rate, or any other
    /// [`Gate`]. The gate is passed as a [`breaker`](Run::breaker) is.
    ///
    /// The waits do not count as attempts or failures. They use up neither
    /// [`max_attempts`](crate::Policy::max_attempts) nor the backoff, and are emitted as [`Event::Paced`]. A limit of
    /// the run's time ends the run before a wait that would exceed it, so set a limit. Cancelling ends a wait. A
    /// rejection that no wait helps stops the run with [`StopReason::Rejected`](crate::StopReason::Rejected).
    ///
    /// A wait is spread as a hint is: see [`spread_hints`](crate::Policy::spread_hints). If the gate returns no time,
    /// the run waits for 1 ms, and up to 64 ms after further rejections.
    ///
    /// The gate receives the hints that the policy accepts, so that a `Pause` needs no classifier.
    ///
    /// ```
    /// use persevere::gate::{Ended, Gate, Rejected, Report};
    /// use persevere::{Policy, Sleeper, ThreadSleeper};
    /// use std::time::Duration;
    ///
    /// /// Admits nothing before a point in time.
    /// struct NotBefore(Duration);
    ///
    /// impl Gate for &NotBefore {
    ///     type Permit = ();
    ///
    ///     fn admit(&self, now: Duration) -> Result<(), Rejected> {
    ///         match self.0.saturating_sub(now) {
    ///             Duration::ZERO => Ok(()),
    ///             left => Err(Rejected::for_now(left)),
    ///         }
    ///     }
    /// }
    ///
    /// impl<T, E> Report<T, E> for &NotBefore {
    ///     fn report(&self, _permit: (), _ended: Ended<'_, T, E>, _clock: impl Fn() -> Duration) {}
    /// }
    ///
    /// let opening = ThreadSleeper.now() + Duration::from_millis(5);
    /// let gate = NotBefore(opening);
    /// let run = Policy::default().max_attempts(1).into_run(ThreadSleeper).pace(&gate);
    /// let began = run.run_blocking(|| Ok::<_, ()>(ThreadSleeper.now()));
    /// assert!(began.unwrap() >= opening);
    /// ```
    #[inline]
    pub fn pace<N: Gate>(self, gate: N) -> Run<P, S, O, (G, Paced<N>), K, X> {
        self.guard(Paced::new(gate))
    }

    /// Has a limit of the concurrent calls admit or reject each attempt, before the breakers, so that no breaker counts
    /// what the limit rejects. It is passed as a [`breaker`](Run::breaker) is, and a rejected attempt stops the run
    /// likewise. To wait for a place instead, pass it to [`pace`](Run::pace).
    #[expect(clippy::type_complexity, reason = "the type of a run is not named")]
    #[inline]
    pub fn bulkhead<N: Gate>(self, bulkhead: N) -> Run<P, S, O, (G, Gated<N, FirstAsked>), K, X> {
        self.guard(Gated::new(bulkhead))
    }

    /// Has a circuit breaker admit or reject each attempt, and reports to it how the attempt ended. Runs that share a
    /// breaker stop calling what is down. The breaker is passed by reference, in an `Arc`, or as a `SharedBreaker`; an
    /// `Option` of these may be `None`.
    ///
    /// A rejected attempt stops the run with [`StopReason::Rejected`](crate::StopReason::Rejected), unless the policy
    /// has [`retry_rejected`](crate::Policy::retry_rejected). The breaker counts attempts, not runs. For a breaker that
    /// counts whole runs, put the run into a call of the breaker.
    ///
    /// ```
    /// use persevere::{Policy, StopReason, ThreadSleeper, breaker::CircuitBreaker};
    /// use std::time::Duration;
    ///
    /// static BREAKER: CircuitBreaker = CircuitBreaker::consecutive_failures(3).build();
    ///
    /// let policy = Policy::fixed(Duration::ZERO).max_attempts(5);
    /// let call = || policy.on(ThreadSleeper).breaker(&BREAKER).run_blocking(|| Err::<(), _>("down")).unwrap_err();
    /// let first = call();
    /// assert_eq!((first.reason(), first.attempts()), (StopReason::Rejected, 3));
    /// let second = call();
    /// assert_eq!((second.reason(), second.attempts()), (StopReason::Rejected, 0));
    /// ```
    #[inline]
    #[doc(alias("circuit breaker"))]
    pub fn breaker<N: Gate>(self, breaker: N) -> Run<P, S, O, (G, Gated<N>), K, X>
    where
        S: Clock,
    {
        self.guard(Gated::new(breaker))
    }

    /// [`breaker`](Run::breaker) for any other [`Gate`], such as a limit of the rate.
    #[inline]
    pub fn gate<N: Gate>(self, gate: N) -> Run<P, S, O, (G, Gated<N>), K, X> {
        self.guard(Gated::new(gate))
    }

    /// Has a budget admit or reject each retry, and reports to it how each attempt ended. All the runs that share a
    /// budget together make no more retries than it allows. The first attempt of a run is always made. The budget is
    /// passed by reference or in an `Arc`; an `Option` of either may be `None`.
    ///
    /// A retry for which there is no budget stops the run with [`StopReason::Budget`](crate::StopReason::Budget).
    ///
    /// ```
    /// use persevere::{Policy, StopReason, ThreadSleeper, budget::WindowedRatio};
    /// use std::time::Duration;
    ///
    /// static BUDGET: WindowedRatio = WindowedRatio::new().ratio(0.1).reserve(3);
    ///
    /// let policy = Policy::fixed(Duration::ZERO).max_attempts(3);
    /// let call = || policy.on(ThreadSleeper).budget(&BUDGET).run_blocking(|| Err::<(), _>("down")).unwrap_err();
    /// let ends = [call(), call(), call()].map(|error| (error.reason(), error.attempts()));
    /// assert_eq!(ends, [(StopReason::Attempts, 3), (StopReason::Budget, 2), (StopReason::Budget, 1)]);
    /// ```
    #[expect(clippy::type_complexity, reason = "the type of a run is not named")]
    #[inline]
    pub fn budget<B: Budget>(self, budget: B) -> Run<P, S, O, (G, Budgeted<B, AnyClass>), K, X> {
        self.guard(Budgeted::new(budget, AnyClass))
    }

    /// [`budget`](Run::budget) for a budget that takes more for some failures than for others: `class_of` classifies an
    /// error. An attempt that timed out is [`Class::Timeout`].
    ///
    /// ```
    /// use persevere::{Policy, ThreadSleeper, budget::{Class, TokenBucket}};
    ///
    /// static BUCKET: TokenBucket = TokenBucket::aws_2_1();
    ///
    /// let class_of = |status: &u16| if *status == 429 { Class::Throttling } else { Class::Transient };
    /// let result = Policy::default().on(ThreadSleeper).budget_by(&BUCKET, class_of).run_blocking(|| Ok::<_, u16>(7));
    /// assert_eq!(result, Ok(7));
    /// ```
    #[expect(clippy::type_complexity, reason = "the type of a run is not named")]
    #[inline]
    pub fn budget_by<B: Budget, E, F: Fn(&E) -> Class>(
        self,
        budget: B,
        class_of: F,
    ) -> Run<P, S, O, (G, Budgeted<B, F>), K, X> {
        self.guard(Budgeted::new(budget, class_of))
    }

    #[inline]
    fn guard<N>(self, guard: N) -> Run<P, S, O, (G, N), K, X> {
        Run {
            policy: self.policy,
            sleeper: self.sleeper,
            observer: self.observer,
            guards: (self.guards, guard),
            ending: PhantomData,
            signal: self.signal,
        }
    }
}

/// The result of the run, and the signal that cancels it.
impl<P, S, O, G, K, X> Run<P, S, O, G, K, X> {
    /// Returns the last `Ok` if the run gives up on an `Ok` that the classifier did not accept. For a client whose 503
    /// is an `Ok`, and whose callers need it.
    ///
    /// ```
    /// use persevere::{Policy, ThreadSleeper, Verdict};
    /// use std::time::Duration;
    ///
    /// let policy = Policy::fixed(Duration::ZERO).classify_outcome_with(|outcome: &Result<u16, ()>| match outcome {
    ///     Ok(503) | Err(()) => Verdict::Retry,
    ///     Ok(_) => Verdict::Accept,
    /// });
    /// assert_eq!(policy.on(ThreadSleeper).accept_last().run_blocking(|| Ok(503)), Ok(503));
    /// assert!(policy.on(ThreadSleeper).run_blocking(|| Ok(503)).is_err());
    /// ```
    #[inline]
    pub fn accept_last(self) -> Run<P, S, O, G, AcceptLast, X> {
        self.with_ending()
    }

    /// Returns everything that is known of the run when it has ended: the last outcome as it is, the reason, the
    /// attempts and the waits.
    ///
    /// ```
    /// use persevere::{Policy, StopReason, ThreadSleeper};
    /// use std::time::Duration;
    ///
    /// let ended = Policy::fixed(Duration::ZERO).on(ThreadSleeper).whole().run_blocking(|| Err::<(), _>("no"));
    /// assert_eq!((ended.outcome, ended.reason), (Some(Err("no")), Some(StopReason::Attempts)));
    /// assert_eq!(ended.attempts, 3);
    /// ```
    #[inline]
    pub fn whole(self) -> Run<P, S, O, G, Whole, X> {
        self.with_ending()
    }

    #[inline]
    fn with_ending<L>(self) -> Run<P, S, O, G, L, X> {
        Run {
            policy: self.policy,
            sleeper: self.sleeper,
            observer: self.observer,
            guards: self.guards,
            ending: PhantomData,
            signal: self.signal,
        }
    }

    /// Cancels an async run when `signal` is ready: at once, whether the run waits or makes an attempt, with
    /// [`StopReason::Cancelled`](crate::StopReason::Cancelled). An attempt that is interrupted counts neither as a
    /// success nor as a failure.
    ///
    /// Any future is a signal, whatever it returns: `token.cancelled()` of a `CancelToken` or of tokio-util's token, the
    /// receiving end of a channel, `tokio::signal::ctrl_c()`. A signal that fails, such as a channel whose sender is
    /// dropped, cancels the run too. A blocking run is cancelled by its sleeper:
    /// `ThreadSleeper.cancelled_by(&token)`.
    ///
    /// ```
    /// use persevere::{CancelToken, Policy, StopReason, TokioSleeper};
    /// use std::time::Duration;
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let shutdown = CancelToken::new();
    /// let run = tokio::spawn({
    ///     let signal = shutdown.cancelled();
    ///     async move {
    ///         let policy = Policy::fixed(Duration::from_secs(3600));
    ///         policy.on(TokioSleeper).cancelled_by(signal).run(|| async { Err::<(), _>("no") }).await
    ///     }
    /// });
    /// tokio::task::yield_now().await;
    /// shutdown.cancel();
    /// let error = run.await.unwrap().unwrap_err();
    /// assert_eq!((error.reason(), error.last_error()), (StopReason::Cancelled, Some(&"no")));
    /// # }
    /// ```
    #[inline]
    #[doc(alias("cancel", "shutdown", "Ctrl-C"))]
    pub fn cancelled_by<Y: Future>(self, signal: Y) -> Run<P, S, O, G, K, Y> {
        Run {
            policy: self.policy,
            sleeper: self.sleeper,
            observer: self.observer,
            guards: self.guards,
            ending: PhantomData,
            signal,
        }
    }
}
