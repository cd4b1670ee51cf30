//! A retry for so many successes, over a window, with a reserve.

use crate::error::InvalidBudget;
use crate::window::Window;
use core::time::Duration;
use persevere_core::budget::Budget;
use persevere_core::budget::Class;

/// A retry, in millionths.
const RETRY: u64 = 1_000_000;

/// So many retries for each success within a window of time, and a few more where there is little traffic.
///
/// Each run that succeeds deposits `ratio` of a retry; each retry withdraws one. Both fall out of the window when they are
/// too old, so that credit of a good night cannot be spent in a bad morning. Beyond what was deposited, `reserve` retries
/// are let through in any window, so that a program with one request a minute can retry at all. It is the budget of
/// [Finagle](https://twitter.github.io/finagle/guide/Clients.html#retries), and its defaults are from there:
///
/// | | unless set | |
/// |---|---|---|
/// | [`ratio`](WindowedRatio::ratio) | 0.2 | a retry for five successes |
/// | [`reserve`](WindowedRatio::reserve) | 100 | ten a second |
/// | [`window`](WindowedRatio::window) | 10 s | |
///
/// A ratio is exact, to the millionth: 0.6 is 60 %. Whichever threads ask when, a retry is let through only if those in the
/// window are then at most the ratio of the successes in it plus the reserve.
///
/// The window turns in ten slices. A retry that was withdrawn and then not made is not given back: like all others it falls
/// out of the window, and given back later than that it would be there twice.
///
/// ```
/// use persevere_budget::WindowedRatio;
/// use std::time::Duration;
///
/// static BUDGET: WindowedRatio = WindowedRatio::new().ratio(0.6).reserve(0);
///
/// let now = Duration::from_secs(7);
/// for _ in 0..1000 {
///     BUDGET.deposit(now);
/// }
/// assert_eq!((0..1000).filter(|_| BUDGET.try_withdraw(now)).count(), 600);
/// ```
#[derive(Debug)]
pub struct WindowedRatio {
    /// What a success deposits, in millionths of a retry.
    credit: u64,
    reserve: u64,
    /// One counter: deposits less withdrawals.
    window: Window<1>,
}

impl WindowedRatio {
    /// The defaults of Finagle.
    #[must_use]
    pub const fn new() -> WindowedRatio {
        WindowedRatio {
            credit: RETRY / 5,
            reserve: 100 * RETRY,
            window: Window::new(1_000_000_000),
        }
    }

    /// How many retries a success deposits. It is kept to the millionth.
    ///
    /// ```compile_fail,E0080
    /// use persevere_budget::WindowedRatio;
    ///
    /// static BUDGET: WindowedRatio = WindowedRatio::new().ratio(f64::NAN);
    /// ```
    ///
    /// # Panics
    ///
    /// If `ratio` is neither 0.0 nor within a millionth and a thousand, or 0.0 without a reserve, which in a `const` or
    /// `static` is a compile error.
    #[must_use]
    pub const fn ratio(self, ratio: f64) -> Self {
        match self.try_ratio(ratio) {
            Ok(budget) => budget,
            Err(InvalidBudget::Empty) => panic!("invalid retry budget: with a ratio of 0.0 there must be a reserve"),
            Err(_) => panic!("invalid retry budget: the ratio must be 0.0 or within 0.000001..=1000.0"),
        }
    }

    /// [`ratio`](WindowedRatio::ratio) for a number that comes from outside.
    ///
    /// # Errors
    ///
    /// [`InvalidBudget::Ratio`] or [`InvalidBudget::Empty`].
    pub const fn try_ratio(mut self, ratio: f64) -> Result<Self, InvalidBudget> {
        if !(ratio == 0.0 || (ratio >= 1.0 / RETRY as f64 && ratio <= 1000.0)) {
            return Err(InvalidBudget::Ratio(ratio));
        }
        self.credit = (ratio * RETRY as f64 + 0.5) as u64;
        self.checked()
    }

    /// How many retries there may be in any window beyond what was deposited.
    ///
    /// # Panics
    ///
    /// If it is 0 and the ratio is 0.0, which in a `const` or `static` is a compile error.
    #[must_use]
    pub const fn reserve(self, retries: u32) -> Self {
        match self.try_reserve(retries) {
            Ok(budget) => budget,
            Err(_) => panic!("invalid retry budget: with a ratio of 0.0 there must be a reserve"),
        }
    }

    /// [`reserve`](WindowedRatio::reserve) for a number that comes from outside.
    ///
    /// # Errors
    ///
    /// [`InvalidBudget::Empty`].
    pub const fn try_reserve(mut self, retries: u32) -> Result<Self, InvalidBudget> {
        self.reserve = retries as u64 * RETRY;
        self.checked()
    }

    /// How long a deposit and a withdrawal count.
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

    /// [`window`](WindowedRatio::window) for a number that comes from outside.
    ///
    /// # Errors
    ///
    /// [`InvalidBudget::Window`].
    pub const fn try_window(mut self, length: Duration) -> Result<Self, InvalidBudget> {
        match Window::<1>::slice_of(length) {
            Ok(slice) => {
                self.window = Window::new(slice);
                Ok(self)
            }
            Err(invalid) => Err(invalid),
        }
    }

    const fn checked(self) -> Result<Self, InvalidBudget> {
        if self.credit == 0 && self.reserve == 0 {
            return Err(InvalidBudget::Empty);
        }
        Ok(self)
    }

    /// Deposits what a success is worth.
    #[inline]
    pub fn deposit(&self, now: Duration) {
        self.window.turn(now);
        self.window.add(0, self.credit);
    }

    /// Withdraws a retry, if there is one.
    #[inline]
    #[must_use = "a retry may be made only if this says so"]
    pub fn try_withdraw(&self, now: Duration) -> bool {
        self.window.turn(now);
        self.window.take(0, RETRY, self.reserve)
    }

    /// How many retries would be let through now.
    #[must_use]
    pub fn balance(&self, now: Duration) -> u64 {
        self.window.turn(now);
        // Below zero for a moment, when deposits have fallen out of the window before the retries they paid for.
        let left = self.window.sum(0).wrapping_add(self.reserve) as i64;
        u64::try_from(left).map_or(0, |left| left / RETRY)
    }

    /// Makes the budget known to the model checker before it is shared.
    #[cfg(feature = "loom")]
    pub fn touch(&self) {
        self.window.touch();
    }
}

impl Default for WindowedRatio {
    fn default() -> Self {
        WindowedRatio::new()
    }
}

impl Budget for WindowedRatio {
    #[inline]
    fn withdraw(&self, _: Class, now: Duration) -> Option<u32> {
        self.try_withdraw(now).then_some(1)
    }

    #[inline]
    fn give_back(&self, _: u32) {}

    #[inline]
    fn succeeded(&self, _: Option<u32>, now: Duration) {
        self.deposit(now);
    }
}
