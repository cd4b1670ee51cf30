//! A number by which delays grow.

use super::from_nanos;
use core::time::Duration;

/// A number of at least 1, `mantissa · 2^(exponent - 63)`, to 64 bits of precision, cut off below.
///
/// In integers, so that a processor without floating point needs no functions of doubles for it: those that it would take are
/// 2.7 KB on a Cortex-M3.
#[derive(Clone, Copy)]
pub(super) struct Scale {
    /// Its highest bit is set.
    mantissa: u64,
    exponent: u32,
}

impl Scale {
    const ONE: Scale = Scale {
        mantissa: 1 << 63,
        exponent: 0,
    };

    /// The bits of a finite `factor` of at least 1, as IEEE 754 lays them out: 11 of an exponent, 52 below the leading one.
    pub(super) fn of(factor: f64) -> Scale {
        let bits = factor.to_bits();
        Scale {
            mantissa: 1 << 63 | bits << 11,
            exponent: (bits >> 52) as u32 - 1023,
        }
    }

    /// The number, if it is whole and fits 32 bits.
    pub(super) fn whole(self) -> Option<u32> {
        let is_whole = self.exponent < 32 && self.mantissa << (self.exponent + 1) == 0;
        is_whole.then(|| (self.mantissa >> (63 - self.exponent)) as u32)
    }

    fn times(self, other: Scale) -> Scale {
        let product = u128::from(self.mantissa) * u128::from(other.mantissa);
        let carry = (product >> 127) as u32;
        Scale {
            mantissa: (product >> (63 + carry)) as u64,
            exponent: self.exponent.saturating_add(other.exponent).saturating_add(carry),
        }
    }

    /// By squaring: at most 32 times.
    pub(super) fn power(mut self, mut exponent: u32) -> Scale {
        let mut result = Scale::ONE;
        while exponent > 0 {
            if exponent & 1 == 1 {
                result = result.times(self);
            }
            self = self.times(self);
            exponent >>= 1;
        }
        result
    }

    /// `base` so many times, to the nearest nanosecond, saturating.
    pub(super) fn of_duration(self, base: Duration) -> Duration {
        let nanos = base.as_nanos();
        if nanos == 0 {
            return base;
        }
        let bits = 128 - nanos.leading_zeros();
        // At least 2^94 nanoseconds, where a duration has less. So nothing below overflows.
        if self.exponent.saturating_add(bits) > 94 {
            return Duration::MAX;
        }
        let (high, low) = (nanos >> 64, nanos & u128::from(u64::MAX));
        let mantissa = u128::from(self.mantissa);
        from_nanos(match 63_u32.checked_sub(self.exponent) {
            Some(down) => ((high * mantissa) << (64 - down)) + ((low * mantissa + (1 << down >> 1)) >> down),
            None => (low * mantissa) << (self.exponent - 63),
        })
    }
}
