//! Adaptive throttling: the fewer requests the server accepts, the fewer retries are made.

use crate::error::InvalidBudget;
use crate::sliding_counters::SlidingCounters;
use core::time::Duration;
use persevere_core::Random;
use persevere_core::budget::{Budget, Class, LastFailure};
use portable_atomic::{AtomicU64, Ordering};

const REQUESTS: usize = 0;
const ACCEPTS: usize = 1;

/// One, in the unit of the multiplier.
const ONE: u64 = 1000;

/// 2^64 divided by the golden ratio, made odd: the step of a Weyl sequence, evenly spread over 64 bits.
const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

/// Rejects retries at random, the more of them the fewer requests the server accepts.
///
/// Over the last two minutes the budget counts `requests` and `accepts`. `requests` are all attempts and the retries
/// that it rejected itself. `accepts` are the attempts that the server processed: successes and permanent failures. It
/// rejects a retry with the probability
///
/// ```text
/// max(0, (requests - K · accepts) / (requests + 1))
/// ```
///
/// by the chapter [Handling Overload](https://sre.google/sre-book/handling-overload/) of Google's book on site reliability
/// engineering. With K = 2 this begins when fewer than half of the requests are accepted. In the book the client drops
/// first attempts too. A budget never rejects a first attempt, so that the client notices when the server recovers.
///
/// | | [`new`](AdaptiveThrottle::new) | [`for_retries`](AdaptiveThrottle::for_retries) |
/// |---|---|---|
/// | [`multiplier`](AdaptiveThrottle::multiplier), K | 2 | 1.1 |
/// | [`window`](AdaptiveThrottle::window) | 2 min | 10 s |
///
/// The book's numbers are for a client that drops first attempts too. For retries alone they come late. After a healthy
/// window, with everything down and `a` attempts for each request, the first retry is rejected after
/// `window · (K - 1) / (a + K - 1)`. That is 40 s with one retry each, and 0.5 s with the numbers of `for_retries`.
/// Simulated, a server with 7 % to spare recovers from an outage of 10 s after 136 s with `new`. With `for_retries` it
/// recovers after 35 s, as without any retry. The price: of calls that fail by 30 %, 97 % succeed with `new`, and 89 %
/// with `for_retries`.
///
/// # Examples
///
/// ```
/// use persevere::budget::{Account, AdaptiveThrottle, Class};
/// use std::time::Duration;
///
/// static BUDGET: AdaptiveThrottle = AdaptiveThrottle::new();
///
/// let now = Duration::from_secs(600);
/// let mut retries = 0;
/// for _ in 0..1000 {
///     let mut account = Account::open(&BUDGET);
///     account.attempt(now);
///     // Everything is down.
///     retries += usize::from(account.withdraw(Class::Transient, now).is_ok());
/// }
/// assert!(BUDGET.rejection_probability(now) > 0.99);
/// assert!(retries < 20);
/// ```
#[derive(Debug)]
pub struct AdaptiveThrottle {
    multiplier: u64,
    seed: u64,
    draws: AtomicU64,
    counters: SlidingCounters<2>,
}

impl AdaptiveThrottle {
    /// A throttle with the defaults of the book: K = 2, over two minutes.
    #[must_use]
    pub const fn new() -> AdaptiveThrottle {
        AdaptiveThrottle {
            multiplier: 2 * ONE,
            seed: 0,
            draws: AtomicU64::new(0),
            counters: SlidingCounters::new(12_000_000_000),
        }
    }

    /// A throttle for retries alone, which reacts within seconds: K = 1.1, over ten seconds.
    ///
    /// # Examples
    ///
    /// ```
    /// use persevere::budget::{Budget, AdaptiveThrottle, Class};
    /// use std::time::Duration;
    ///
    /// static BUDGET: AdaptiveThrottle = AdaptiveThrottle::for_retries();
    ///
    /// let secs = Duration::from_secs;
    /// for second in 0..100 {
    ///     BUDGET.attempted(secs(second));
    ///     BUDGET.succeeded(None, secs(second));
    /// }
    /// for _ in 0..2 {
    ///     BUDGET.attempted(secs(100));
    ///     let _ = BUDGET.withdraw(Class::Transient, secs(100));
    /// }
    /// assert!(BUDGET.rejection_probability(secs(100)) > 0.0, "two failures among ten calls");
    /// ```
    #[must_use]
    pub const fn for_retries() -> AdaptiveThrottle {
        AdaptiveThrottle::new().multiplier(1.1).window(Duration::from_secs(10))
    }

    /// Sets K, the number of requests per accepted request up to which no retry is rejected, to the thousandth.
    ///
    /// ```compile_fail,E0080
    /// use persevere::budget::AdaptiveThrottle;
    ///
    /// static BUDGET: AdaptiveThrottle = AdaptiveThrottle::new().multiplier(0.9);
    /// ```
    ///
    /// # Panics
    ///
    /// If `k` is not within 1.0 and 1000.0, which in a `const` or `static` is a compile error.
    /// [`try_multiplier`](AdaptiveThrottle::try_multiplier) does not panic.
    #[must_use]
    pub const fn multiplier(self, k: f64) -> Self {
        match self.try_multiplier(k) {
            Ok(budget) => budget,
            Err(_) => panic!("invalid retry budget: multiplier must be within 1.0..=1000.0"),
        }
    }

    /// [`multiplier`](AdaptiveThrottle::multiplier) for a number that is read at run time.
    ///
    /// # Errors
    ///
    /// [`InvalidBudget::Multiplier`] if `k` is not within 1.0 and 1000.0.
    pub const fn try_multiplier(mut self, k: f64) -> Result<Self, InvalidBudget> {
        if !(k >= 1.0 && k <= 1000.0) {
            return Err(InvalidBudget::Multiplier(k));
        }
        self.multiplier = (k * ONE as f64 + 0.5) as u64;
        Ok(self)
    }

    /// Sets how long a request counts.
    ///
    /// # Panics
    ///
    /// If `length` is not within 1 s and 1 h, which in a `const` or `static` is a compile error.
    /// [`try_window`](AdaptiveThrottle::try_window) does not panic.
    #[must_use]
    pub const fn window(self, length: Duration) -> Self {
        match self.try_window(length) {
            Ok(budget) => budget,
            Err(_) => panic!("invalid retry budget: window must be within 1 s and 1 h"),
        }
    }

    /// [`window`](AdaptiveThrottle::window) for a number that is read at run time.
    ///
    /// # Errors
    ///
    /// [`InvalidBudget::Window`] if `length` is not within 1 s and 1 h.
    pub const fn try_window(mut self, length: Duration) -> Result<Self, InvalidBudget> {
        match SlidingCounters::<2>::slice_of(length) {
            Ok(slice) => {
                self.counters = SlidingCounters::new(slice);
                Ok(self)
            }
            Err(invalid) => Err(invalid),
        }
    }

    /// Sets the seed of the draws. Budgets with the same seed draw the same numbers, which is harmless, since they count
    /// different requests.
    #[must_use]
    pub const fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Takes over the counts up to `now` of a budget with other settings, which this budget replaces.
    #[doc(hidden)]
    pub fn adopt(&self, other: &AdaptiveThrottle, now: Duration) {
        self.counters.adopt(&other.counters, now);
    }

    /// Returns the probability with which a retry is rejected `now`.
    #[must_use]
    pub fn rejection_probability(&self, now: Duration) -> f64 {
        self.counters.turn(now);
        let (over, all) = self.odds();
        over as f64 / all as f64
    }

    /// The probability of a rejection, as a fraction.
    #[inline]
    fn odds(&self) -> (u64, u64) {
        let (requests, accepts) = (self.counters.sum(REQUESTS), self.counters.sum(ACCEPTS));
        let allowed = accepts.saturating_mul(self.multiplier);
        (
            requests.saturating_mul(ONE).saturating_sub(allowed),
            requests.saturating_add(1).saturating_mul(ONE),
        )
    }

    #[inline]
    fn draw(&self) -> u64 {
        let draw = self.draws.fetch_add(GOLDEN, Ordering::Relaxed);
        Random::seeded(self.seed.wrapping_add(draw)).bits()
    }
}

impl Default for AdaptiveThrottle {
    fn default() -> Self {
        AdaptiveThrottle::new()
    }
}

impl Budget for AdaptiveThrottle {
    #[inline]
    fn attempted(&self, now: Duration) {
        self.counters.turn(now);
        self.counters.add(REQUESTS, 1);
    }

    #[inline]
    fn withdraw(&self, _: Class, now: Duration) -> Option<u32> {
        self.counters.turn(now);
        let (over, all) = self.odds();
        // By multiply and shift, a uniform draw of `all` values. Nothing is drawn if nothing can be rejected.
        if over > 0 && ((u128::from(self.draw()) * u128::from(all)) >> 64) < u128::from(over) {
            self.counters.add(REQUESTS, 1);
            return None;
        }
        Some(1)
    }

    /// Does nothing: a retry counts when it is made.
    #[inline]
    fn give_back(&self, _: u32) {}

    #[inline]
    fn succeeded(&self, _: Option<u32>, now: Duration) {
        self.counters.turn(now);
        self.counters.add(ACCEPTS, 1);
    }

    #[inline]
    fn failed(&self, failure: LastFailure, now: Duration) {
        if failure == LastFailure::Permanent {
            self.counters.turn(now);
            self.counters.add(ACCEPTS, 1);
        }
    }
}
