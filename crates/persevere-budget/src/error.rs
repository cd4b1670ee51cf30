//! Budgets that cannot be built.

use core::time::Duration;

/// A number that no budget may have. The `try_` form of what takes it returns this; the plain form panics with it, which in
/// a `const` or `static` is a compile error.
///
/// ```
/// use persevere_budget::{InvalidBudget, WindowedRatio};
///
/// assert_eq!(WindowedRatio::new().try_ratio(-0.1).unwrap_err(), InvalidBudget::Ratio(-0.1));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidBudget {
    /// A ratio that is not zero and not within a millionth and a thousand.
    #[error("invalid retry budget: the ratio must be 0.0 or within 0.000001..=1000.0, not {0}")]
    Ratio(f64),
    /// A window of less than a second or more than an hour.
    #[error("invalid retry budget: the window must be within 1 s and 1 h, not {0:?}")]
    Window(Duration),
    /// A ratio of zero without a reserve: no retry would ever be let through.
    #[error("invalid retry budget: with a ratio of 0.0 there must be a reserve")]
    Empty,
    /// A bucket that holds no tokens.
    #[error("invalid retry budget: the capacity must be at least 1")]
    Capacity,
    /// A retry that costs nothing.
    #[error("invalid retry budget: a retry must cost at least 1")]
    Cost,
    /// A success that puts nothing back: a bucket that is empty once would stay so.
    #[error("invalid retry budget: a success must put back at least 1")]
    Reward,
    /// A number of tokens that gRPC does not allow.
    #[error("invalid retry budget: the tokens must be within 1..=1000, not {0}")]
    MaxTokens(u32),
    /// A part of a token for each success that is not within a thousandth and a thousand.
    #[error("invalid retry budget: the token ratio must be within 0.001..=1000.0, not {0}")]
    TokenRatio(f64),
    /// A multiplier of the accepted requests that is not within one and a thousand.
    #[error("invalid retry budget: the multiplier must be within 1.0..=1000.0, not {0}")]
    Multiplier(f64),
}
