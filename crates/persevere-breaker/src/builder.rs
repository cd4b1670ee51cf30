//! How a breaker is built: one value whose methods are all `const`.

use crate::breaker::CircuitBreaker;
use crate::error::InvalidBreaker;
use crate::judge::{OnError, OnOutcome, on_error, on_outcome};
use crate::probes::MAX_PROBES;
use crate::trip::{ConsecutiveFailures, Or, Trip};
use core::time::Duration;
use persevere_core::backoff::Fixed;
use persevere_core::classify::{AnyError, FromFn, When, from_fn, when};
use persevere_core::{Backoff, Jitter, Policy, Verdict};

/// A breaker about to be built; made by [`CircuitBreaker::consecutive_failures`] and [`CircuitBreaker::when`].
///
/// | | unless set | as in |
/// |---|---|---|
/// | failures in a row | 5 | the outlier detection of Envoy, the failure accrual of Finagle |
/// | [`open_for`](Builder::open_for) | 60 s | resilience4j |
/// | [`max_probes`](Builder::max_probes) | 1 | Finagle, Polly, gobreaker |
/// | [`successes_to_close`](Builder::successes_to_close) | 1 | Finagle, Polly, gobreaker |
/// | [`probe_lease`](Builder::probe_lease) | as `open_for` | none of these, whose lost probes hold a breaker half-open for ever |
/// | [`max_hint`](Builder::max_hint) | 5 min | the longest ejection of Envoy |
///
/// Setting a value again replaces it; the order of the calls never matters.
#[derive(Debug, Clone, Copy)]
#[must_use = "a builder does nothing until `.build()`"]
pub struct Builder<T = ConsecutiveFailures, B = Fixed, C = AnyError> {
    pub(crate) trip: T,
    pub(crate) open: Policy<B>,
    pub(crate) classifier: C,
    pub(crate) settings: Settings,
}

/// What is the same for every kind of breaker.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Settings {
    pub(crate) slow: Option<Duration>,
    pub(crate) lease: Option<Duration>,
    pub(crate) open_for: Duration,
    pub(crate) max_hint: Duration,
    pub(crate) successes_to_close: u32,
    pub(crate) max_probes: u8,
}

pub(crate) const FAILURES: u32 = 5;
const OPEN_FOR: Duration = Duration::from_secs(60);
const MAX_HINT: Duration = Duration::from_secs(5 * 60);
const MOST_SUCCESSES: u32 = 100_000;

impl Settings {
    /// How long a probe may hold its place.
    pub(crate) fn lease(&self) -> Duration {
        self.lease.unwrap_or(self.open_for)
    }
}

/// An open time has as many steps as it takes.
const fn endless<B: Backoff>(backoff: B) -> Policy<B> {
    Policy::new(backoff).unlimited_attempts()
}

impl<T> Builder<T> {
    pub(crate) const fn new(trip: T) -> Self {
        Builder {
            trip,
            open: endless(Fixed::new(OPEN_FOR)),
            classifier: AnyError,
            settings: Settings {
                slow: None,
                lease: None,
                open_for: OPEN_FOR,
                max_hint: MAX_HINT,
                successes_to_close: 1,
                max_probes: 1,
            },
        }
    }
}

impl<T, C> Builder<T, Fixed, C> {
    /// How long the breaker stays open before it lets a probe through: the same time every time. For one that grows
    /// there is [`open_with`](Builder::open_with).
    pub const fn open_for(mut self, time: Duration) -> Self {
        self.open = endless(Fixed::new(time));
        if !time.is_zero() {
            self.settings.open_for = time;
        }
        self
    }
}

impl<T: Copy, B: Copy, C: Copy> Builder<T, B, C> {
    /// Opens when the condition so far holds, or `other`. Both count every call.
    ///
    /// ```
    /// use persevere_breaker::{CircuitBreaker, ConsecutiveFailures, LastCalls, Or};
    ///
    /// /// Five failures in a row, or half of the last 100 calls.
    /// static BREAKER: CircuitBreaker<Or<ConsecutiveFailures, LastCalls>> =
    ///     CircuitBreaker::consecutive_failures(5).or(LastCalls::new(100, 0.5, 20)).build();
    /// ```
    pub const fn or<U: Trip>(self, other: U) -> Builder<Or<T, U>, B, C> {
        Builder {
            trip: Or(self.trip, other),
            open: self.open,
            classifier: self.classifier,
            settings: self.settings,
        }
    }

    /// How the open time grows from one opening to the next, until the breaker is closed: any backoff of
    /// [`persevere_core::backoff`], spread by `jitter`, never above `most`. A schedule that has come to its end stays
    /// with its last delay.
    ///
    /// Jitter is worth its while wherever many clients have a breaker for one server: those that opened together would
    /// probe together. A probe's lease is 60 seconds then, unless [`probe_lease`](Builder::probe_lease) is set.
    ///
    /// ```
    /// use persevere::{Jitter, backoff::Exponential};
    /// use persevere_breaker::{CircuitBreaker, ConsecutiveFailures};
    /// use std::time::Duration;
    ///
    /// /// 10 s, 20 s, 40 s, at most 300 s; half of each for certain, the other half by chance.
    /// static BREAKER: CircuitBreaker<ConsecutiveFailures, Exponential> = CircuitBreaker::consecutive_failures(5)
    ///     .open_with(Exponential::new(Duration::from_secs(10)), Duration::from_secs(300), Jitter::Equal)
    ///     .build();
    /// ```
    pub const fn open_with<N: Backoff>(self, backoff: N, most: Duration, jitter: Jitter) -> Builder<T, N, C> {
        let mut settings = self.settings;
        settings.open_for = OPEN_FOR;
        Builder {
            trip: self.trip,
            open: endless(backoff).max_delay(most).jitter(jitter),
            classifier: self.classifier,
            settings,
        }
    }

    /// Which errors count, for [`CircuitBreaker::on`] and [`Permit::report`](crate::Permit::report): those that the
    /// classifier would retry are failures, those it accepts are successes, and those it would stop at are ignored,
    /// since they say nothing about whether the other side is well. Unless set, every error is a failure.
    ///
    /// A hint lengthens the open time of a breaker that the failure opens: see [`max_hint`](Builder::max_hint).
    pub const fn classify<D>(self, classifier: D) -> Builder<T, B, OnError<D>> {
        self.judged_by(on_error(classifier))
    }

    /// [`classify`](Builder::classify) by a predicate: the errors for which it holds are failures, others are ignored.
    ///
    /// ```
    /// use persevere::ThreadSleeper;
    /// use persevere_breaker::{CircuitBreaker, State};
    /// use std::{io, time::Duration};
    ///
    /// let breaker = CircuitBreaker::consecutive_failures(1)
    ///     .failure_if(|e: &io::Error| e.kind() != io::ErrorKind::NotFound)
    ///     .build();
    /// let missing = || Err::<(), _>(io::Error::from(io::ErrorKind::NotFound));
    /// let _ = breaker.on(ThreadSleeper).run_blocking(missing);
    /// assert_eq!(breaker.state(Duration::ZERO), State::Closed);
    /// ```
    pub const fn failure_if<E: ?Sized, F>(self, predicate: F) -> Builder<T, B, OnError<When<F>>>
    where
        F: Fn(&E) -> bool,
    {
        self.judged_by(on_error(when(predicate)))
    }

    /// [`classify`](Builder::classify) by a closure that sees the whole outcome, so that an `Ok` may be a failure too.
    pub const fn classify_outcome<V, E, F>(self, classifier: F) -> Builder<T, B, OnOutcome<FromFn<F>>>
    where
        F: Fn(&Result<V, E>) -> Verdict,
    {
        self.judged_by(on_outcome(from_fn(classifier)))
    }

    const fn judged_by<D>(self, classifier: D) -> Builder<T, B, D> {
        Builder {
            trip: self.trip,
            open: self.open,
            classifier,
            settings: self.settings,
        }
    }
}

impl<T, B, C> Builder<T, B, C> {
    /// A success that took this long or longer counts as a failure.
    pub const fn slow_after(mut self, limit: Duration) -> Self {
        self.settings.slow = Some(limit);
        self
    }

    /// How many calls a half-open breaker lets through at once.
    ///
    /// # Panics
    ///
    /// If `probes` is 0 or above [`MAX_PROBES`], which in a `const` or `static` is a compile error.
    pub const fn max_probes(self, probes: u8) -> Self
    where
        T: Copy,
        B: Copy,
        C: Copy,
    {
        match self.try_max_probes(probes) {
            Ok(builder) => builder,
            Err(_) => panic!("invalid circuit breaker: the probes must be within 1..=MAX_PROBES"),
        }
    }

    /// [`max_probes`](Builder::max_probes) for a number that comes from outside.
    ///
    /// # Errors
    ///
    /// [`InvalidBreaker::Probes`] if `probes` is 0 or above [`MAX_PROBES`].
    pub const fn try_max_probes(mut self, probes: u8) -> Result<Self, InvalidBreaker>
    where
        T: Copy,
        B: Copy,
        C: Copy,
    {
        if probes == 0 || probes as usize > MAX_PROBES {
            return Err(InvalidBreaker::Probes);
        }
        self.settings.max_probes = probes;
        Ok(self)
    }

    /// How many probes have to succeed before the breaker closes. One that fails opens it again.
    ///
    /// # Panics
    ///
    /// If `successes` is 0 or above 100,000, which in a `const` or `static` is a compile error.
    pub const fn successes_to_close(self, successes: u32) -> Self
    where
        T: Copy,
        B: Copy,
        C: Copy,
    {
        match self.try_successes_to_close(successes) {
            Ok(builder) => builder,
            Err(_) => panic!("invalid circuit breaker: the successes to close must be within 1..=100000"),
        }
    }

    /// [`successes_to_close`](Builder::successes_to_close) for a number that comes from outside.
    ///
    /// # Errors
    ///
    /// [`InvalidBreaker::Successes`] if `successes` is 0 or above 100,000.
    pub const fn try_successes_to_close(mut self, successes: u32) -> Result<Self, InvalidBreaker>
    where
        T: Copy,
        B: Copy,
        C: Copy,
    {
        if successes == 0 || successes > MOST_SUCCESSES {
            return Err(InvalidBreaker::Successes);
        }
        self.settings.successes_to_close = successes;
        Ok(self)
    }

    /// How long a probe may hold its place without a report. After that another call may take the place, and the report
    /// of the first no longer counts, so that a probe that is lost cannot hold the breaker half-open for ever.
    pub const fn probe_lease(mut self, lease: Duration) -> Self {
        self.settings.lease = Some(lease);
        self
    }

    /// The longest that a failure's hint may keep the breaker open. A longer one is shortened to it.
    pub const fn max_hint(mut self, longest: Duration) -> Self {
        self.settings.max_hint = longest;
        self
    }

    /// Makes the jitter of the open times reproducible: see [`Policy::seed`].
    pub const fn seed(mut self, seed: u64) -> Self
    where
        B: Copy,
    {
        self.open = self.open.seed(seed);
        self
    }

    /// The breaker.
    pub const fn build(self) -> CircuitBreaker<T, B, C>
    where
        T: Trip,
    {
        CircuitBreaker::of(self)
    }
}
