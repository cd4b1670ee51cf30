//! One run of an operation: what it is given before it starts.

use crate::as_policy::{AsPolicy, Limited};
use crate::backoff::Backoff;
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
pub struct Run<P, S, O = ()> {
    pub(crate) policy: P,
    pub(crate) sleeper: S,
    pub(crate) observer: O,
    /// What there is to remember of the run; nothing before it has started to count time or attempts.
    pub(crate) machine: Option<Machine>,
}

impl<B: Backoff, C> Policy<B, C> {
    /// A run with this policy on `sleeper`, which may be borrowed.
    #[inline]
    pub const fn on<S: Sleeper>(&self, sleeper: S) -> Run<&Self, S> {
        Run {
            policy: self,
            sleeper,
            observer: (),
            machine: None,
        }
    }
}

impl<P: AsPolicy, S: Sleeper, O> Run<P, S, O> {
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
    pub fn deadline(self, limit: Duration) -> Run<Limited<P>, S, O> {
        let limits = self.policy.limits().tightened(limit);
        self.with_limits(limits)
    }

    /// Makes the delays of this run reproducible, whatever seed the policy has: see [`Policy::seed`].
    #[inline]
    pub fn seed(self, seed: u64) -> Run<Limited<P>, S, O> {
        let limits = Limits {
            seed: Some(seed),
            ..*self.policy.limits()
        };
        self.with_limits(limits)
    }

    fn with_limits(self, limits: Limits) -> Run<Limited<P>, S, O> {
        let Run {
            policy,
            sleeper,
            observer,
            machine,
        } = self;
        Run {
            policy: Limited { policy, limits },
            sleeper,
            observer,
            machine,
        }
    }

    /// Lets `observer` see every event, beside those that were added before.
    #[inline]
    pub fn observe<N>(self, observer: N) -> Run<P, S, (O, N)> {
        let Run {
            policy,
            sleeper,
            observer: others,
            machine,
        } = self;
        Run {
            policy,
            sleeper,
            observer: (others, observer),
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
    pub fn on_event<E, F: Fn(&Event<'_, E>)>(self, f: F) -> Run<P, S, (O, FromFn<F>)> {
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
    pub fn on_retry<E, F: Fn(u32, Option<&E>, Duration)>(self, f: F) -> Run<P, S, (O, OnRetry<F>)> {
        self.observe(OnRetry(f))
    }
}
