//! A share of the calls.

use crate::error::InvalidBreaker;

/// A share of calls, above none and at most all: the failure rate at which a window opens the breaker, and the fewest
/// calls that say anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// In units of 2^-32, rounded down, so that a rate that is met exactly counts as met.
    ratio: u64,
    minimum: u32,
}

impl Rate {
    pub(super) const fn try_new(rate: f64, minimum: u32) -> Result<Rate, InvalidBreaker> {
        if !(rate > 0.0 && rate <= 1.0) {
            return Err(InvalidBreaker::Rate(rate));
        }
        if minimum == 0 {
            return Err(InvalidBreaker::Minimum);
        }
        Ok(Rate {
            ratio: (rate * (1_u64 << 32) as f64) as u64,
            minimum,
        })
    }

    pub(super) const fn minimum(self) -> u32 {
        self.minimum
    }

    /// Whether `failures` of `calls` are too many.
    #[inline]
    pub(super) const fn is_reached(self, failures: u32, calls: u32) -> bool {
        calls >= self.minimum && failures > 0 && (failures as u64) << 32 >= self.ratio.saturating_mul(calls as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_that_is_met_exactly_is_reached() {
        for calls in 1..=1000_u32 {
            for percent in 1..=100_u32 {
                let rate = Rate::try_new(f64::from(percent) / 100.0, 1).unwrap();
                let enough = (percent * calls).div_ceil(100);
                assert!(rate.is_reached(enough, calls), "{enough} of {calls} at {percent} %");
                let less = enough - 1;
                assert!(!rate.is_reached(less, calls), "{less} of {calls} at {percent} %");
            }
        }
    }

    #[test]
    fn a_tiny_rate_is_reached_by_failures_alone() {
        let rate = Rate::try_new(f64::MIN_POSITIVE, 1).unwrap();
        assert_eq!((rate.is_reached(0, 9), rate.is_reached(1, u32::MAX)), (false, true));
    }

    #[test]
    fn numbers_that_are_no_rate_are_refused() {
        for rate in [0.0, -0.1, 1.000_001, f64::NAN, f64::INFINITY] {
            assert!(matches!(Rate::try_new(rate, 1), Err(InvalidBreaker::Rate(_))), "{rate}");
        }
        assert_eq!(Rate::try_new(0.5, 0), Err(InvalidBreaker::Minimum));
    }
}
