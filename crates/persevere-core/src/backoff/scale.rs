//! A number by which delays grow.

/// A number of at least 1, `mantissa · 2^(exponent - 63)`, truncated to 64 bits of precision.
///
// perf: in integers, so that a processor without floating point links no functions of doubles (`cargo xtask embedded`).
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

    /// `base` multiplied by this number, to the nearest integer, saturating.
    pub(super) fn of_nanos(self, base: u64) -> u64 {
        let product = u128::from(base) * u128::from(self.mantissa);
        // Invariant: the product has at most 128 bits, so that shifting it down by less than 64 may still be too long.
        match 63_u32.checked_sub(self.exponent) {
            Some(0) => u64::try_from(product).unwrap_or(u64::MAX),
            Some(down) => {
                let rounded = product.saturating_add(1 << (down - 1)) >> down;
                u64::try_from(rounded).unwrap_or(u64::MAX)
            }
            None if base == 0 => 0,
            None => u64::MAX,
        }
    }
}
