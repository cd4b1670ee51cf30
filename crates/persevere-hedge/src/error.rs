//! Why a hedged call failed, and settings that are invalid.

use core::time::Duration;
use persevere_core::gate::Rejected;
use persevere_core::{Retryable, Verdict};

/// Why a hedged call behind a breaker failed: no leg was admitted, or the legs failed.
///
/// Exhaustive on purpose: there is no third way for a call to fail. A hedge without a breaker returns the error of its
/// operation as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HedgeError<E> {
    /// No leg was admitted, so that no call was made. This is the rejection of the first leg.
    #[error(transparent)]
    Rejected(Rejected),
    /// The last leg that ended failed with this error.
    #[error(transparent)]
    Inner(E),
}

impl<E> HedgeError<E> {
    /// Returns the error of the operation; `None` if no call was made.
    #[must_use]
    pub fn into_inner(self) -> Option<E> {
        match self {
            HedgeError::Rejected(_) => None,
            HedgeError::Inner(error) => Some(error),
        }
    }
}

/// A rejection is retried after the time that the breaker returned, and not if no wait helps.
impl<E: Retryable> Retryable for HedgeError<E> {
    fn verdict(&self) -> Verdict {
        match self {
            HedgeError::Rejected(rejected) => rejected.retry_after().map_or(Verdict::Stop, Verdict::RetryAfter),
            HedgeError::Inner(error) => error.verdict(),
        }
    }
}

/// An invalid setting of a hedge or of a latency.
///
/// The `try_` form of a setter returns this. The plain form panics, which in a `const` or `static` is a compile error.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidHedge {
    /// The quantile is not within a millionth and 0.999999.
    #[error("invalid hedge: quantile must be within 0.000001..=0.999999, not {0}")]
    Quantile(f64),
    /// The window is shorter than a second or longer than a day.
    #[error("invalid hedge: window must be within 1 s and 24 h, not {0:?}")]
    Window(Duration),
}
