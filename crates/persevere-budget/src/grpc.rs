//! gRPC's throttle: failures take tokens, and below half of them there are no retries.

use crate::error::InvalidBudget;
use crate::word::{Ordering, Word};
use core::time::Duration;
use persevere_core::budget::Budget;
use persevere_core::budget::{Class, LastFailure};

/// A token, in thousandths.
const TOKEN: u64 = 1000;

/// The retry throttle of gRPC: every failure takes a token, every success puts back a part of one, and there are retries
/// while more than half of the tokens are there.
///
/// By [proposal A6](https://github.com/grpc/proposal/blob/master/A6-client-retries.md#throttling-retry-attempts-and-hedged-rpcs),
/// one for each server name. A failure takes its token whether or not it is retried, and before it is decided whether it
/// is; so does a [pushback](crate::Pushback) that asks not to retry. A failure that is not worth retrying takes none.
///
/// ```
/// use persevere_budget::{Budget, Class, GrpcThrottle};
/// use std::time::Duration;
///
/// static BUDGET: GrpcThrottle = GrpcThrottle::new(10, 0.1);
///
/// let now = Duration::ZERO; // nothing here looks at it
/// let retries: Vec<bool> = (0..6).map(|_| BUDGET.withdraw(Class::Transient, now).is_some()).collect();
/// assert_eq!(retries, [true, true, true, true, false, false]);
/// ```
#[derive(Debug)]
pub struct GrpcThrottle {
    /// In thousandths of a token, as are the others.
    capacity: u64,
    reward: u64,
    /// How much is not there, so that the throttle begins full.
    missing: Word,
}

impl GrpcThrottle {
    /// A throttle with `maxTokens` and `tokenRatio` of a service config. Beyond three decimals the ratio is cut off.
    ///
    /// ```compile_fail,E0080
    /// use persevere_budget::GrpcThrottle;
    ///
    /// static BUDGET: GrpcThrottle = GrpcThrottle::new(0, 0.1);
    /// ```
    ///
    /// # Panics
    ///
    /// If `max_tokens` is not within 1 and 1000, or `token_ratio` not within a thousandth and 1000, which in a `const` or
    /// `static` is a compile error.
    #[must_use]
    pub const fn new(max_tokens: u32, token_ratio: f64) -> GrpcThrottle {
        match GrpcThrottle::try_new(max_tokens, token_ratio) {
            Ok(budget) => budget,
            Err(InvalidBudget::MaxTokens(_)) => panic!("invalid retry budget: the tokens must be within 1..=1000"),
            Err(_) => panic!("invalid retry budget: the token ratio must be within 0.001..=1000.0"),
        }
    }

    /// [`new`](GrpcThrottle::new) for numbers that come from outside.
    ///
    /// # Errors
    ///
    /// [`InvalidBudget::MaxTokens`] or [`InvalidBudget::TokenRatio`].
    pub const fn try_new(max_tokens: u32, token_ratio: f64) -> Result<GrpcThrottle, InvalidBudget> {
        if max_tokens == 0 || max_tokens > 1000 {
            return Err(InvalidBudget::MaxTokens(max_tokens));
        }
        if !(token_ratio >= 0.001 && token_ratio <= 1000.0) {
            return Err(InvalidBudget::TokenRatio(token_ratio));
        }
        Ok(GrpcThrottle {
            capacity: max_tokens as u64 * TOKEN,
            // A little more, since a decimal fraction may be a little less in binary.
            reward: (token_ratio * TOKEN as f64 + 1e-6) as u64,
            missing: Word::new(0),
        })
    }

    /// How many tokens there are.
    #[must_use]
    pub fn tokens(&self) -> f64 {
        (self.capacity - self.missing.load(Ordering::Relaxed)) as f64 / TOKEN as f64
    }

    /// Whether there are no retries, since not more than half of the tokens are there.
    #[must_use]
    pub fn is_throttling(&self) -> bool {
        self.is_throttling_at(self.missing.load(Ordering::Relaxed))
    }

    #[inline]
    const fn is_throttling_at(&self, missing: u64) -> bool {
        // More than half are there if less than half are missing.
        missing * 2 >= self.capacity
    }

    /// Takes a token, or what is left of it, and returns how much is missing then.
    #[inline]
    fn take(&self) -> u64 {
        let full = self.capacity;
        let fewer = |missing: u64| (missing + TOKEN).min(full);
        let taken = self
            .missing
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |missing| {
                (missing < full).then(|| fewer(missing))
            });
        taken.map_or(full, fewer)
    }

    /// Makes the budget known to the model checker before it is shared.
    #[cfg(feature = "loom")]
    pub fn touch(&self) {
        self.missing.load(Ordering::Relaxed);
    }
}

impl Budget for GrpcThrottle {
    #[inline]
    fn withdraw(&self, _: Class, _: Duration) -> Option<u32> {
        let missing = self.take();
        (!self.is_throttling_at(missing)).then_some(1)
    }

    /// Nothing: the failure took the token, not the retry.
    #[inline]
    fn give_back(&self, _: u32) {}

    #[inline]
    fn succeeded(&self, _: Option<u32>, _: Duration) {
        let reward = self.reward;
        // A throttle that is full stays unwritten.
        let _ = self
            .missing
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |missing| {
                (missing > 0).then(|| missing.saturating_sub(reward))
            });
    }

    #[inline]
    fn failed(&self, failure: LastFailure, _: Duration) {
        match failure {
            LastFailure::Permanent => {}
            _ => {
                self.take();
            }
        }
    }

    #[inline]
    fn is_timed(&self) -> bool {
        false
    }
}
