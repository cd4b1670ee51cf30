//! One run of an operation: what it is given before it starts.

use crate::as_policy::{AsPolicy, Limited};
use crate::backoff::Backoff;
use crate::budget::{Budget, Class};
use crate::gate::Gate;
use crate::guards::{AnyClass, Budgeted, Gated};
use crate::limits::Limits;
use crate::machine::Machine;
use crate::observe::{Event, FromFn, OnRetry};
use crate::policy::Policy;
use crate::sleeper::Sleeper;
use core::time::Duration;

/// One run of an operation, about to start; made by [`Policy::on`].
///
/// | method | operation | sleeper |
/// |---|---|---|
/// | [`run`](Run::run) | `FnMut() -> impl Future`: spawnable wherever the future is | async |
/// | [`run_mut`](Run::run_mut) | `AsyncFnMut()`: may borrow mutably | async |
/// | [`run_blocking`](Run::run_blocking) | `FnMut() -> Result` | blocking |
///
/// Each has a `_with` form that hands the [`Attempt`](crate::Attempt) to the operation.
#[derive(Debug)]
#[must_use = "a run does nothing until `.run(..).await`, `.run_mut(..).await` or `.run_blocking(..)`"]
pub struct Run<P, S, O = (), G = ()> {
    pub(crate) policy: P,
    pub(crate) sleeper: S,
    pub(crate) observer: O,
    pub(crate) guards: G,
    /// What there is to remember of the run; nothing before it has started to count time or attempts.
    pub(crate) machine: Option<Machine>,
}

impl<B: Backoff, C> Policy<B, C> {
    /// A run with this policy on `sleeper`, which may be borrowed.
    #[inline]
    pub const fn on<S: Sleeper>(&self, sleeper: S) -> Run<&Self, S> {
        Run::new(self, sleeper)
    }
}

impl<P, S> Run<P, S> {
    /// A run that nobody watches or guards.
    #[inline]
    pub(crate) const fn new(policy: P, sleeper: S) -> Self {
        Run {
            policy,
            sleeper,
            observer: (),
            guards: (),
            machine: None,
        }
    }
}

impl<P, S, O, G> Run<P, S, O, G> {
    /// The same with its machine, for a driver that can keep it in registers.
    #[inline]
    pub(crate) const fn with_machine(mut self) -> Self {
        self.machine = Some(Machine::NEW);
        self
    }
}

impl<P: AsPolicy, S: Sleeper, O, G> Run<P, S, O, G> {
    /// Ends this run within `limit` of its start: the strictest of this and the policy's
    /// [`max_elapsed`](Policy::max_elapsed) binds. An async attempt that is still running then is cut off, even if
    /// the policy has no [`attempt_timeout`](Policy::attempt_timeout).
    ///
    /// ```
    /// use persevere::{Policy, StopReason, ThreadSleeper};
    /// use std::time::Duration;
    ///
    /// let error = Policy::fixed(Duration::from_secs(60))
    ///     .on(ThreadSleeper)
    ///     .deadline(Duration::from_secs(2))
    ///     .run_blocking(|| Err::<(), _>("no"))
    ///     .unwrap_err();
    /// assert_eq!((error.reason(), error.attempts()), (StopReason::Elapsed, 1));
    /// ```
    #[inline]
    pub fn deadline(self, limit: Duration) -> Run<Limited<P>, S, O, G> {
        let limits = self.policy.limits().tightened(limit);
        self.with_limits(limits)
    }

    /// Makes the delays of this run reproducible, whatever seed the policy has: see [`Policy::seed`].
    #[inline]
    pub fn seed(self, seed: u64) -> Run<Limited<P>, S, O, G> {
        let limits = Limits {
            seed: Some(seed),
            ..*self.policy.limits()
        };
        self.with_limits(limits)
    }

    fn with_limits(self, limits: Limits) -> Run<Limited<P>, S, O, G> {
        let Run {
            policy,
            sleeper,
            observer,
            guards,
            machine,
        } = self;
        Run {
            policy: Limited { policy, limits },
            sleeper,
            observer,
            guards,
            machine,
        }
    }

    /// Lets `observer` see every event, beside those that were added before.
    #[inline]
    pub fn observe<N>(self, observer: N) -> Run<P, S, (O, N), G> {
        let Run {
            policy,
            sleeper,
            observer: others,
            guards,
            machine,
        } = self;
        Run {
            policy,
            sleeper,
            observer: (others, observer),
            guards,
            machine,
        }
    }

    /// Lets a closure see every event.
    ///
    /// ```
    /// use persevere::{Event, Policy, ThreadSleeper};
    /// use std::cell::RefCell;
    ///
    /// let log = RefCell::new(Vec::new());
    /// let value = Policy::default()
    ///     .on(ThreadSleeper)
    ///     .on_event(|event: &Event<'_, &str>| log.borrow_mut().push(format!("{event:?}")))
    ///     .run_blocking(|| Ok::<_, &str>(1));
    /// assert_eq!(log.into_inner(), ["Started", "Succeeded { attempts: 1, waited: 0ns }"]);
    /// ```
    #[inline]
    pub fn on_event<E, F: Fn(&Event<'_, E>)>(self, f: F) -> Run<P, S, (O, FromFn<F>), G> {
        self.observe(crate::observe::from_fn(f))
    }

    /// Calls a closure before each wait, with the number of the attempt that failed, its error, and the delay. The
    /// error is `None` if the attempt was cut off by its timeout or returned an `Ok` that was not accepted.
    ///
    /// ```
    /// use persevere::{Policy, ThreadSleeper};
    /// use std::time::Duration;
    ///
    /// let _ = Policy::fixed(Duration::from_millis(1))
    ///     .on(ThreadSleeper)
    ///     .on_retry(|attempt, error, delay| eprintln!("attempt {attempt}: {error:?}, again in {delay:?}"))
    ///     .run_blocking(|| Err::<(), _>("no"));
    /// ```
    #[inline]
    pub fn on_retry<E, F: Fn(u32, Option<&E>, Duration)>(self, f: F) -> Run<P, S, (O, OnRetry<F>), G> {
        self.observe(OnRetry(f))
    }

    /// Asks a circuit breaker before each attempt, and tells it how the attempt ended. Runs that share a breaker stop calling
    /// what is down.
    ///
    /// An attempt that the breaker does not let through stops the run with
    /// [`StopReason::Rejected`](crate::StopReason::Rejected), unless the policy has
    /// [`retry_rejected`](Policy::retry_rejected). The breaker stands inside of the retry: it counts attempts, not runs. For one
    /// that counts whole runs, put the run into a call of the breaker's own.
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
    pub fn breaker<N: Gate>(self, breaker: N) -> Run<P, S, O, (G, Gated<N>)> {
        self.guard(Gated::new(breaker))
    }

    /// Asks a budget before each retry, and tells it how each attempt ended. Runs that share a budget do not retry more than
    /// it allows, all together. The first attempt of a run is always made.
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
    #[inline]
    pub fn budget<B: Budget>(self, budget: B) -> Run<P, S, O, (G, Budgeted<B, AnyClass>)> {
        self.guard(Budgeted::new(budget, AnyClass))
    }

    /// [`budget`](Run::budget) for one that takes more for some failures than for others: `class_of` says of what class an
    /// error is. An attempt that was cut off is [`Class::Timeout`].
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
    #[inline]
    pub fn budget_by<B: Budget, E, F: Fn(&E) -> Class>(
        self,
        budget: B,
        class_of: F,
    ) -> Run<P, S, O, (G, Budgeted<B, F>)> {
        self.guard(Budgeted::new(budget, class_of))
    }

    fn guard<N>(self, guard: N) -> Run<P, S, O, (G, N)> {
        let Run {
            policy,
            sleeper,
            observer,
            guards,
            machine,
        } = self;
        Run {
            policy,
            sleeper,
            observer,
            guards: (guards, guard),
            machine,
        }
    }
}
