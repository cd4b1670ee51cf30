//! A failure rate with a minimum of calls.

use crate::error::InvalidBreaker;

/// The failure rate at which a window opens the breaker, and the fewest calls for which a rate is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rate {
    /// In units of 2^-32, rounded down, so that a rate that is met exactly is reached.
    ratio: u64,
    minimum: u32,
}

impl Rate {
    pub(super) const DEFAULT: Rate = Rate {
        ratio: 1 << 31,
        minimum: 20,
    };

    pub(super) const fn try_rate(self, rate: f64) -> Result<Rate, InvalidBreaker> {
        if !(rate > 0.0 && rate <= 1.0) {
            return Err(InvalidBreaker::Rate(rate));
        }
        Ok(Rate {
            ratio: (rate * (1_u64 << 32) as f64) as u64,
            ..self
        })
    }

    pub(super) const fn try_minimum(self, minimum: u32) -> Result<Rate, InvalidBreaker> {
        if minimum == 0 {
            return Err(InvalidBreaker::Minimum);
        }
        Ok(Rate { minimum, ..self })
    }

    pub(super) const fn minimum(self) -> u32 {
        self.minimum
    }

    /// Whether `failures` of `calls` reach the rate.
    #[inline]
    pub(super) const fn is_reached(self, failures: u32, calls: u32) -> bool {
        calls >= self.minimum && failures > 0 && (failures as u64) << 32 >= self.ratio.saturating_mul(calls as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate(rate: f64) -> Rate {
        Rate::DEFAULT.try_rate(rate).unwrap().try_minimum(1).unwrap()
    }

    #[test]
    fn rate_met_exactly_is_reached() {
        for calls in 1..=1000_u32 {
            for percent in 1..=100_u32 {
                let rate = rate(f64::from(percent) / 100.0);
                let enough = (percent * calls).div_ceil(100);
                assert!(rate.is_reached(enough, calls), "{enough} of {calls} at {percent} %");
                let less = enough - 1;
                assert!(!rate.is_reached(less, calls), "{less} of {calls} at {percent} %");
            }
        }
    }

    #[test]
    fn tiny_rate_is_reached_by_failures_alone() {
        let rate = rate(f64::MIN_POSITIVE);
        assert_eq!((rate.is_reached(0, 9), rate.is_reached(1, u32::MAX)), (false, true));
    }

    #[test]
    fn default_is_half() {
        assert_eq!(Rate::DEFAULT.try_rate(0.5), Ok(Rate::DEFAULT));
    }

    #[test]
    fn invalid_rate_is_rejected() {
        for rate in [0.0, -0.1, 1.000_001, f64::NAN, f64::INFINITY] {
            let invalid = Rate::DEFAULT.try_rate(rate);
            assert!(matches!(invalid, Err(InvalidBreaker::Rate(_))), "{rate}");
        }
        assert_eq!(Rate::DEFAULT.try_minimum(0), Err(InvalidBreaker::Minimum));
    }
}
