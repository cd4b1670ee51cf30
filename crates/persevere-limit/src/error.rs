//! Settings of a limit that are invalid.

/// An invalid setting of a limit.
///
/// The `try_` form of a constructor or setter returns this. The plain form panics, which in a `const` or `static` is a
/// compile error.
///
/// ```
/// use persevere::limit::{Bulkhead, InvalidLimit};
///
/// assert_eq!(Bulkhead::try_new(0).unwrap_err(), InvalidLimit::Calls);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidLimit {
    /// The number of calls is 0.
    #[error("invalid limit: the number of calls must be at least 1")]
    Calls,
    /// The longest pause is zero.
    #[error("invalid pause: at_most must be longer than zero")]
    AtMost,
    /// The time for the first attempt after a pause is zero.
    #[error("invalid pause: first_within must be longer than zero")]
    FirstWithin,
    /// The bounds of an adaptive limit leave no limit between them.
    #[error("invalid adaptive limit: bounds must be within 1..=1000000 and in order, not {0}..={1}")]
    Bounds(u32, u32),
    /// The tolerance is not within one and ten.
    #[error("invalid adaptive limit: tolerance must be within 1.0..=10.0, not {0}")]
    Tolerance(f64),
    /// The longest response time is zero.
    #[error("invalid adaptive limit: slowest must be longer than zero")]
    Slowest,
    /// The window is zero.
    #[error("invalid adaptive limit: window must be longer than zero")]
    Window,
}
