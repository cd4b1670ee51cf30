//! Additive increase, multiplicative decrease.

use super::{Limit, are_bounds};
use crate::error::InvalidLimit;
use core::time::Duration;

/// A limit that grows by 1 while it is in use, and shrinks by a tenth when a call is dropped or takes too long. It is
/// Netflix's `AIMDLimit`.
///
/// | | | source |
/// |---|---|---|
/// | starts at | 20 | concurrency-limits, `AIMDLimit` |
/// | bounds | 20 to 200 | the same |
/// | decrease | to 0.9 of the limit | the same |
/// | slowest | 5 s | the same |
///
/// It needs no knowledge of the usual response time. It finds the limit by exceeding it, so give it a `slowest` that
/// callers can bear.
///
/// ```
/// use persevere::limit::{Aimd, Limit};
/// use std::time::Duration;
///
/// let mut limit = Aimd::new().slowest(Duration::from_millis(200));
/// assert_eq!(limit.update(Duration::from_millis(50), 20, false), 21);
/// assert_eq!(limit.update(Duration::from_millis(50), 3, false), 21, "not in use");
/// assert_eq!(limit.bounds(1, 100).update(Duration::from_millis(250), 20, false), 18);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Aimd {
    limit: f64,
    lowest: u32,
    highest: u32,
    slowest: Duration,
}

impl Aimd {
    /// The settings of the table.
    #[must_use]
    pub const fn new() -> Aimd {
        Aimd {
            limit: 20.0,
            lowest: 20,
            highest: 200,
            slowest: Duration::from_secs(5),
        }
    }

    /// The least and the greatest limit. The limit starts at 20, or at the nearer bound.
    ///
    /// # Panics
    ///
    /// If they are not within 1 and 1,000,000 and in order. See [`try_bounds`](Aimd::try_bounds).
    #[must_use]
    pub const fn bounds(self, lowest: u32, highest: u32) -> Aimd {
        match self.try_bounds(lowest, highest) {
            Ok(limit) => limit,
            Err(_) => panic!("invalid adaptive limit: bounds must be within 1..=1000000 and in order"),
        }
    }

    /// [`bounds`](Aimd::bounds), without a panic.
    ///
    /// # Errors
    ///
    /// [`InvalidLimit::Bounds`] if they are not within 1 and 1,000,000 and in order.
    pub const fn try_bounds(mut self, lowest: u32, highest: u32) -> Result<Aimd, InvalidLimit> {
        if !are_bounds(lowest, highest) {
            return Err(InvalidLimit::Bounds(lowest, highest));
        }
        self.lowest = lowest;
        self.highest = highest;
        self.limit = self.limit.clamp(lowest as f64, highest as f64);
        Ok(self)
    }

    /// The response time above which the limit shrinks.
    ///
    /// # Panics
    ///
    /// If it is zero. See [`try_slowest`](Aimd::try_slowest).
    #[must_use]
    pub const fn slowest(self, slowest: Duration) -> Aimd {
        match self.try_slowest(slowest) {
            Ok(limit) => limit,
            Err(_) => panic!("invalid adaptive limit: slowest must be longer than zero"),
        }
    }

    /// [`slowest`](Aimd::slowest), without a panic.
    ///
    /// # Errors
    ///
    /// [`InvalidLimit::Slowest`] if it is zero.
    pub const fn try_slowest(mut self, slowest: Duration) -> Result<Aimd, InvalidLimit> {
        if slowest.is_zero() {
            return Err(InvalidLimit::Slowest);
        }
        self.slowest = slowest;
        Ok(self)
    }
}

impl Default for Aimd {
    fn default() -> Aimd {
        Aimd::new()
    }
}

impl Limit for Aimd {
    fn update(&mut self, rtt: Duration, in_flight: u32, dropped: bool) -> u32 {
        if dropped || rtt > self.slowest {
            self.limit *= 0.9;
        } else if f64::from(in_flight) * 2.0 >= self.limit {
            self.limit += 1.0;
        }
        self.limit = self.limit.clamp(f64::from(self.lowest), f64::from(self.highest));
        self.limit()
    }

    fn limit(&self) -> u32 {
        self.limit as u32
    }
}
