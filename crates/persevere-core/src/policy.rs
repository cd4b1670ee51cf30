//! [`Policy`]: a plain value that says how delays grow, what is worth retrying and when to stop.

mod curves;

use crate::backoff::{Backoff, Exponential};
use crate::classify::{AnyError, FromFn, OnError, OnOutcome, Verdict, When, from_fn, when};
use crate::error::InvalidPolicy;
use crate::jitter::Jitter;
use crate::limits::Limits;
use crate::nanos::saturating_nanos;
use core::time::Duration;

/// How delays grow (`B`), what is worth retrying (`C`), and the limits.
///
/// A policy is data. It is built by `const` methods, so it can be a `static` that the whole program shares; it is
/// `Copy` when its parts are; it never sleeps, awaits or reads a clock. [`on`](Policy::on) runs an operation with
/// it, [`start`](Policy::start) steps it by hand, [`delays`](Policy::delays) and
/// [`worst_case`](Policy::worst_case) look at it before it is used.
///
/// ```
/// use persevere::{Jitter, Policy, backoff::Exponential};
/// use std::time::Duration;
///
/// static TRANSIENT: Policy<Exponential> = Policy::exponential(Duration::from_millis(100))
///     .max_delay(Duration::from_secs(5))
///     .max_attempts(5)
///     .max_elapsed(Duration::from_secs(30))
///     .attempt_timeout(Duration::from_secs(2))
///     .jitter(Jitter::Full);
///
/// let worst = TRANSIENT.worst_case();
/// assert_eq!((worst.attempts, worst.total_delay), (5, Duration::from_millis(100 + 200 + 400 + 800)));
/// ```
///
/// # What it starts with
///
/// | | attempts | cap | jitter | retries |
/// |---|---|---|---|---|
/// | [`Policy::default()`](Policy::default): exponential from 100 ms | 3 | 5 s | full | every error |
/// | [`exponential`](Policy::exponential), [`linear`](Policy::linear), [`fibonacci`](Policy::fibonacci) | 3 | none | full | every error |
/// | [`fixed`](Policy::fixed), [`schedule`](Policy::schedule), [`decorrelated`](Policy::decorrelated), [`new`](Policy::new) | 3 | none | none | every error |
///
/// There is no limit of time unless you set one. Setting a limit again replaces it; the order of the calls never
/// matters, since limits are fields of one value and the strictest binds.
#[derive(Debug, Clone, Copy, PartialEq)]
#[must_use = "a policy does nothing until an operation runs with it: `policy.on(sleeper).run(..)`"]
pub struct Policy<B = Exponential, C = AnyError> {
    pub(crate) backoff: B,
    pub(crate) classifier: C,
    pub(crate) limits: Limits,
}

impl<B: Backoff> Policy<B> {
    /// Any backoff: 3 attempts, no cap, no jitter, every error retried.
    pub const fn new(backoff: B) -> Self {
        Policy::from_parts(backoff, AnyError)
    }
}

impl<B, C> Policy<B, C> {
    /// Any backoff and classifier. `C` is [`AnyError`], or a classifier within [`classify::on_error`] or
    /// [`classify::on_outcome`].
    ///
    /// The methods that set a classifier want a backoff that is `Copy`, since only so can they be `const`; this
    /// takes any other.
    ///
    /// ```
    /// use persevere::{Policy, backoff::Schedule, classify::{on_error, when}};
    /// use std::{io, time::Duration};
    ///
    /// let from_configuration: Vec<Duration> = vec![Duration::from_secs(1); 3];
    /// let policy = Policy::from_parts(
    ///     Schedule::new(from_configuration),
    ///     on_error(when(|e: &io::Error| e.kind() == io::ErrorKind::TimedOut)),
    /// );
    /// ```
    ///
    /// [`classify::on_error`]: crate::classify::on_error
    /// [`classify::on_outcome`]: crate::classify::on_outcome
    pub const fn from_parts(backoff: B, classifier: C) -> Self {
        Policy {
            backoff,
            classifier,
            limits: Limits::NEW,
        }
    }

    /// At most this many calls of the operation, the first included: 1 means no retry. It binds whatever the
    /// backoff, the classifier or a hint says. `u32::MAX` is as good as no limit.
    ///
    /// # Panics
    ///
    /// If `attempts` is 0, which in a `const` or `static` is a compile error.
    /// [`try_max_attempts`](Policy::try_max_attempts) returns the error instead.
    pub const fn max_attempts(mut self, attempts: u32) -> Self {
        assert!(
            attempts > 0,
            "invalid retry policy: max_attempts must be at least 1, which means no retry"
        );
        self.limits.max_retries = attempts - 1;
        self
    }

    /// [`max_attempts`](Policy::max_attempts) for a number that comes from outside, such as a configuration file.
    ///
    /// # Errors
    ///
    /// [`InvalidPolicy::Attempts`] if `attempts` is 0.
    pub fn try_max_attempts(self, attempts: u32) -> Result<Self, InvalidPolicy> {
        if attempts == 0 {
            Err(InvalidPolicy::Attempts)
        } else {
            Ok(self.max_attempts(attempts))
        }
    }

    /// The cap: no computed delay is longer, whatever the curve says, jitter included. Unless
    /// [`max_hint`](Policy::max_hint) is set, it bounds hints as well.
    pub const fn max_delay(mut self, cap: Duration) -> Self {
        self.limits.max_delay = cap;
        self.limits.max_nanos = saturating_nanos(cap);
        self
    }

    /// The time for the whole run, from its start on the sleeper's clock, attempts included. A wait that would end
    /// at or past it is not begun: the run stops at once with
    /// [`StopReason::Elapsed`](crate::StopReason::Elapsed).
    ///
    /// This decides whether another attempt is begun. A running attempt is cut off only by
    /// [`attempt_timeout`](Policy::attempt_timeout), which never outlasts this limit, or by
    /// [`Run::deadline`](crate::Run::deadline).
    pub const fn max_elapsed(mut self, limit: Duration) -> Self {
        self.limits.max_elapsed = Some(limit);
        self
    }

    /// The time for one attempt. An async attempt that takes longer is dropped, and that counts as a failure worth
    /// retrying. It is never more than what is left of [`max_elapsed`](Policy::max_elapsed).
    ///
    /// A blocking attempt cannot be cut off from outside. It finds what it may take in
    /// [`Attempt::timeout`](crate::Attempt::timeout), to set as the timeout of its socket.
    pub const fn attempt_timeout(mut self, timeout: Duration) -> Self {
        self.limits.attempt_timeout = Some(timeout);
        self
    }

    /// How delays are spread: see [`Jitter`].
    pub const fn jitter(mut self, jitter: Jitter) -> Self {
        self.limits.jitter = jitter;
        self
    }

    /// The longest wait that a failed operation or its server may ask for; the cap unless set. A longer one stops
    /// the run with [`StopReason::Hint`](crate::StopReason::Hint), since a server that says "in an hour" is not
    /// helped by a call in five seconds, unless [`clamp_hints`](Policy::clamp_hints) is set.
    ///
    /// A policy with neither a cap nor this obeys any hint that its other limits allow.
    pub const fn max_hint(mut self, longest: Duration) -> Self {
        self.limits.max_hint = Some(longest);
        self
    }

    /// Shortens a hint above [`max_hint`](Policy::max_hint) to it, instead of stopping. If that is zero, the computed
    /// delay stands.
    pub const fn clamp_hints(mut self) -> Self {
        self.limits.clamp_hints = true;
        self
    }

    /// Waits for a circuit breaker that does not let an attempt through, for as long as it says, instead of stopping with
    /// [`StopReason::Rejected`](crate::StopReason::Rejected).
    ///
    /// The breaker's time is a hint: [`max_hint`](Policy::max_hint) bounds it, or else the cap, and above that the run stops.
    /// What was not let through is no attempt, but a run asks its breaker at most [`max_attempts`](Policy::max_attempts) times,
    /// whether it is let through or not.
    pub const fn retry_rejected(mut self) -> Self {
        self.limits.retry_rejected = true;
        self
    }

    /// Makes the delays of every run the same, on every target: for tests, and for schedules that must be
    /// reproducible.
    ///
    /// Without a seed two runs draw different delays. With `std` the platform's randomness sees to that. On
    /// `no_std` there is none to ask: the runs of one device differ, but devices that start alike draw alike. A
    /// fleet in lockstep comes back in lockstep, which is what jitter is to prevent, so give every run there a
    /// seed of its own, from a hardware generator or the serial number, through
    /// [`Run::seed`](crate::Run::seed) or this. The same holds for `wasm32-unknown-unknown`.
    pub const fn seed(mut self, seed: u64) -> Self {
        self.limits.seed = Some(seed);
        self
    }
}

/// What is worth retrying. Each of these replaces the classifier. They want a backoff that is `Copy`, since only so can
/// they be `const`; for any other there is [`from_parts`](Policy::from_parts).
impl<B: Copy, C: Copy> Policy<B, C> {
    /// Retries the errors that `predicate` holds for.
    ///
    /// In a `static`, name a function pointer:
    ///
    /// ```
    /// use persevere::{Policy, backoff::Fixed, classify::{OnError, When}};
    /// use std::{io, time::Duration};
    ///
    /// fn is_timeout(error: &io::Error) -> bool { error.kind() == io::ErrorKind::TimedOut }
    ///
    /// static ON_TIMEOUT: Policy<Fixed, OnError<When<fn(&io::Error) -> bool>>> =
    ///     Policy::fixed(Duration::from_secs(1)).retry_if(is_timeout);
    /// ```
    pub const fn retry_if<E: ?Sized, F>(self, predicate: F) -> Policy<B, OnError<When<F>>>
    where
        F: Fn(&E) -> bool,
    {
        self.classify(when(predicate))
    }

    /// Asks a closure for a [`Verdict`] on each error.
    pub const fn classify_with<E: ?Sized, F>(self, classifier: F) -> Policy<B, OnError<FromFn<F>>>
    where
        F: Fn(&E) -> Verdict,
    {
        self.classify(from_fn(classifier))
    }

    /// Asks a [`Classifier`](crate::Classifier) about each error.
    pub const fn classify<D>(self, classifier: D) -> Policy<B, OnError<D>> {
        Policy {
            backoff: self.backoff,
            classifier: OnError(classifier),
            limits: self.limits,
        }
    }

    /// Asks a closure about each whole outcome, `Ok` too: for polling until done.
    ///
    /// A run that gives up has no last error then, and the last `Ok` is dropped: keep what you need of it in the
    /// operation.
    ///
    /// ```
    /// use persevere::{Policy, ThreadSleeper, Verdict};
    /// use std::{io, time::Duration};
    ///
    /// let until_done = Policy::fixed(Duration::from_millis(1)).max_attempts(10).classify_outcome(
    ///     |outcome: &io::Result<u32>| match outcome {
    ///         Ok(percent) if *percent < 100 => Verdict::Retry,
    ///         Ok(_) => Verdict::Accept,
    ///         Err(_) => Verdict::Stop,
    ///     },
    /// );
    /// let mut percent = 0;
    /// let done = until_done.on(ThreadSleeper).run_blocking(|| {
    ///     percent += 40;
    ///     Ok(percent)
    /// });
    /// assert_eq!(done.unwrap(), 120);
    /// ```
    pub const fn classify_outcome<T, E, F>(self, classifier: F) -> Policy<B, OnOutcome<FromFn<F>>>
    where
        F: Fn(&Result<T, E>) -> Verdict,
    {
        Policy {
            backoff: self.backoff,
            classifier: OnOutcome(from_fn(classifier)),
            limits: self.limits,
        }
    }
}
