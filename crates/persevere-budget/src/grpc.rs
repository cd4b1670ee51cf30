//! The retry throttle of gRPC, and its pushback.

use crate::error::InvalidBudget;
use core::time::Duration;
use persevere_core::budget::{Budget, Class, LastFailure};
use portable_atomic::{AtomicU64, Ordering};

pub(crate) mod pushback;

/// A token, in thousandths.
const TOKEN: u64 = 1000;

/// The retry throttle of gRPC. A failure takes a token, and a success returns a part of a token. Retries are allowed
/// while more than half of the tokens are available.
///
/// As in [proposal A6](https://github.com/grpc/proposal/blob/master/A6-client-retries.md#throttling-retry-attempts-and-hedged-rpcs),
/// there is one throttle per server name. A failure takes its token before the retry is decided, and whether or not
/// there is a retry. So does a [pushback](crate::Pushback) that forbids a retry. A failure that is not retryable takes
/// none.
///
/// # Examples
///
/// ```
/// use persevere::budget::{Budget, Class, GrpcThrottle};
/// use std::time::Duration;
///
/// static BUDGET: GrpcThrottle = GrpcThrottle::new(10, 0.1);
///
/// let now = Duration::ZERO; // a throttle ignores the time
/// let retries: Vec<bool> = (0..6).map(|_| BUDGET.withdraw(Class::Transient, now).is_some()).collect();
/// assert_eq!(retries, [true, true, true, true, false, false]);
/// ```
#[derive(Debug)]
pub struct GrpcThrottle {
    /// In thousandths of a token, as are `reward` and `missing`.
    capacity: u64,
    reward: u64,
    /// The missing tokens, so that the throttle begins full.
    missing: AtomicU64,
}

impl GrpcThrottle {
    /// A throttle with `maxTokens` and `tokenRatio` of a gRPC service config. The ratio is truncated to three decimals.
    ///
    /// ```compile_fail,E0080
    /// use persevere::budget::GrpcThrottle;
    ///
    /// static BUDGET: GrpcThrottle = GrpcThrottle::new(0, 0.1);
    /// ```
    ///
    /// # Panics
    ///
    /// If `max_tokens` is not within 1 and 1000, or `token_ratio` not within 0.001 and 1000.0, which in a `const` or
    /// `static` is a compile error. [`try_new`](GrpcThrottle::try_new) does not panic.
    #[must_use]
    pub const fn new(max_tokens: u32, token_ratio: f64) -> GrpcThrottle {
        match GrpcThrottle::try_new(max_tokens, token_ratio) {
            Ok(budget) => budget,
            Err(InvalidBudget::MaxTokens(_)) => panic!("invalid retry budget: max_tokens must be within 1..=1000"),
            Err(_) => panic!("invalid retry budget: token_ratio must be within 0.001..=1000.0"),
        }
    }

    /// [`new`](GrpcThrottle::new) for numbers that are read at run time.
    ///
    /// # Errors
    ///
    /// [`InvalidBudget::MaxTokens`] or [`InvalidBudget::TokenRatio`] if a number is out of range.
    pub const fn try_new(max_tokens: u32, token_ratio: f64) -> Result<GrpcThrottle, InvalidBudget> {
        if max_tokens == 0 || max_tokens > 1000 {
            return Err(InvalidBudget::MaxTokens(max_tokens));
        }
        if !(token_ratio >= 0.001 && token_ratio <= 1000.0) {
            return Err(InvalidBudget::TokenRatio(token_ratio));
        }
        Ok(GrpcThrottle {
            capacity: max_tokens as u64 * TOKEN,
            // Rounded up slightly, since a decimal fraction may be slightly less in binary.
            reward: (token_ratio * TOKEN as f64 + 1e-6) as u64,
            missing: AtomicU64::new(0),
        })
    }

    /// Takes over the missing tokens of a throttle with other settings, which this throttle replaces.
    #[doc(hidden)]
    pub fn adopt(&self, other: &GrpcThrottle) {
        let missing = other.missing.load(Ordering::Relaxed);
        self.missing.store(missing.min(self.capacity), Ordering::Relaxed);
    }

    /// Returns how many tokens are available.
    #[must_use]
    pub fn available(&self) -> f64 {
        (self.capacity - self.missing.load(Ordering::Relaxed)) as f64 / TOKEN as f64
    }

    /// Whether retries are rejected, because at most half of the tokens are available.
    #[must_use]
    pub fn is_throttling(&self) -> bool {
        self.is_throttling_at(self.missing.load(Ordering::Relaxed))
    }

    #[inline]
    const fn is_throttling_at(&self, missing: u64) -> bool {
        missing * 2 >= self.capacity
    }

    /// Takes a token, or the rest of the last, and returns the tokens that are missing then.
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
}

impl Budget for GrpcThrottle {
    #[inline]
    fn withdraw(&self, _: Class, _: Duration) -> Option<u32> {
        let missing = self.take();
        (!self.is_throttling_at(missing)).then_some(1)
    }

    /// Does nothing: the failure took the token, not the retry.
    #[inline]
    fn give_back(&self, _: u32) {}

    #[inline]
    fn succeeded(&self, _: Option<u32>, _: Duration) {
        let reward = self.reward;
        // perf: a full throttle is not written (`budgets/grpc`).
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
