//! One of the calls of a hedged operation.

/// A leg: one of the calls that a hedge makes of its operation. The first leg is the attempt that would be made without a
/// hedge, the others are hedges.
///
/// ```
/// use persevere::hedge::Leg;
///
/// // For testing an operation alone.
/// let leg = Leg::new(1);
/// assert!(leg.is_hedge());
/// assert_eq!(["a", "b", "c"][leg.index()], "b");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Leg(usize);

impl Leg {
    /// The leg with this index, from 0.
    #[must_use]
    pub const fn new(index: usize) -> Leg {
        Leg(index)
    }

    /// Returns its index, from 0, such as the index of the replica to call.
    #[must_use]
    pub const fn index(self) -> usize {
        self.0
    }

    /// Whether this leg is not the first.
    #[must_use]
    pub const fn is_hedge(self) -> bool {
        self.0 > 0
    }
}
