//! The constructors of a breaker, each of which returns a [`Builder`].

use crate::breaker::CircuitBreaker;
use crate::settings::Builder;
use crate::trip::{ConsecutiveFailures, LastCalls, TimeSlices, Trip};
use core::time::Duration;

/// The constructors, each of which returns a [`Builder`].
impl CircuitBreaker {
    /// A breaker that opens on the given number of consecutive failures.
    ///
    /// # Panics
    ///
    /// If `failures` is 0, which in a `const` or `static` is a compile error. [`ConsecutiveFailures::try_new`] does not
    /// panic.
    ///
    /// # Examples
    ///
    /// ```
    /// use persevere::breaker::CircuitBreaker;
    ///
    /// static BREAKER: CircuitBreaker = CircuitBreaker::consecutive_failures(5).build();
    /// ```
    pub const fn consecutive_failures(failures: u32) -> Builder {
        Builder::new(ConsecutiveFailures::new(failures))
    }

    /// A breaker that opens at the given failure rate, from 0.0 to 1.0, over the last calls or the last period.
    ///
    /// # Panics
    ///
    /// If `rate` is not above 0.0 and at most 1.0, which in a `const` or `static` is a compile error.
    /// [`LastCalls::try_rate`] does not panic.
    ///
    /// # Examples
    ///
    /// ```
    /// use persevere::breaker::{CircuitBreaker, LastCalls, TimeSlices};
    /// use std::time::Duration;
    ///
    /// static BY_CALLS: CircuitBreaker<LastCalls> =
    ///     CircuitBreaker::failure_rate(0.5).over_calls(100).minimum_calls(20).build();
    ///
    /// static BY_TIME: CircuitBreaker<TimeSlices> =
    ///     CircuitBreaker::failure_rate(0.5).over(Duration::from_secs(10)).minimum_calls(20).build();
    /// ```
    pub const fn failure_rate(rate: f64) -> FailureRate {
        // Checks the rate here, where the caller wrote it.
        let _ = LastCalls::of(1).rate(rate);
        FailureRate(rate)
    }

    /// A breaker that opens on the given condition.
    ///
    /// # Examples
    ///
    /// ```
    /// use persevere::breaker::{CircuitBreaker, LastCalls};
    ///
    /// let breaker = CircuitBreaker::tripped_by(LastCalls::of(100).rate(0.5).minimum(20)).build();
    /// ```
    pub const fn tripped_by<T: Trip>(trip: T) -> Builder<T> {
        Builder::new(trip)
    }
}

impl Default for CircuitBreaker {
    /// Opens on 5 consecutive failures, for 60 seconds, and closes after 1 probe: see [`Builder`] for the sources of
    /// these numbers.
    ///
    /// Good where calls are few, and either all succeed or all fail. Where calls are many, five in a row fail by
    /// chance. Simulated with 14 calls per second of which 30 % fail, the breaker is open for most of the time. With
    /// three attempts each, 71 % of requests fail. Take a rate there:
    ///
    /// ```
    /// use persevere::Jitter;
    /// use persevere::breaker::{CircuitBreaker, TimeSlices};
    /// use std::time::Duration;
    ///
    /// static BREAKER: CircuitBreaker<TimeSlices> = CircuitBreaker::failure_rate(0.8)
    ///     .over(Duration::from_secs(10))
    ///     .open_for(Duration::from_secs(5))
    ///     .jitter(Jitter::Equal)
    ///     .build();
    /// ```
    ///
    /// It lets retries do their work while some calls fail (3 % of requests fail at 30 % errors), and opens when almost
    /// all do. A server with 7 % to spare then recovers from an outage of 10 s in 5 s, and with the default after 51 s.
    fn default() -> CircuitBreaker {
        CircuitBreaker::consecutive_failures(5).build()
    }
}

/// A failure rate without its window; returned by [`CircuitBreaker::failure_rate`].
#[derive(Debug, Clone, Copy)]
#[must_use = "a failure rate does nothing without `.over_calls(..)` or `.over(..)`"]
pub struct FailureRate(f64);

impl FailureRate {
    /// Measures the rate over the given number of last calls: see [`LastCalls::of`].
    ///
    /// # Panics
    ///
    /// If `calls` is 0 or above 128, which in a `const` or `static` is a compile error. [`LastCalls::try_of`] does not
    /// panic.
    pub const fn over_calls(self, calls: u32) -> Builder<LastCalls> {
        Builder::new(LastCalls::of(calls).rate(self.0))
    }

    /// Measures the rate over the calls of the given last period: see [`TimeSlices::over`].
    ///
    /// # Panics
    ///
    /// If `period` is below 10 ms, which in a `const` or `static` is a compile error. [`TimeSlices::try_over`] does not
    /// panic.
    pub const fn over(self, period: Duration) -> Builder<TimeSlices> {
        Builder::new(TimeSlices::over(period).rate(self.0))
    }
}
