//! The share of calls that are expected to be over before a hedge.

use crate::error::InvalidHedge;
use core::fmt;

/// The share of the calls after whose time a hedge is made, to the millionth: after [`Quantile::P95`] one call in twenty is
/// still running.
///
/// ```
/// use persevere::hedge::{InvalidHedge, Quantile};
///
/// const HALF: Quantile = Quantile::new(0.5);
/// assert_eq!(HALF, Quantile::P50);
/// assert_eq!(Quantile::try_new(1.5), Err(InvalidHedge::Quantile(1.5)));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Quantile {
    millionths: u32,
}

impl Quantile {
    /// The median.
    pub const P50: Quantile = Quantile::new(0.5);
    /// One call in ten is slower.
    pub const P90: Quantile = Quantile::new(0.9);
    /// One call in twenty is slower.
    pub const P95: Quantile = Quantile::new(0.95);
    /// One call in a hundred is slower.
    pub const P99: Quantile = Quantile::new(0.99);
    /// One call in a thousand is slower.
    pub const P999: Quantile = Quantile::new(0.999);

    /// Creates a quantile from a share.
    ///
    /// # Panics
    ///
    /// If `share` is not within 0.000001 and 0.999999, which in a `const` is a compile error.
    /// [`try_new`](Quantile::try_new) does not panic.
    #[must_use]
    pub const fn new(share: f64) -> Quantile {
        match Quantile::try_new(share) {
            Ok(quantile) => quantile,
            Err(_) => panic!("invalid hedge: quantile must be within 0.000001..=0.999999"),
        }
    }

    /// [`new`](Quantile::new) for a share that is read at run time.
    ///
    /// # Errors
    ///
    /// [`InvalidHedge::Quantile`] if `share` is not within 0.000001 and 0.999999.
    pub const fn try_new(share: f64) -> Result<Quantile, InvalidHedge> {
        if !(share >= 0.000_001 && share <= 0.999_999) {
            return Err(InvalidHedge::Quantile(share));
        }
        Ok(Quantile {
            millionths: (share * 1_000_000.0 + 0.5) as u32,
        })
    }

    /// Returns the share.
    #[must_use]
    pub const fn share(self) -> f64 {
        self.millionths as f64 / 1_000_000.0
    }

    pub(crate) const fn millionths(self) -> u32 {
        self.millionths
    }

    /// The rank, from 1, of the sample at this quantile among `samples`: the smallest for which the share is not larger.
    pub(crate) const fn rank(self, samples: u64) -> u64 {
        // At most 2^42 samples, so that the product fits.
        (samples * self.millionths as u64).div_ceil(1_000_000)
    }
}

impl fmt::Display for Quantile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "p{}", f64::from(self.millionths) / 10_000.0)
    }
}
