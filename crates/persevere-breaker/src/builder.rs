//! The setters of a [`Builder`].

use crate::breaker::CircuitBreaker;
use crate::classify::{FailureIf, IgnoreIf};
use crate::control;
use crate::error::InvalidBreaker;
use crate::probes::MAX_PROBES;
use crate::settings::{Builder, OpenTimes};
use crate::transitions::Transition;
use crate::trip::{ConsecutiveFailures, LastCalls, Or, TimeSlices, Trip};
use core::marker::PhantomData;
use core::time::Duration;
use persevere_core::backoff::Fixed;
use persevere_core::classify::{Errors, FromFn, Outcomes, from_fn};
use persevere_core::{Backoff, Jitter, Verdict};

impl<T, B, C, On> Builder<T, B, C, On> {
    /// Returns the breaker.
    pub const fn build(self) -> CircuitBreaker<T, B, C, On>
    where
        T: Trip,
    {
        CircuitBreaker::new(self)
    }
}

impl<const WORDS: usize, B: Copy, C: Copy, On> Builder<LastCalls<WORDS>, B, C, On> {
    /// Opens only if the window holds at least the given number of calls: see [`LastCalls::minimum`].
    ///
    /// # Panics
    ///
    /// If `calls` is 0 or more than the window holds, which in a `const` or `static` is a compile error.
    /// [`LastCalls::try_minimum`] does not panic.
    pub const fn minimum_calls(mut self, calls: u32) -> Self {
        self.trip = self.trip.minimum(calls);
        self
    }
}

impl<const SLICES: usize, B: Copy, C: Copy, On> Builder<TimeSlices<SLICES>, B, C, On> {
    /// Opens only if the window holds at least the given number of calls: see [`TimeSlices::minimum`].
    ///
    /// # Panics
    ///
    /// If `calls` is 0, which in a `const` or `static` is a compile error. [`TimeSlices::try_minimum`] does not panic.
    pub const fn minimum_calls(mut self, calls: u32) -> Self {
        self.trip = self.trip.minimum(calls);
        self
    }
}

impl<T, C, On> Builder<T, Fixed, C, On> {
    /// Stays open for the given time before it admits a probe, the same time at each opening. For a time that grows
    /// there is [`open_with`](Builder::open_with).
    ///
    /// # Panics
    ///
    /// If `time` is zero, which in a `const` or `static` is a compile error. [`try_open_for`](Builder::try_open_for) does
    /// not panic.
    pub const fn open_for(mut self, time: Duration) -> Self {
        if time.is_zero() {
            panic!("invalid circuit breaker: open time must be above zero");
        }
        self.open.backoff = Fixed::new(time);
        self.open.fixed = Some(time);
        self
    }

    /// [`open_for`](Builder::open_for) for a time that is read at run time.
    ///
    /// # Errors
    ///
    /// [`InvalidBreaker::OpenTime`] if `time` is zero.
    pub const fn try_open_for(self, time: Duration) -> Result<Self, InvalidBreaker>
    where
        T: Copy,
        C: Copy,
    {
        if time.is_zero() {
            return Err(InvalidBreaker::OpenTime);
        }
        Ok(self.open_for(time))
    }
}

impl<B: Copy, C: Copy, On> Builder<ConsecutiveFailures, B, C, On> {
    /// Counts a failure as consecutive only if the failure before was within the given time: see
    /// [`ConsecutiveFailures::within`].
    ///
    /// # Panics
    ///
    /// If `time` is zero, which in a `const` or `static` is a compile error. [`ConsecutiveFailures::try_within`] does
    /// not panic.
    pub const fn within(mut self, time: Duration) -> Self {
        self.trip = self.trip.within(time);
        self
    }
}

impl<T: Copy, B: Copy, C: Copy, On> Builder<T, B, C, On> {
    /// Opens when the condition so far holds, or `other`. Both count every call.
    ///
    /// # Examples
    ///
    /// ```
    /// use persevere::breaker::{CircuitBreaker, ConsecutiveFailures, LastCalls, Or};
    ///
    /// /// Five consecutive failures, or half of the last 100 calls.
    /// static BREAKER: CircuitBreaker<Or<ConsecutiveFailures, LastCalls>> =
    ///     CircuitBreaker::consecutive_failures(5).or(LastCalls::of(100).rate(0.5)).build();
    /// ```
    pub const fn or<U: Trip>(self, other: U) -> Builder<Or<T, U>, B, C, On> {
        let Builder {
            trip,
            open,
            classifier,
            settings,
            ..
        } = self;
        Builder {
            trip: Or(trip, other),
            open,
            classifier,
            settings,
            on: PhantomData,
        }
    }

    /// Stays open for a time that changes from one opening to the next, until the breaker is closed. The time comes
    /// from any backoff of [`persevere_core::backoff`], bounded by [`max_open_for`](Builder::max_open_for) and spread
    /// by [`jitter`](Builder::jitter). A schedule that has ended repeats its last delay.
    ///
    /// A time of zero is allowed here: a custom backoff may leave the breaker half-open at once.
    ///
    /// # Examples
    ///
    /// ```
    /// use persevere::breaker::{CircuitBreaker, ConsecutiveFailures};
    /// use persevere::{Jitter, backoff::Exponential};
    /// use std::time::Duration;
    ///
    /// /// 10 s, 20 s, 40 s, at most 2 min; half of each is random.
    /// static BREAKER: CircuitBreaker<ConsecutiveFailures, Exponential> =
    ///     CircuitBreaker::consecutive_failures(5)
    ///         .open_with(Exponential::new(Duration::from_secs(10)))
    ///         .max_open_for(Duration::from_secs(120))
    ///         .jitter(Jitter::Equal)
    ///         .build();
    /// ```
    pub const fn open_with<N: Backoff>(self, backoff: N) -> Builder<T, N, C, On> {
        let Builder {
            trip,
            open,
            classifier,
            settings,
            ..
        } = self;
        let OpenTimes { max, jitter, seed, .. } = open;
        Builder {
            trip,
            open: OpenTimes {
                backoff,
                fixed: None,
                max,
                jitter,
                seed,
            },
            classifier,
            settings,
            on: PhantomData,
        }
    }

    /// Sets which errors count, for [`CircuitBreaker::on`], [`Permit::report`](crate::Permit::report) and runs. An
    /// error that the classifier would retry is a failure. An error that it accepts is a success. An error at which it
    /// stops is ignored. By default every error is a failure.
    ///
    /// A hint lengthens the open time, if the failure opens the breaker: see
    /// [`clamp_hints_to`](Builder::clamp_hints_to).
    ///
    /// # Examples
    ///
    /// ```
    /// use persevere::breaker::{CircuitBreaker, ConsecutiveFailures};
    /// use persevere::classify::ByError;
    ///
    /// let breaker = CircuitBreaker::consecutive_failures(5).classify(ByError).build();
    /// ```
    pub const fn classify<D>(self, classifier: D) -> Builder<T, B, D, Errors> {
        self.judged_by(classifier)
    }

    /// [`classify`](Builder::classify) by a closure.
    pub const fn classify_with<E: ?Sized, F>(self, classifier: F) -> Builder<T, B, FromFn<F>, Errors>
    where
        F: Fn(&E) -> Verdict,
    {
        self.judged_by(from_fn(classifier))
    }

    /// [`classify`](Builder::classify) by a predicate. The errors for which it holds are failures. All other errors are
    /// successes, since a server that answers in time is healthy. For errors that do not depend on the server there is
    /// [`ignore_if`](Builder::ignore_if).
    ///
    /// # Examples
    ///
    /// ```
    /// use persevere::ThreadSleeper;
    /// use persevere::breaker::{CircuitBreaker, State};
    /// use std::{io, time::Duration};
    ///
    /// let breaker = CircuitBreaker::consecutive_failures(1)
    ///     .failure_if(|e: &io::Error| e.kind() != io::ErrorKind::NotFound)
    ///     .build();
    /// let missing = || Err::<(), _>(io::Error::from(io::ErrorKind::NotFound));
    /// let _ = breaker.on(ThreadSleeper).run_blocking(missing);
    /// assert_eq!(breaker.state(Duration::ZERO), State::Closed);
    /// ```
    pub const fn failure_if<E: ?Sized, F>(self, predicate: F) -> Builder<T, B, FailureIf<F>, Errors>
    where
        F: Fn(&E) -> bool,
    {
        self.judged_by(FailureIf(predicate))
    }

    /// [`classify`](Builder::classify) by the whole outcome, so that an `Ok` may be a failure too.
    pub const fn classify_outcome<D>(self, classifier: D) -> Builder<T, B, D, Outcomes> {
        self.judged_by(classifier)
    }

    /// [`classify_outcome`](Builder::classify_outcome) by a closure.
    ///
    /// # Examples
    ///
    /// ```
    /// use persevere::Verdict;
    /// use persevere::breaker::CircuitBreaker;
    ///
    /// let breaker = CircuitBreaker::consecutive_failures(5)
    ///     .classify_outcome_with(|outcome: &Result<u16, std::io::Error>| match outcome {
    ///         Ok(500..) | Err(_) => Verdict::Retry,
    ///         Ok(_) => Verdict::Accept,
    ///     })
    ///     .build();
    /// ```
    pub const fn classify_outcome_with<V, E, F>(self, classifier: F) -> Builder<T, B, FromFn<F>, Outcomes>
    where
        F: Fn(&Result<V, E>) -> Verdict,
    {
        self.judged_by(from_fn(classifier))
    }

    /// Ignores the errors for which the predicate holds, as neither failure nor success. Other errors are classified as
    /// before. A classifier that is set later replaces this.
    ///
    /// # Examples
    ///
    /// ```
    /// use persevere::breaker::{CircuitBreaker, State};
    /// use std::time::Duration;
    ///
    /// // Below 400: not made. 500 and above: failed. Others: a timely answer.
    /// let breaker = CircuitBreaker::consecutive_failures(2)
    ///     .failure_if(|status: &u16| *status >= 500)
    ///     .ignore_if(|status: &u16| *status < 400)
    ///     .build();
    /// let now = Duration::ZERO;
    /// for status in [500, 404, 500, 0, 500] {
    ///     breaker.try_acquire(now)?.report(&Err::<(), u16>(status), now);
    /// }
    /// assert_eq!(breaker.state(now), State::Open, "two failures, with an ignored error between");
    /// # Ok::<(), persevere::breaker::Rejected>(())
    /// ```
    pub const fn ignore_if<E: ?Sized, F>(self, predicate: F) -> Builder<T, B, IgnoreIf<F, C>, On>
    where
        F: Fn(&E) -> bool,
    {
        let others = self.classifier;
        self.judged_by(IgnoreIf { predicate, others })
    }

    const fn judged_by<D, N>(self, classifier: D) -> Builder<T, B, D, N> {
        let Builder {
            trip, open, settings, ..
        } = self;
        Builder {
            trip,
            open,
            classifier,
            settings,
            on: PhantomData,
        }
    }
}

impl<T, B, C, On> Builder<T, B, C, On> {
    /// Bounds the open times of [`open_with`](Builder::open_with) and [`open_for`](Builder::open_for), before jitter. By
    /// default 5 minutes for `open_with`, and none for `open_for`.
    ///
    /// # Panics
    ///
    /// If `time` is zero, which in a `const` or `static` is a compile error. [`try_max_open_for`](Builder::try_max_open_for)
    /// does not panic.
    pub const fn max_open_for(mut self, time: Duration) -> Self {
        if time.is_zero() {
            panic!("invalid circuit breaker: open time must be above zero");
        }
        self.open.max = Some(time);
        self
    }

    /// [`max_open_for`](Builder::max_open_for) for a time that is read at run time.
    ///
    /// # Errors
    ///
    /// [`InvalidBreaker::OpenTime`] if `time` is zero.
    pub const fn try_max_open_for(self, time: Duration) -> Result<Self, InvalidBreaker>
    where
        T: Copy,
        B: Copy,
        C: Copy,
    {
        if time.is_zero() {
            return Err(InvalidBreaker::OpenTime);
        }
        Ok(self.max_open_for(time))
    }

    /// Spreads the open times. By default they are exact.
    ///
    /// Worthwhile wherever many clients have a breaker for one server: breakers that opened together would probe
    /// together.
    pub const fn jitter(mut self, jitter: Jitter) -> Self {
        self.open.jitter = jitter;
        self
    }

    /// Makes the jitter reproducible: of the open times, and of the times that a half-open breaker returns to rejected
    /// calls. See [`Policy::seed`](persevere_core::Policy::seed).
    pub const fn seed(mut self, seed: u64) -> Self {
        self.open.seed = Some(seed);
        self
    }

    /// Bounds how long the hint of a failure may keep the breaker open. A longer hint is clamped to it.
    ///
    /// [`Policy::max_hint`](persevere_core::Policy::max_hint), in contrast, stops a run.
    pub const fn clamp_hints_to(mut self, longest: Duration) -> Self {
        self.settings.longest_hint = longest;
        self
    }

    /// Counts a call that took the given time or longer as a failure, however it ended. It may have succeeded, its
    /// caller may have gone away ([`Permit::abandoned`](crate::Permit::abandoned)), or another call was faster
    /// ([`Permit::superseded`](crate::Permit::superseded)). By default no call is slow.
    ///
    /// A breaker without it does not notice calls that hang until their callers go away, as with `tokio::time::timeout`
    /// around a call. Such calls are abandoned, and count as nothing. A time limit inside of the call, such as
    /// [`Policy::attempt_timeout`](persevere_core::Policy::attempt_timeout), is a failure with and without it.
    ///
    /// # Panics
    ///
    /// If `limit` is zero, which in a `const` or `static` is a compile error. [`try_slow_after`](Builder::try_slow_after)
    /// does not panic.
    pub const fn slow_after(mut self, limit: Duration) -> Self {
        if limit.is_zero() {
            panic!("invalid circuit breaker: slow_after must be above zero");
        }
        self.settings.slow_after = Some(limit);
        self
    }

    /// [`slow_after`](Builder::slow_after) for a time that is read at run time.
    ///
    /// # Errors
    ///
    /// [`InvalidBreaker::SlowAfter`] if `limit` is zero.
    pub const fn try_slow_after(self, limit: Duration) -> Result<Self, InvalidBreaker>
    where
        T: Copy,
        B: Copy,
        C: Copy,
    {
        if limit.is_zero() {
            return Err(InvalidBreaker::SlowAfter);
        }
        Ok(self.slow_after(limit))
    }

    /// Admits at most the given number of calls at a time while half-open.
    ///
    /// # Panics
    ///
    /// If `probes` is 0 or above [`MAX_PROBES`], which in a `const` or `static` is a compile error.
    /// [`try_max_probes`](Builder::try_max_probes) does not panic.
    pub const fn max_probes(self, probes: u32) -> Self
    where
        T: Copy,
        B: Copy,
        C: Copy,
    {
        match self.try_max_probes(probes) {
            Ok(builder) => builder,
            Err(_) => panic!("invalid circuit breaker: max_probes must be within 1..=8"),
        }
    }

    /// [`max_probes`](Builder::max_probes) for a number that is read at run time.
    ///
    /// # Errors
    ///
    /// [`InvalidBreaker::Probes`] if `probes` is 0 or above [`MAX_PROBES`].
    pub const fn try_max_probes(mut self, probes: u32) -> Result<Self, InvalidBreaker>
    where
        T: Copy,
        B: Copy,
        C: Copy,
    {
        if probes == 0 || probes > MAX_PROBES {
            return Err(InvalidBreaker::Probes);
        }
        self.settings.max_probes = probes;
        Ok(self)
    }

    /// Closes after the given number of successful probes. By default after 1.
    ///
    /// # Panics
    ///
    /// If `successes` is 0 or above 1,000, which in a `const` or `static` is a compile error.
    /// [`try_successes_to_close`](Builder::try_successes_to_close) does not panic.
    pub const fn successes_to_close(self, successes: u32) -> Self
    where
        T: Copy,
        B: Copy,
        C: Copy,
    {
        match self.try_successes_to_close(successes) {
            Ok(builder) => builder,
            Err(_) => panic!("invalid circuit breaker: successes_to_close must be within 1..=1000"),
        }
    }

    /// [`successes_to_close`](Builder::successes_to_close) for a number that is read at run time.
    ///
    /// # Errors
    ///
    /// [`InvalidBreaker::Successes`] if `successes` is 0 or above 1,000.
    pub const fn try_successes_to_close(mut self, successes: u32) -> Result<Self, InvalidBreaker>
    where
        T: Copy,
        B: Copy,
        C: Copy,
    {
        if successes == 0 || successes > MAX_SUCCESSES {
            return Err(InvalidBreaker::Successes);
        }
        self.settings.successes_to_close = successes;
        Ok(self)
    }

    /// Opens the breaker again after the given number of failed probes. By default after 1. With
    /// [`successes_to_close`](Builder::successes_to_close) it judges probes by a rate: whichever number is reached first
    /// decides.
    ///
    /// # Panics
    ///
    /// If `failures` is 0 or above 100, which in a `const` or `static` is a compile error.
    /// [`try_failures_to_reopen`](Builder::try_failures_to_reopen) does not panic.
    ///
    /// # Examples
    ///
    /// ```
    /// use persevere::breaker::CircuitBreaker;
    ///
    /// // Closes if 4 of at most 6 probes succeed.
    /// let breaker =
    ///     CircuitBreaker::consecutive_failures(5).successes_to_close(4).failures_to_reopen(3).build();
    /// ```
    pub const fn failures_to_reopen(self, failures: u32) -> Self
    where
        T: Copy,
        B: Copy,
        C: Copy,
    {
        match self.try_failures_to_reopen(failures) {
            Ok(builder) => builder,
            Err(_) => panic!("invalid circuit breaker: failures_to_reopen must be within 1..=100"),
        }
    }

    /// [`failures_to_reopen`](Builder::failures_to_reopen) for a number that is read at run time.
    ///
    /// # Errors
    ///
    /// [`InvalidBreaker::ProbeFailures`] if `failures` is 0 or above 100.
    pub const fn try_failures_to_reopen(mut self, failures: u32) -> Result<Self, InvalidBreaker>
    where
        T: Copy,
        B: Copy,
        C: Copy,
    {
        if failures == 0 || failures > MAX_FAILURES {
            return Err(InvalidBreaker::ProbeFailures);
        }
        self.settings.failures_to_reopen = failures;
        Ok(self)
    }

    /// Lets a probe hold its place for the given time without a report. After that another call may take the place, and
    /// the report of the first is stale. So a lost probe cannot keep the breaker half-open for good. By default the
    /// lease is as long as the breaker was open, without jitter and hints.
    ///
    /// # Panics
    ///
    /// If `lease` is zero, which in a `const` or `static` is a compile error. [`try_probe_lease`](Builder::try_probe_lease)
    /// does not panic.
    pub const fn probe_lease(mut self, lease: Duration) -> Self {
        if lease.is_zero() {
            panic!("invalid circuit breaker: probe_lease must be above zero");
        }
        self.settings.probe_lease = Some(lease);
        self
    }

    /// [`probe_lease`](Builder::probe_lease) for a time that is read at run time.
    ///
    /// # Errors
    ///
    /// [`InvalidBreaker::Lease`] if `lease` is zero.
    pub const fn try_probe_lease(self, lease: Duration) -> Result<Self, InvalidBreaker>
    where
        T: Copy,
        B: Copy,
        C: Copy,
    {
        if lease.is_zero() {
            return Err(InvalidBreaker::Lease);
        }
        Ok(self.probe_lease(lease))
    }

    /// Opens the breaker at once on a failure with a hint, such as a `Retry-After`, and keeps it open for that time. By
    /// default a failure with a hint counts as any other.
    ///
    /// # Examples
    ///
    /// ```
    /// use persevere::breaker::{CircuitBreaker, State};
    /// use std::time::Duration;
    ///
    /// let secs = Duration::from_secs;
    /// let breaker = CircuitBreaker::consecutive_failures(5).open_for(secs(1)).open_on_hints(true).build();
    /// breaker.try_acquire(secs(0))?.failed_with_hint(secs(60), secs(0));
    /// assert_eq!(breaker.state(secs(59)), State::Open);
    /// # Ok::<(), persevere::breaker::Rejected>(())
    /// ```
    pub const fn open_on_hints(mut self, opens: bool) -> Self {
        self.settings.open_on_hints = opens;
        self
    }

    /// Admits every call, to try a breaker out: it makes its transitions and counts its rejections, but rejects nothing.
    /// Only [`force_open`](CircuitBreaker::force_open) still rejects. A call that would have been rejected is not counted.
    ///
    /// # Examples
    ///
    /// ```
    /// use persevere::breaker::{CircuitBreaker, State};
    /// use std::time::Duration;
    ///
    /// let now = Duration::ZERO;
    /// let breaker = CircuitBreaker::consecutive_failures(1).report_only(true).build();
    /// breaker.try_acquire(now)?.failed(now);
    /// assert_eq!(breaker.state(now), State::Open);
    /// assert!(breaker.try_acquire(now).is_ok());
    /// assert_eq!(breaker.stats().rejected, 1);
    /// # Ok::<(), persevere::breaker::Rejected>(())
    /// ```
    pub const fn report_only(mut self, admits_all: bool) -> Self {
        self.settings.report_only = admits_all;
        self
    }

    /// Calls a hook after each transition, one at a time and in order. The transition is complete by then, so the hook
    /// may use the breaker. It runs on the thread whose call or report made the transition, or on another thread that
    /// is delivering already. If 16 transitions are made meanwhile, it misses the oldest.
    ///
    /// # Examples
    ///
    /// ```
    /// use persevere::breaker::CircuitBreaker;
    ///
    /// static BREAKER: CircuitBreaker = CircuitBreaker::consecutive_failures(5)
    ///     .on_transition(&|it| eprintln!("billing: {} -> {}", it.from, it.to))
    ///     .build();
    /// ```
    pub const fn on_transition(mut self, hook: &'static (dyn Fn(Transition) + Sync)) -> Self {
        self.settings.on_transition = Some(hook);
        self
    }
}

const MAX_SUCCESSES: u32 = 1_000;
const MAX_FAILURES: u32 = 100;
const _: () = assert!(MAX_SUCCESSES <= control::MAX_SUCCESSES && MAX_FAILURES <= control::MAX_FAILURES);
