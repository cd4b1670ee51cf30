//! Operations that fail at random, reproducibly.

use core::fmt;
use core::future::Future;
use core::sync::atomic::{AtomicU32, Ordering};
use persevere_core::Random;

/// Fails the given share of calls at random.
///
/// Whether a call fails depends only on the seed and the call's number.
///
/// ```
/// use persevere::Policy;
/// use persevere_testkit::{Flaky, VirtualTime};
/// use std::time::Duration;
///
/// let (time, flaky) = (VirtualTime::new(), Flaky::new(0.3, 42));
/// let policy = Policy::fixed(Duration::from_secs(1)).max_attempts(10);
/// for _ in 0..100 {
///     let value = policy.on(&time).run_blocking(|| flaky.call(|| Ok(7), || "down"));
///     assert_eq!(value.unwrap(), 7);
/// }
/// assert_eq!(flaky.calls(), 100 + flaky.failures());
/// assert_eq!(time.waits().len() as u32, flaky.failures());
/// ```
#[derive(Debug)]
pub struct Flaky {
    rate: f64,
    seed: u64,
    calls: AtomicU32,
    failures: AtomicU32,
}

/// 2^64 divided by the golden ratio, rounded to an odd number. Its multiples spread evenly over 64 bits.
const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

impl Flaky {
    /// Creates a `Flaky` that fails each call with the probability `rate`, drawn with `seed`.
    ///
    /// # Panics
    ///
    /// If `rate` is not within `0.0..=1.0`. [`try_new`](Flaky::try_new) returns an error instead.
    #[must_use]
    pub const fn new(rate: f64, seed: u64) -> Flaky {
        match Flaky::try_new(rate, seed) {
            Ok(flaky) => flaky,
            Err(_) => panic!("a failure rate must be within 0.0..=1.0"),
        }
    }

    /// Creates a `Flaky`, like [`new`](Flaky::new), for a rate that may be invalid.
    ///
    /// ```
    /// use persevere_testkit::Flaky;
    ///
    /// let error = Flaky::try_new(1.5, 42).unwrap_err();
    /// assert_eq!(error.to_string(), "a failure rate must be within 0.0..=1.0, not 1.5");
    /// ```
    ///
    /// # Errors
    ///
    /// [`InvalidRate`] if `rate` is not within `0.0..=1.0`.
    pub const fn try_new(rate: f64, seed: u64) -> Result<Flaky, InvalidRate> {
        if rate >= 0.0 && rate <= 1.0 {
            Ok(Flaky {
                rate,
                seed,
                calls: AtomicU32::new(0),
                failures: AtomicU32::new(0),
            })
        } else {
            Err(InvalidRate(rate))
        }
    }

    /// Calls `operation`, or returns `error` if the call is drawn to fail.
    ///
    /// # Errors
    ///
    /// The operation's error, or `error` if the call was drawn to fail.
    pub fn call<T, E>(&self, operation: impl FnOnce() -> Result<T, E>, error: impl FnOnce() -> E) -> Result<T, E> {
        if self.fails() { Err(error()) } else { operation() }
    }

    /// Calls an async `operation`, or returns `error`, like [`call`](Flaky::call).
    ///
    /// The draw is made by this call, not when the future is polled.
    ///
    /// ```
    /// use persevere::Policy;
    /// use persevere_testkit::{Flaky, VirtualTime};
    ///
    /// let (time, flaky) = (VirtualTime::new(), Flaky::new(0.5, 3));
    /// let policy = Policy::default().max_attempts(20);
    /// let run = policy.on(time.asynchronous()).run(|| flaky.call_async(async || Ok(7), || "down"));
    /// assert_eq!(time.block_on(run).unwrap(), 7);
    /// ```
    ///
    /// # Errors
    ///
    /// The operation's error, or `error` if the call was drawn to fail.
    pub fn call_async<T, E, A: Future<Output = Result<T, E>>>(
        &self,
        operation: impl FnOnce() -> A,
        error: impl FnOnce() -> E,
    ) -> impl Future<Output = Result<T, E>> {
        let chosen = if self.fails() { Err(error()) } else { Ok(operation()) };
        async {
            match chosen {
                Ok(operation) => operation.await,
                Err(error) => Err(error),
            }
        }
    }

    /// Counts a call and returns whether it fails.
    ///
    /// ```
    /// use persevere_testkit::Flaky;
    ///
    /// let (one, other) = (Flaky::new(0.5, 7), Flaky::new(0.5, 7));
    /// assert!((0..1000).all(|_| one.fails() == other.fails()));
    /// assert!((400..600).contains(&one.failures()));
    /// ```
    pub fn fails(&self) -> bool {
        let number = u64::from(self.calls.fetch_add(1, Ordering::Relaxed));
        let bits = Random::seeded(self.seed.wrapping_add(number.wrapping_mul(GOLDEN))).bits();
        // Takes as many bits as an `f64` holds, so that the draw is below 1 and a rate of 1 always fails.
        let draw = (bits >> 11) as f64 / (1u64 << 53) as f64;
        let fails = draw < self.rate;
        self.failures.fetch_add(u32::from(fails), Ordering::Relaxed);
        fails
    }

    /// Returns the number of calls.
    #[must_use]
    pub fn calls(&self) -> u32 {
        self.calls.load(Ordering::Relaxed)
    }

    /// Returns the number of calls that were drawn to fail, without the operation's own failures.
    #[must_use]
    pub fn failures(&self) -> u32 {
        self.failures.load(Ordering::Relaxed)
    }
}

/// The error of an invalid failure rate: not a number, below zero or above one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct InvalidRate(f64);

impl InvalidRate {
    /// Returns the invalid rate.
    ///
    /// ```
    /// use persevere_testkit::Flaky;
    /// assert_eq!(Flaky::try_new(-0.5, 42).unwrap_err().rate(), -0.5);
    /// ```
    #[must_use]
    pub const fn rate(self) -> f64 {
        self.0
    }
}

impl fmt::Display for InvalidRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a failure rate must be within 0.0..=1.0, not {}", self.0)
    }
}

impl core::error::Error for InvalidRate {}
