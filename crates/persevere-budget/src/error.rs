//! Settings of a budget that are invalid.

use core::time::Duration;

/// An invalid setting of a budget.
///
/// The `try_` form of a setter returns this. The plain form panics, which in a `const` or `static` is a compile error.
///
/// # Examples
///
/// ```
/// use persevere::budget::{InvalidBudget, WindowedRatio};
///
/// assert_eq!(WindowedRatio::new().try_ratio(-0.1).unwrap_err(), InvalidBudget::Ratio(-0.1));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidBudget {
    /// The ratio is neither zero nor within a millionth and a thousand.
    #[error("invalid retry budget: ratio must be 0.0 or within 0.000001..=1000.0, not {0}")]
    Ratio(f64),
    /// The window is shorter than a second or longer than an hour.
    #[error("invalid retry budget: window must be within 1 s and 1 h, not {0:?}")]
    Window(Duration),
    /// The capacity is 0.
    #[error("invalid retry budget: capacity must be at least 1")]
    Capacity,
    /// The cost of a retry is 0.
    #[error("invalid retry budget: cost must be at least 1")]
    Cost,
    /// The reward of a success is 0: an empty bucket would stay empty.
    #[error("invalid retry budget: reward must be at least 1")]
    Reward,
    /// The number of tokens is outside of what gRPC allows.
    #[error("invalid retry budget: max_tokens must be within 1..=1000, not {0}")]
    MaxTokens(u32),
    /// The token ratio is not within a thousandth and a thousand.
    #[error("invalid retry budget: token_ratio must be within 0.001..=1000.0, not {0}")]
    TokenRatio(f64),
    /// The multiplier is not within one and a thousand.
    #[error("invalid retry budget: multiplier must be within 1.0..=1000.0, not {0}")]
    Multiplier(f64),
}
