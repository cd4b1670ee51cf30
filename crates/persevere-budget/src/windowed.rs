//! Retries in proportion to successes, over a window, with a reserve.

use crate::error::InvalidBudget;
use crate::returned::Returned;
use crate::sliding_counters::SlidingCounters;
use core::time::Duration;
use persevere_core::budget::{Budget, Class, Exhausted};

/// A retry, in millionths.
const RETRY: u64 = 1_000_000;

/// Allows retries in proportion to the successes within a window, and a reserve of retries where there is little traffic.
///
/// Each run that succeeds deposits `ratio` of a retry. Each retry withdraws one. Both expire with the window, so that the
/// credit of a good night cannot be spent in a bad morning. Beyond the deposits, `reserve` retries are allowed in any
/// window, so that a program with one request per minute can retry at all. It is the budget of
/// [Finagle](https://twitter.github.io/finagle/guide/Clients.html#retries), with its defaults:
///
/// | | default | |
/// |---|---|---|
/// | [`ratio`](WindowedRatio::ratio) | 0.2 | one retry per five successes |
/// | [`reserve`](WindowedRatio::reserve) | 100 | ten per second |
/// | [`window`](WindowedRatio::window) | 10 s | |
///
/// The ratio is exact to the millionth: 0.6 is 60 %. At any interleaving of threads, the retries in the window are at most
/// the ratio of its successes plus the reserve.
///
/// # The size of the fleet
///
/// A budget is kept by each process, so its reserve grows with the fleet. A server that failed for a while comes back if
/// the most that its clients can send is less than what it serves:
///
/// ```text
/// demand · (1 + ratio) + processes · reserve / window < capacity
/// ```
///
/// Above it, retries can keep a server overloaded for good after the cause has gone. One hundred processes with the
/// defaults may make 1,000 retries per second whatever the success. At 2.8 calls per second each, that is no limit at
/// all. Simulated with one retry against a server with 7 % to spare, an outage of 10 s never ends, at twice the demand.
/// [`highest_load`](WindowedRatio::highest_load) is the left side of the rule, and
/// [`for_fleet`](WindowedRatio::for_fleet) divides the reserve. `persevere-sim` shows what a policy does in an outage.
///
/// # Details
///
/// The window moves in ten slices. A retry may be withdrawn and then not made, since its run is dropped while it waits.
/// It is given back if this happens within the slice of the withdrawal. Given back later it could count twice, so it
/// expires with the window, like every retry.
///
/// # Examples
///
/// ```
/// use persevere::budget::WindowedRatio;
/// use std::time::Duration;
///
/// static BUDGET: WindowedRatio = WindowedRatio::new().ratio(0.6).reserve(0);
///
/// let now = Duration::from_secs(7);
/// for _ in 0..1000 {
///     BUDGET.deposit(now);
/// }
/// assert_eq!((0..1000).filter(|_| BUDGET.withdraw(now).is_ok()).count(), 600);
/// ```
#[derive(Debug)]
#[doc(alias("retry budget", "TpsBudget"))]
pub struct WindowedRatio {
    /// The deposit of a success, in millionths of a retry.
    credit: u64,
    /// In millionths of a retry.
    reserve: u64,
    /// One counter: deposits less withdrawals.
    counters: SlidingCounters<1>,
    returned: Returned,
}

impl WindowedRatio {
    /// A budget with the defaults of Finagle.
    #[must_use]
    pub const fn new() -> WindowedRatio {
        WindowedRatio {
            credit: RETRY / 5,
            reserve: 100 * RETRY,
            counters: SlidingCounters::new(1_000_000_000),
            returned: Returned::new(),
        }
    }

    /// A budget for each of the given number of processes that call one service. It has the defaults of Finagle, with
    /// the reserve divided among the processes. 0 counts as 1.
    ///
    /// # Examples
    ///
    /// ```
    /// use persevere::budget::WindowedRatio;
    ///
    /// static BUDGET: WindowedRatio = WindowedRatio::for_fleet(100).ratio(0.02);
    ///
    /// // 280 calls per second of a service that serves 300.
    /// assert!(BUDGET.highest_load(280.0, 100) < 300.0);
    /// assert!(WindowedRatio::new().ratio(0.02).highest_load(280.0, 100) > 1000.0);
    /// ```
    #[must_use]
    pub const fn for_fleet(processes: u32) -> WindowedRatio {
        let mut budget = WindowedRatio::new();
        budget.reserve /= if processes == 0 { 1 } else { processes as u64 };
        budget
    }

    /// Returns the most calls per second that the given number of processes send, retries included:
    /// `demand · (1 + ratio) + processes · reserve / window`. `demand` is in calls per second of all processes
    /// together. Where the result is less than the capacity of the server, retries do not keep it overloaded.
    #[must_use]
    pub fn highest_load(&self, demand: f64, processes: u32) -> f64 {
        let ratio = self.credit as f64 / RETRY as f64;
        let reserve = self.reserve as f64 / RETRY as f64;
        let window = self.counters.window().as_secs_f64();
        demand * (1.0 + ratio) + f64::from(processes) * reserve / window
    }

    /// Sets how many retries a success deposits, to the millionth. With a ratio of 0.0 there is the reserve alone, and
    /// without a reserve too there are no retries.
    ///
    /// # Panics
    ///
    /// If `ratio` is neither 0.0 nor within 0.000001 and 1000.0, which in a `const` or `static` is a compile error.
    /// [`try_ratio`](WindowedRatio::try_ratio) does not panic.
    ///
    /// # Examples
    ///
    /// ```compile_fail,E0080
    /// use persevere::budget::WindowedRatio;
    ///
    /// static BUDGET: WindowedRatio = WindowedRatio::new().ratio(f64::NAN);
    /// ```
    #[must_use]
    pub const fn ratio(self, ratio: f64) -> Self {
        match self.try_ratio(ratio) {
            Ok(budget) => budget,
            Err(_) => panic!("invalid retry budget: ratio must be 0.0 or within 0.000001..=1000.0"),
        }
    }

    /// [`ratio`](WindowedRatio::ratio) for a number that is read at run time.
    ///
    /// # Errors
    ///
    /// [`InvalidBudget::Ratio`] if `ratio` is neither 0.0 nor within 0.000001 and 1000.0.
    pub const fn try_ratio(mut self, ratio: f64) -> Result<Self, InvalidBudget> {
        if !(ratio == 0.0 || (ratio >= 1.0 / RETRY as f64 && ratio <= 1000.0)) {
            return Err(InvalidBudget::Ratio(ratio));
        }
        self.credit = (ratio * RETRY as f64 + 0.5) as u64;
        Ok(self)
    }

    /// Sets how many retries are allowed in any window beyond the deposits.
    #[must_use]
    pub const fn reserve(mut self, retries: u32) -> Self {
        self.reserve = retries as u64 * RETRY;
        self
    }

    /// Sets how long a deposit and a withdrawal count.
    ///
    /// # Panics
    ///
    /// If `length` is not within 1 s and 1 h, which in a `const` or `static` is a compile error.
    /// [`try_window`](WindowedRatio::try_window) does not panic.
    #[must_use]
    pub const fn window(self, length: Duration) -> Self {
        match self.try_window(length) {
            Ok(budget) => budget,
            Err(_) => panic!("invalid retry budget: window must be within 1 s and 1 h"),
        }
    }

    /// [`window`](WindowedRatio::window) for a length that is read at run time.
    ///
    /// # Errors
    ///
    /// [`InvalidBudget::Window`] if `length` is not within 1 s and 1 h.
    pub const fn try_window(mut self, length: Duration) -> Result<Self, InvalidBudget> {
        match SlidingCounters::<1>::slice_of(length) {
            Ok(slice) => {
                self.counters = SlidingCounters::new(slice);
                Ok(self)
            }
            Err(invalid) => Err(invalid),
        }
    }

    /// Deposits the credit of a success.
    #[inline]
    pub fn deposit(&self, now: Duration) {
        self.turn(now);
        self.counters.add(0, self.credit);
    }

    /// Withdraws a retry.
    ///
    /// # Errors
    ///
    /// [`Exhausted`] if no retry is available.
    #[inline]
    pub fn withdraw(&self, now: Duration) -> Result<(), Exhausted> {
        self.withdraw_from_slice(now).map(|_| ()).ok_or(Exhausted)
    }

    /// Withdraws a retry, and returns the slice in which it can be given back.
    #[inline]
    fn withdraw_from_slice(&self, now: Duration) -> Option<u32> {
        self.turn(now);
        // Read before: if the window turns meanwhile, the retry belongs to a later slice, and cannot be given back.
        let (slice, returned) = self.returned.get();
        if returned > 0 && self.returned.take(slice) {
            return Some(slice);
        }
        self.counters.take(0, RETRY, self.reserve).then_some(slice)
    }

    /// Adds the retries that were given back, before the window turns to another slice.
    #[inline]
    fn turn(&self, now: Duration) {
        self.counters.turn_after(now, |slice| {
            let returned = self.returned.turn_to(slice as u32);
            self.counters.add(0, u64::from(returned) * RETRY);
        });
    }

    /// Takes over the counts up to `now` of a budget with other settings, which this budget replaces.
    #[doc(hidden)]
    pub fn adopt(&self, other: &WindowedRatio, now: Duration) {
        other.turn(now);
        let (_, returned) = other.returned.get();
        self.counters.adopt(&other.counters, now);
        self.counters.add(0, u64::from(returned) * RETRY);
    }

    /// Returns how many retries are available `now`.
    #[must_use]
    pub fn available(&self, now: Duration) -> u64 {
        self.turn(now);
        // Below zero if deposits have expired before the retries that they paid for.
        let left = self.counters.sum(0).wrapping_add(self.reserve) as i64;
        let (_, returned) = self.returned.get();
        u64::try_from(left).map_or(0, |left| left / RETRY) + u64::from(returned)
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
        self.withdraw_from_slice(now)
    }

    #[inline]
    fn give_back(&self, slice: u32) {
        self.returned.add(slice);
    }

    #[inline]
    fn succeeded(&self, _: Option<u32>, now: Duration) {
        self.deposit(now);
    }
}
