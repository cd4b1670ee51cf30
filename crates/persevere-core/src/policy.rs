//! [`Policy`]: a plain value that sets how delays grow, what is retried and when to stop.
//!
//! The other types of this module are what runs hold in the place of a policy; you need not name them.

mod curves;
pub(crate) mod inlined;
pub(crate) mod limits;
pub(crate) mod parts;
pub(crate) mod preview;
#[cfg(feature = "alloc")]
pub(crate) mod shared;

pub use inlined::Inlined;
pub use limits::Limits;
pub use parts::{Judges, PolicyParts, Seeded, Within};
pub use preview::{Delays, WorstCase};

use crate::backoff::{Backoff, Exponential};
use crate::classify::{AnyError, Errors, FromFn, Outcomes, Verdict, When, from_fn, when};
use crate::error::InvalidPolicy;
use crate::jitter::{Jitter, Ratio};
use crate::machine::Progress;
use crate::random::Draws;
use crate::retry::Retry;
use crate::run::Run;
use crate::sleeper::Sleeper;
use crate::time::nanos;
use core::fmt;
use core::marker::PhantomData;
use core::time::Duration;

/// A retry policy: how delays grow (`B`), what is retried (`C`), and the limits.
///
/// A policy is data. It is built by `const` methods, so it can be a `static` that the whole program shares. It is
/// `Copy` if its parts are. It never sleeps, awaits or reads a clock. [`on`](Policy::on) runs an operation with it,
/// [`start`](Policy::start) is for a loop of your own, [`delays`](Policy::delays) and
/// [`worst_case`](Policy::worst_case) show what it does before it is used.
///
/// ```
/// use persevere::{Jitter, Policy};
/// use std::time::Duration;
///
/// static TRANSIENT: Policy = Policy::exponential(Duration::from_millis(100))
///     .max_delay(Duration::from_secs(5))
///     .max_attempts(5)
///     .max_elapsed(Duration::from_secs(30))
///     .attempt_timeout(Duration::from_secs(2))
///     .jitter(Jitter::Full);
///
/// let worst = TRANSIENT.worst_case();
/// assert_eq!(worst.attempts, 5);
/// assert_eq!(worst.total_delay, Duration::from_millis(100 + 200 + 400 + 800));
/// ```
///
/// # Defaults
///
/// | | attempts | cap | jitter | retries |
/// |---|---|---|---|---|
/// | [`Policy::default()`](Policy::default): exponential from 100 ms | 3 | 5 s | full | every error |
/// | [`exponential`](Policy::exponential), [`linear`](Policy::linear), [`fibonacci`](Policy::fibonacci) | 3 | none | full | every error |
/// | [`fixed`](Policy::fixed), [`schedule`](Policy::schedule), [`decorrelated`](Policy::decorrelated), [`new`](Policy::new) | 3 | none | none | every error |
///
/// Time is not limited by default. A hint is obeyed up to 5 minutes. Setting a limit again replaces it. The order of
/// the calls never matters, since limits are fields of one value and the strictest binds.
///
/// # With a classifier in a `static` or a field
///
/// [`RetryIf`] and [`ClassifiedBy`] name the type of a policy with a predicate or
/// a function. Or keep `static P: Policy` and call `P.retry_if(f).on(..)` where it is used: a policy is `Copy`.
#[must_use = "a policy does nothing until an operation runs with it: `policy.on(sleeper).run(..)`"]
pub struct Policy<B = Exponential, C = AnyError, On = Errors> {
    pub(crate) backoff: B,
    pub(crate) classifier: C,
    pub(crate) limits: Limits,
    marker: PhantomData<fn() -> On>,
}

/// A policy that retries the errors for which a function returns `true`: the type for a `static` or a field.
///
/// ```
/// use persevere::{Policy, RetryIf};
/// use std::{io, time::Duration};
///
/// fn is_timeout(error: &io::Error) -> bool { error.kind() == io::ErrorKind::TimedOut }
///
/// static ON_TIMEOUT: RetryIf<io::Error> = Policy::exponential(Duration::from_millis(100)).retry_if(is_timeout);
/// ```
pub type RetryIf<E, B = Exponential> = Policy<B, When<fn(&E) -> bool>>;

/// A policy whose classifier is a function from each error to a [`Verdict`]: the type for a `static` or a field.
///
/// ```
/// use persevere::{ClassifiedBy, Policy, Verdict};
/// use std::{io, time::Duration};
///
/// fn verdict(error: &io::Error) -> Verdict {
///     match error.kind() {
///         io::ErrorKind::ResourceBusy => Verdict::RetryAfter(Duration::from_secs(1)),
///         io::ErrorKind::TimedOut => Verdict::Retry,
///         _ => Verdict::Stop,
///     }
/// }
///
/// static BY_KIND: ClassifiedBy<io::Error> = Policy::exponential(Duration::from_millis(100)).classify_with(verdict);
/// ```
pub type ClassifiedBy<E, B = Exponential> = Policy<B, FromFn<fn(&E) -> Verdict>>;

impl<B: Backoff> Policy<B> {
    /// A policy with any backoff: 3 attempts, no cap, no jitter, every error retried.
    pub const fn new(backoff: B) -> Self {
        Policy::from_parts(backoff, AnyError, Limits::NEW)
    }
}

/// Running it.
impl<B: Backoff, C, On> Policy<B, C, On> {
    /// A run with this policy on `sleeper`, which may be borrowed.
    #[inline]
    pub const fn on<S: Sleeper>(&self, sleeper: S) -> Run<&Self, S> {
        Run::new(self, sleeper)
    }

    /// A run that owns its policy, so that a function can return it.
    ///
    /// ```
    /// use persevere::{Policy, TokioSleeper};
    /// use std::{future::Future, io, time::Duration};
    ///
    /// fn ping(attempts: u32) -> impl Future<Output = io::Result<u32>> + Send {
    ///     let run = Policy::fixed(Duration::from_millis(1)).max_attempts(attempts).into_run(TokioSleeper).run(|| async { Ok(7) });
    ///     async { run.await.map_err(io::Error::from) }
    /// }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() { assert_eq!(ping(3).await.unwrap(), 7); }
    /// ```
    #[inline]
    pub const fn into_run<S: Sleeper>(self, sleeper: S) -> Run<Self, S> {
        Run::new(self, sleeper)
    }

    /// Starts a run for a loop of your own, at `now` on the clock of its steps.
    #[must_use]
    pub const fn start(&self, now: Duration) -> Retry<&Self> {
        Retry::new(self, now)
    }

    /// Goes on with a run that was saved: see [`Machine::progress`](crate::Machine::progress).
    ///
    /// ```
    /// use persevere::{Policy, Sleeper, Step, ThreadSleeper};
    ///
    /// static JOBS: Policy = Policy::DEFAULT.max_attempts(2);
    ///
    /// let now = ThreadSleeper.now();
    /// let mut retry = JOBS.start(now);
    /// let _ = retry.failed(&"busy", now);
    /// let stored = retry.machine().progress(now);
    ///
    /// let mut retry = JOBS.resume(stored, now);
    /// assert!(matches!(retry.failed(&"busy", now), Step::Stop(_)));
    /// ```
    #[must_use]
    pub fn resume(&self, progress: Progress, now: Duration) -> Retry<&Self> {
        self.start(now).resumed(progress, now)
    }

    /// [`start`](Policy::start) for a run that owns its policy.
    #[must_use]
    pub const fn into_retry(self, now: Duration) -> Retry<Self> {
        Retry::new(self, now)
    }
}

impl<B, C, On> Policy<B, C, On> {
    /// A policy of these parts. `On` is [`Errors`] if the classifier looks at errors, and [`Outcomes`] if it looks at
    /// whole results. The limits come from another policy.
    ///
    /// ```
    /// use persevere::{Policy, backoff::Schedule, classify::ByError};
    /// use std::{io, time::Duration};
    ///
    /// let limits = *Policy::default().max_attempts(4).limits();
    /// let delays: Vec<Duration> = vec![Duration::from_secs(1); 3];
    /// let policy: Policy<_, _> = Policy::from_parts(Schedule::new(delays), ByError, limits);
    /// assert_eq!(policy.limits().max_attempts(), Some(4));
    /// ```
    pub const fn from_parts(backoff: B, classifier: C, limits: Limits) -> Self {
        Policy {
            backoff,
            classifier,
            limits,
            marker: PhantomData,
        }
    }

    /// The settings, to be read.
    pub const fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The backoff.
    pub const fn backoff(&self) -> &B {
        &self.backoff
    }

    /// The classifier.
    pub const fn classifier(&self) -> &C {
        &self.classifier
    }

    /// Sets how often the operation is called at most, the first call included: 1 means no retries. No backoff,
    /// classifier or hint exceeds this limit.
    ///
    /// # Panics
    ///
    /// If `attempts` is 0, which in a `const` or `static` is a compile error.
    /// [`try_max_attempts`](Policy::try_max_attempts) returns the error instead.
    #[doc(alias("retries", "max_times"))]
    pub const fn max_attempts(mut self, attempts: u32) -> Self {
        assert!(
            attempts > 0,
            "invalid retry policy: max_attempts must be at least 1 (1 means no retries)"
        );
        self.limits.max_retries = attempts - 1;
        self
    }

    /// [`max_attempts`](Policy::max_attempts) for a number that is not a constant, such as a number from a
    /// configuration.
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

    /// Sets how many retries there are at most: one less than [`max_attempts`](Policy::max_attempts). `u32::MAX` means
    /// that they are not limited.
    pub const fn max_retries(mut self, retries: u32) -> Self {
        self.limits.max_retries = retries;
        self
    }

    /// Removes the limit of attempts, for reconnects and watches that only time, cancellation or success ends.
    #[doc(alias("forever", "infinite"))]
    pub const fn unlimited_attempts(mut self) -> Self {
        self.limits.max_retries = u32::MAX;
        self
    }

    /// Sets the cap: no computed delay is longer, whatever the curve, jitter included. Zero means that retries follow
    /// each other without a delay.
    pub const fn max_delay(mut self, cap: Duration) -> Self {
        self.limits.max_delay = nanos(cap);
        self
    }

    /// Limits the time of the whole run, from its start on the sleeper's clock, attempts included. A wait that would
    /// end at or past this limit is not begun: the run stops at once with
    /// [`StopReason::Elapsed`](crate::StopReason::Elapsed). Zero means no retries.
    ///
    /// This decides whether another attempt begins. A running attempt is interrupted only by
    /// [`attempt_timeout`](Policy::attempt_timeout), which never outlasts this limit, and by
    /// [`Run::timeout`](crate::Run::timeout).
    #[doc(alias("timeout", "deadline"))]
    pub const fn max_elapsed(mut self, limit: Duration) -> Self {
        self.limits.max_elapsed = Some(nanos(limit));
        self
    }

    /// Removes [`max_elapsed`](Policy::max_elapsed).
    pub const fn without_max_elapsed(mut self) -> Self {
        self.limits.max_elapsed = None;
        self
    }

    /// Lets [`max_elapsed`](Policy::max_elapsed) count from the first failure, so that a watch that was well for hours
    /// does not give up at its first failure. [`RetryError::elapsed`](crate::RetryError::elapsed) counts from it too.
    pub const fn since_first_failure(mut self) -> Self {
        self.limits.since_first_failure = true;
        self
    }

    /// Limits the time of one attempt. An async attempt that takes longer is dropped, and counts as a failure worth
    /// retrying. An attempt never has more than what is left of [`max_elapsed`](Policy::max_elapsed).
    ///
    /// A blocking attempt cannot be interrupted. It finds its time in
    /// [`Attempt::timeout`](crate::Attempt::timeout), to set as the timeout of its socket.
    ///
    /// # Panics
    ///
    /// If `timeout` is zero, which in a `const` or `static` is a compile error.
    /// [`try_attempt_timeout`](Policy::try_attempt_timeout) returns the error instead.
    pub const fn attempt_timeout(mut self, timeout: Duration) -> Self {
        assert!(
            !timeout.is_zero(),
            "invalid retry policy: attempt_timeout must be longer than zero (leave it out for no limit)"
        );
        self.limits.attempt_timeout = Some(nanos(timeout));
        self
    }

    /// [`attempt_timeout`](Policy::attempt_timeout) for a time that is not a constant, such as a time from a
    /// configuration.
    ///
    /// # Errors
    ///
    /// [`InvalidPolicy::AttemptTimeout`] if `timeout` is zero.
    pub fn try_attempt_timeout(self, timeout: Duration) -> Result<Self, InvalidPolicy> {
        if timeout.is_zero() {
            Err(InvalidPolicy::AttemptTimeout)
        } else {
            Ok(self.attempt_timeout(timeout))
        }
    }

    /// Removes [`attempt_timeout`](Policy::attempt_timeout).
    pub const fn without_attempt_timeout(mut self) -> Self {
        self.limits.attempt_timeout = None;
        self
    }

    /// Sets the least time that an attempt must have left of the run to begin; zero by default. A retry that would have
    /// less stops the run with [`StopReason::Elapsed`](crate::StopReason::Elapsed).
    pub const fn min_attempt_time(mut self, least: Duration) -> Self {
        self.limits.min_attempt_time = nanos(least);
        self
    }

    /// Sets how delays are spread: see [`Jitter`].
    pub const fn jitter(mut self, jitter: Jitter) -> Self {
        self.limits.jitter = jitter;
        self
    }

    /// Sets the longest hint that is obeyed: a wait that a failed operation or its server requests. It is 5 minutes by
    /// default, whatever the cap. A longer hint stops the run with [`StopReason::Hint`](crate::StopReason::Hint), since
    /// a server that answers "in an hour" is not helped by a call in five seconds. With
    /// [`clamp_hints`](Policy::clamp_hints) such a hint is shortened instead.
    #[doc(alias("Retry-After"))]
    pub const fn max_hint(mut self, longest: Duration) -> Self {
        self.limits.max_hint = nanos(longest);
        self
    }

    /// Chooses whether a hint above [`max_hint`](Policy::max_hint) is shortened to it (`true`) or stops the run (`false`,
    /// the default). If `max_hint` is zero, shortened hints mean the computed delay.
    pub const fn clamp_hints(mut self, clamp: bool) -> Self {
        self.limits.clamp_hints = clamp;
        self
    }

    /// Spreads waits for hints by this ratio. A hint `h` becomes a wait from `h` to `h · (1 + ratio)`, never shorter. A
    /// clamped hint becomes a wait from `max_hint · (1 - ratio)` to `max_hint`. The ratio is 0.1 by default, so that a
    /// thousand callers that receive "60 s" do not come back in one instant.
    ///
    /// # Panics
    ///
    /// If `ratio` is not within `0.0..=1.0`, which in a `const` or `static` is a compile error.
    /// [`try_spread_hints`](Policy::try_spread_hints) returns the error instead.
    pub const fn spread_hints(mut self, ratio: f64) -> Self {
        self.limits.spread_hints = match Ratio::new(ratio) {
            Some(ratio) => ratio,
            None => panic!("invalid retry policy: spread_hints must be within 0.0..=1.0"),
        };
        self
    }

    /// [`spread_hints`](Policy::spread_hints) for a ratio that is not a constant, such as a ratio from a configuration.
    ///
    /// # Errors
    ///
    /// [`InvalidPolicy::HintRatio`] if `ratio` is not within `0.0..=1.0`.
    pub fn try_spread_hints(mut self, ratio: f64) -> Result<Self, InvalidPolicy> {
        self.limits.spread_hints = Ratio::new(ratio).ok_or(InvalidPolicy::HintRatio(ratio))?;
        Ok(self)
    }

    /// Waits for exactly the time of a hint: [`spread_hints(0.0)`](Policy::spread_hints).
    pub const fn exact_hints(self) -> Self {
        self.spread_hints(0.0)
    }

    /// Chooses whether a wait is the longer of the hint and the computed delay (`true`), or the hint alone (`false`, the
    /// default).
    pub const fn longer_of_hint_and_delay(mut self, longer: bool) -> Self {
        self.limits.longer_of_hint_and_delay = longer;
        self
    }

    /// Chooses whether a run waits if a circuit breaker rejects an attempt (`true`), or stops with
    /// [`StopReason::Rejected`](crate::StopReason::Rejected) (`false`, the default). It waits for the time that the
    /// breaker returns.
    ///
    /// The breaker's time is a hint, so [`max_hint`](Policy::max_hint) bounds it, and above that the run stops. A
    /// rejection is not counted as an attempt, and moves no curve. A run ends when it has been rejected
    /// [`max_attempts`](Policy::max_attempts) times.
    pub const fn retry_rejected(mut self, wait: bool) -> Self {
        self.limits.retry_rejected = wait;
        self
    }

    /// Chooses whether an attempt that exceeds [`attempt_timeout`](Policy::attempt_timeout) is followed by another
    /// (`true`, the default), or stops the run with [`StopReason::AttemptTimedOut`](crate::StopReason::AttemptTimedOut)
    /// (`false`). `false` is for an operation that must not be made twice, since nobody knows how far a timed-out
    /// attempt came.
    ///
    /// ```
    /// use persevere::{Policy, StopReason, TokioSleeper};
    /// use std::{future::pending, time::Duration};
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let policy = Policy::default().attempt_timeout(Duration::from_millis(1)).retry_timeouts(false);
    /// let error = policy.on(TokioSleeper).run(|| pending::<Result<(), ()>>()).await.unwrap_err();
    /// assert_eq!((error.reason(), error.attempts()), (StopReason::AttemptTimedOut, 1));
    /// # }
    /// ```
    pub const fn retry_timeouts(mut self, retry: bool) -> Self {
        self.limits.stop_on_timeout = !retry;
        self
    }

    /// Makes the delays of every run the same, on every target: for tests, and for schedules that must be
    /// reproducible.
    ///
    /// Without a seed two runs draw different delays. With `std` they come from the platform's randomness. On `no_std`
    /// there is none: the runs of one device differ, but devices that start alike draw alike, and come back together.
    /// Give each device its own bytes once at boot, by [`Random::seed_device`](crate::Random::seed_device). The same
    /// holds for `wasm32-unknown-unknown`.
    pub const fn seed(mut self, seed: u64) -> Self {
        self.limits.draws = Draws::Seeded(seed);
        self
    }

    /// Makes every draw of these bits: 0 for the shortest delay of each range, `u64::MAX` for the longest, `1 << 63` for
    /// the middle. For tests.
    ///
    /// ```
    /// use persevere::Policy;
    /// use std::time::Duration;
    ///
    /// let longest = Policy::exponential(Duration::from_secs(1)).draw_bits(u64::MAX);
    /// assert!(longest.delays().eq([1, 2].map(Duration::from_secs)));
    /// ```
    pub const fn draw_bits(mut self, bits: u64) -> Self {
        self.limits.draws = Draws::Bits(bits);
        self
    }

    /// Replaces the classifier of errors, for any backoff and classifier, `Copy` or not. The limits stay.
    ///
    /// ```
    /// use persevere::{Policy, SharedPolicy, Verdict, classify};
    /// use std::io;
    ///
    /// let stored: SharedPolicy<io::Error> = Policy::default().max_attempts(7).shared();
    /// let is_idempotent = false;
    /// let policy = stored.clone().with_classifier(classify::from_fn(move |_: &io::Error| {
    ///     if is_idempotent { Verdict::Retry } else { Verdict::Stop }
    /// }));
    /// assert_eq!(policy.limits().max_attempts(), Some(7));
    /// ```
    pub fn with_classifier<D>(self, classifier: D) -> Policy<B, D> {
        Policy::from_parts(self.backoff, classifier, self.limits)
    }

    /// [`with_classifier`](Policy::with_classifier) for a classifier of whole results.
    pub fn with_outcome_classifier<D>(self, classifier: D) -> Policy<B, D, Outcomes> {
        Policy::from_parts(self.backoff, classifier, self.limits)
    }
}

/// Setters of the classifier: each replaces it. They need a backoff and a classifier that are `Copy`, since only so can
/// they be `const`. For any other there is [`with_classifier`](Policy::with_classifier).
impl<B: Copy, C: Copy, On> Policy<B, C, On> {
    /// Retries the errors for which `predicate` returns `true`.
    ///
    /// In a `static` or a field, [`RetryIf`] is the type.
    pub const fn retry_if<E: ?Sized, F>(self, predicate: F) -> Policy<B, When<F>>
    where
        F: Fn(&E) -> bool,
    {
        self.classify(when(predicate))
    }

    /// Classifies each error by a closure that returns a [`Verdict`].
    ///
    /// In a `static` or a field, [`ClassifiedBy`] is the type.
    pub const fn classify_with<E: ?Sized, F>(self, classifier: F) -> Policy<B, FromFn<F>>
    where
        F: Fn(&E) -> Verdict,
    {
        self.classify(from_fn(classifier))
    }

    /// Classifies each error by a [`Classifier`](crate::Classifier).
    pub const fn classify<D>(self, classifier: D) -> Policy<B, D> {
        Policy::from_parts(self.backoff, classifier, self.limits)
    }

    /// Classifies each whole result, `Ok` too, by a [`Classifier`](crate::Classifier).
    pub const fn classify_outcome<D>(self, classifier: D) -> Policy<B, D, Outcomes> {
        Policy::from_parts(self.backoff, classifier, self.limits)
    }

    /// Classifies each whole result, `Ok` too, by a closure: for polling until done.
    ///
    /// A run that gives up on an `Ok` drops it, unless it ends by
    /// [`Run::accept_last`](crate::Run::accept_last) or [`Run::whole`](crate::Run::whole).
    ///
    /// ```
    /// use persevere::{Policy, ThreadSleeper, Verdict};
    /// use std::{io, time::Duration};
    ///
    /// let until_done = Policy::fixed(Duration::from_millis(1)).max_attempts(10).classify_outcome_with(
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
    pub const fn classify_outcome_with<T, E, F>(self, classifier: F) -> Policy<B, FromFn<F>, Outcomes>
    where
        F: Fn(&Result<T, E>) -> Verdict,
    {
        self.classify_outcome(from_fn(classifier))
    }
}

// Not derived, since that would require `On: Clone`.
impl<B: Clone, C: Clone, On> Clone for Policy<B, C, On> {
    fn clone(&self) -> Self {
        Policy::from_parts(self.backoff.clone(), self.classifier.clone(), self.limits)
    }
}

impl<B: Copy, C: Copy, On> Copy for Policy<B, C, On> {}

impl<B: fmt::Debug, C: fmt::Debug, On> fmt::Debug for Policy<B, C, On> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut policy = f.debug_struct("Policy");
        policy
            .field("backoff", &self.backoff)
            .field("classifier", &self.classifier);
        self.limits.describe(&mut policy);
        policy.finish()
    }
}

/// The settings, as `Debug` prints them.
impl<B: fmt::Debug, C: fmt::Debug, On> fmt::Display for Policy<B, C, On> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

impl<B: PartialEq, C: PartialEq, On> PartialEq for Policy<B, C, On> {
    fn eq(&self, other: &Self) -> bool {
        self.backoff == other.backoff && self.classifier == other.classifier && self.limits == other.limits
    }
}
