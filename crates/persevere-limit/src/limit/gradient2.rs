//! A limit by the gradient of response times.

use super::{Limit, are_bounds};
use crate::error::InvalidLimit;
use core::time::Duration;

/// A limit that shrinks when responses take longer than on an idle server, and grows otherwise: Netflix's `Gradient2Limit`,
/// with another baseline.
///
/// ```text
/// gradient = (tolerance * baseline / rtt) within 0.5 and 1
/// limit    = 0.8 * limit + 0.2 * (limit * gradient + queue)
/// ```
///
/// A window in which less than half of the limit is in use changes nothing. A baseline of more than twice the response time
/// shrinks by a twentieth.
///
/// | | | source |
/// |---|---|---|
/// | starts at | 20 | concurrency-limits, `Gradient2Limit` |
/// | bounds | 1 to 200 | 20 to 200 there |
/// | smoothing | 0.2 | the same |
/// | queue | 4 | the same |
/// | tolerance | 1 | 1.5 there |
/// | baseline | measured at half of the limit, in 2 of 40 windows, or of 10 while it is far off | there the average of 600 windows |
///
/// An average over the response times of an overload becomes as long as they are, after which the limit grows again until
/// the server fails. So this limit measures its baseline as Vegas does: it halves itself for two windows, in which the
/// queue of the server drains. With a baseline of an idle server no tolerance is needed. The limit settles at the
/// number of calls that the server works on, plus the queue.
///
/// In `update`, `dropped` counts as the least gradient.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Gradient2 {
    limit: f64,
    lowest: u32,
    highest: u32,
    tolerance: f64,
    /// The response time of an idle server in nanoseconds; 0 if it is unknown.
    baseline: f64,
    /// The windows until the baseline is measured, and then until it has been.
    windows_left: u32,
    phase: Phase,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Phase {
    Following,
    Draining,
    Measuring,
}

const SMOOTHING: f64 = 0.2;
const QUEUE: f64 = 4.0;
const LEAST_GRADIENT: f64 = 0.5;
/// The weight of a window without load in the baseline.
const LEARNING: f64 = 0.1;
/// How many windows follow a measurement of the baseline, and how many if it was far off, as at the start.
const WINDOWS: u32 = 38;
const SOON: u32 = 8;

impl Gradient2 {
    /// The settings of the table.
    #[must_use]
    pub const fn new() -> Gradient2 {
        Gradient2 {
            limit: 20.0,
            lowest: 1,
            highest: 200,
            tolerance: 1.0,
            baseline: 0.0,
            windows_left: SOON,
            phase: Phase::Following,
        }
    }

    /// The least and the greatest limit. The limit starts at 20, or at the nearer bound.
    ///
    /// # Panics
    ///
    /// If they are not within 1 and 1,000,000 and in order. See [`try_bounds`](Gradient2::try_bounds).
    #[must_use]
    pub const fn bounds(self, lowest: u32, highest: u32) -> Gradient2 {
        match self.try_bounds(lowest, highest) {
            Ok(limit) => limit,
            Err(_) => panic!("invalid adaptive limit: bounds must be within 1..=1000000 and in order"),
        }
    }

    /// [`bounds`](Gradient2::bounds), without a panic.
    ///
    /// # Errors
    ///
    /// [`InvalidLimit::Bounds`] if they are not within 1 and 1,000,000 and in order.
    pub const fn try_bounds(mut self, lowest: u32, highest: u32) -> Result<Gradient2, InvalidLimit> {
        if !are_bounds(lowest, highest) {
            return Err(InvalidLimit::Bounds(lowest, highest));
        }
        self.lowest = lowest;
        self.highest = highest;
        self.limit = self.limit.clamp(lowest as f64, highest as f64);
        Ok(self)
    }

    /// By how much responses may take longer than on an idle server before the limit shrinks. 1.5 accepts a queue of half
    /// of what the server works on.
    ///
    /// # Panics
    ///
    /// If it is not within 1 and 10. See [`try_tolerance`](Gradient2::try_tolerance).
    #[must_use]
    pub const fn tolerance(self, tolerance: f64) -> Gradient2 {
        match self.try_tolerance(tolerance) {
            Ok(limit) => limit,
            Err(_) => panic!("invalid adaptive limit: tolerance must be within 1.0..=10.0"),
        }
    }

    /// [`tolerance`](Gradient2::tolerance), without a panic.
    ///
    /// # Errors
    ///
    /// [`InvalidLimit::Tolerance`] if it is not within 1 and 10.
    pub const fn try_tolerance(mut self, tolerance: f64) -> Result<Gradient2, InvalidLimit> {
        if !(tolerance >= 1.0 && tolerance <= 10.0) {
            return Err(InvalidLimit::Tolerance(tolerance));
        }
        self.tolerance = tolerance;
        Ok(self)
    }

    fn follow(&mut self, rtt: f64, dropped: bool) {
        if self.baseline > 2.0 * rtt {
            self.baseline *= 0.95;
        }
        let gradient = if dropped {
            LEAST_GRADIENT
        } else {
            (self.tolerance * self.baseline / rtt).clamp(LEAST_GRADIENT, 1.0)
        };
        let next = self.limit * gradient + QUEUE;
        let limit = self.limit * (1.0 - SMOOTHING) + next * SMOOTHING;
        self.limit = limit.clamp(f64::from(self.lowest), f64::from(self.highest));
    }

    /// Goes on to the next phase after a window under load.
    fn turn(&mut self, rtt: f64) {
        self.windows_left = self.windows_left.saturating_sub(1);
        match self.phase {
            Phase::Following if self.windows_left == 0 => self.phase = Phase::Draining,
            Phase::Following => {}
            Phase::Draining => self.phase = Phase::Measuring,
            Phase::Measuring => {
                // Half of a limit that was far too high is too high as well, so the next measurement comes soon.
                let is_settled = rtt > 0.9 * self.baseline;
                self.windows_left = if is_settled { WINDOWS } else { SOON };
                self.baseline = rtt.min(f64::midpoint(self.baseline, rtt));
                self.phase = Phase::Following;
            }
        }
    }
}

impl Default for Gradient2 {
    fn default() -> Gradient2 {
        Gradient2::new()
    }
}

impl Limit for Gradient2 {
    fn update(&mut self, rtt: Duration, in_flight: u32, dropped: bool) -> u32 {
        // At least a nanosecond, so that it can be a divisor.
        let rtt = (rtt.as_nanos() as f64).max(1.0);
        if self.baseline == 0.0 {
            self.baseline = rtt;
        }
        if f64::from(in_flight) * 2.0 < f64::from(self.limit()) && !dropped {
            self.baseline += LEARNING * (rtt - self.baseline);
        } else {
            if self.phase == Phase::Following || dropped {
                self.follow(rtt, dropped);
            }
            self.turn(rtt);
        }
        self.limit()
    }

    fn limit(&self) -> u32 {
        let limit = match self.phase {
            Phase::Following => self.limit,
            Phase::Draining | Phase::Measuring => (self.limit / 2.0).max(1.0),
        };
        (limit as u32).max(self.lowest)
    }
}
