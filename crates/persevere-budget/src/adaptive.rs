//! Adaptive throttling: the fewer requests are accepted, the fewer retries are made.

use crate::error::InvalidBudget;
use crate::window::Window;
use crate::word::{Ordering, Word};
use core::time::Duration;
use persevere_core::Random;
use persevere_core::budget::Budget;
use persevere_core::budget::{Class, LastFailure};

const REQUESTS: usize = 0;
const ACCEPTS: usize = 1;

/// One, in what the multiplier is kept in.
const ONE: u64 = 1000;

/// 2^64 divided by the golden ratio, made odd: its multiples are spread evenly over 64 bits.
const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

/// Refuses retries by chance, the more of them the fewer requests the server accepts.
///
/// Over the last two minutes the budget counts `requests`, which are all attempts and the retries that it refused itself,
/// and `accepts`, which are the attempts that the server dealt with: successes and permanent failures. It refuses a retry
/// with the probability
///
/// ```text
/// max(0, (requests - K · accepts) / (requests + 1))
/// ```
///
/// as the chapter [Handling Overload](https://sre.google/sre-book/handling-overload/) of Google's book on site reliability
/// engineering has it. With K = 2 it begins when less than half of the requests are accepted. There the client drops first
/// attempts as well; a budget is never asked for those, so that there is always something to find the server back by.
///
/// | | unless set |
/// |---|---|
/// | [`multiplier`](AdaptiveThrottle::multiplier), K | 2 |
/// | [`window`](AdaptiveThrottle::window) | 2 min |
///
/// ```
/// use persevere_budget::{Account, AdaptiveThrottle, Class};
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
/// assert!(BUDGET.refusal_probability(now) > 0.99);
/// assert!(retries < 20);
/// ```
#[derive(Debug)]
pub struct AdaptiveThrottle {
    multiplier: u64,
    seed: u64,
    draws: Word,
    window: Window<2>,
}

impl AdaptiveThrottle {
    /// The numbers of the book: K = 2, over two minutes.
    #[must_use]
    pub const fn new() -> AdaptiveThrottle {
        AdaptiveThrottle {
            multiplier: 2 * ONE,
            seed: 0,
            draws: Word::new(0),
            window: Window::new(12_000_000_000),
        }
    }

    /// K: how many requests there may be for each that is accepted. It is kept to the thousandth.
    ///
    /// ```compile_fail,E0080
    /// use persevere_budget::AdaptiveThrottle;
    ///
    /// static BUDGET: AdaptiveThrottle = AdaptiveThrottle::new().multiplier(0.9);
    /// ```
    ///
    /// # Panics
    ///
    /// If it is not within 1 and 1000, which in a `const` or `static` is a compile error.
    #[must_use]
    pub const fn multiplier(self, k: f64) -> Self {
        match self.try_multiplier(k) {
            Ok(budget) => budget,
            Err(_) => panic!("invalid retry budget: the multiplier must be within 1.0..=1000.0"),
        }
    }

    /// [`multiplier`](AdaptiveThrottle::multiplier) for a number that comes from outside.
    ///
    /// # Errors
    ///
    /// [`InvalidBudget::Multiplier`].
    pub const fn try_multiplier(mut self, k: f64) -> Result<Self, InvalidBudget> {
        if !(k >= 1.0 && k <= 1000.0) {
            return Err(InvalidBudget::Multiplier(k));
        }
        self.multiplier = (k * ONE as f64 + 0.5) as u64;
        Ok(self)
    }

    /// How long requests count.
    ///
    /// # Panics
    ///
    /// If it is less than a second or more than an hour, which in a `const` or `static` is a compile error.
    #[must_use]
    pub const fn window(self, length: Duration) -> Self {
        match self.try_window(length) {
            Ok(budget) => budget,
            Err(_) => panic!("invalid retry budget: the window must be within 1 s and 1 h"),
        }
    }

    /// [`window`](AdaptiveThrottle::window) for a number that comes from outside.
    ///
    /// # Errors
    ///
    /// [`InvalidBudget::Window`].
    pub const fn try_window(mut self, length: Duration) -> Result<Self, InvalidBudget> {
        match Window::<2>::slice_of(length) {
            Ok(slice) => {
                self.window = Window::new(slice);
                Ok(self)
            }
            Err(invalid) => Err(invalid),
        }
    }

    /// Where the random numbers begin. Budgets with one seed draw the same numbers, which does no harm, since what they
    /// draw them for differs.
    #[must_use]
    pub const fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// The probability with which a retry would be refused now.
    #[must_use]
    pub fn refusal_probability(&self, now: Duration) -> f64 {
        self.window.turn(now);
        let (over, all) = self.odds();
        over as f64 / all as f64
    }

    /// The probability, as a fraction.
    #[inline]
    fn odds(&self) -> (u64, u64) {
        let (requests, accepts) = (self.window.sum(REQUESTS), self.window.sum(ACCEPTS));
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

    /// Makes the budget known to the model checker before it is shared.
    #[cfg(feature = "loom")]
    pub fn touch(&self) {
        self.draws.load(Ordering::Relaxed);
        self.window.touch();
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
        self.window.turn(now);
        self.window.add(REQUESTS, 1);
    }

    #[inline]
    fn withdraw(&self, _: Class, now: Duration) -> Option<u32> {
        self.window.turn(now);
        let (over, all) = self.odds();
        // By multiply and shift: `all` values, each as likely as the other. Nothing is drawn where nothing can be refused.
        if over > 0 && ((u128::from(self.draw()) * u128::from(all)) >> 64) < u128::from(over) {
            self.window.add(REQUESTS, 1);
            return None;
        }
        Some(1)
    }

    /// Nothing: a retry counts when it is made.
    #[inline]
    fn give_back(&self, _: u32) {}

    #[inline]
    fn succeeded(&self, _: Option<u32>, now: Duration) {
        self.window.turn(now);
        self.window.add(ACCEPTS, 1);
    }

    #[inline]
    fn failed(&self, failure: LastFailure, now: Duration) {
        if failure == LastFailure::Permanent {
            self.window.turn(now);
            self.window.add(ACCEPTS, 1);
        }
    }
}
