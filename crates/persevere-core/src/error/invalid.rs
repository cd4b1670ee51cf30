//! Settings of a policy that are invalid.

use core::error::Error;
use core::fmt;

/// An invalid setting of a policy. The `try_` form of each setter returns it. The plain form panics with it, which in a
/// `const` or `static` is a compile error.
///
/// ```
/// use persevere::{InvalidPolicy, Policy};
///
/// assert_eq!(Policy::default().try_max_attempts(0).unwrap_err(), InvalidPolicy::Attempts);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum InvalidPolicy {
    /// `max_attempts(0)`: the first attempt is always made, so there is at least one.
    Attempts,
    /// A growth factor that is not a finite number of at least 1.
    Factor(f64),
    /// A jitter ratio outside `0.0..=1.0`.
    JitterRatio(f64),
    /// A ratio for spreading hints outside `0.0..=1.0`.
    HintRatio(f64),
    /// `attempt_timeout` of zero, under which every attempt would time out at once.
    AttemptTimeout,
    /// A schedule without a delay, under which there would be no retry.
    EmptySchedule,
}

impl fmt::Display for InvalidPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("invalid retry policy: ")?;
        match self {
            Self::Attempts => f.write_str("max_attempts must be at least 1 (1 means no retries)"),
            Self::Factor(factor) => write!(f, "the backoff factor must be finite and at least 1.0, not {factor}"),
            Self::JitterRatio(ratio) => write!(f, "the jitter ratio must be within 0.0..=1.0, not {ratio}"),
            Self::HintRatio(ratio) => write!(f, "spread_hints must be within 0.0..=1.0, not {ratio}"),
            Self::AttemptTimeout => f.write_str("attempt_timeout must be longer than zero (leave it out for no limit)"),
            Self::EmptySchedule => {
                f.write_str("the schedule must have at least one delay (max_attempts = 1 means no retries)")
            }
        }
    }
}

impl Error for InvalidPolicy {}
