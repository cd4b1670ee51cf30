//! The wait that a field of an error holds, for `#[derive(Retryable)]`.

use crate::classify::Verdict;
use core::time::Duration;

/// A field that holds how long to wait.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say how long to wait",
    label = "`after` names a field of type `Duration` or `Option<Duration>`"
)]
pub trait After {
    /// The verdict with this wait.
    fn verdict(&self) -> Verdict;
}

impl After for Duration {
    #[inline]
    fn verdict(&self) -> Verdict {
        Verdict::RetryAfter(*self)
    }
}

impl After for Option<Duration> {
    #[inline]
    fn verdict(&self) -> Verdict {
        self.map_or(Verdict::Retry, Verdict::RetryAfter)
    }
}

/// Worth another attempt, after what the field holds.
#[inline]
pub fn after<A: After + ?Sized>(field: &A) -> Verdict {
    field.verdict()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_wait_leaves_it_to_the_policy() {
        let second = Duration::from_secs(1);
        assert_eq!(after(&second), Verdict::RetryAfter(second));
        assert_eq!(after(&Some(second)), Verdict::RetryAfter(second));
        assert_eq!(after(&None::<Duration>), Verdict::Retry);
    }
}
