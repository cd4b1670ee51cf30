//! A curve for throttled attempts beside the curve for all others.

use super::{Backoff, Context};
use crate::budget::Class;
use core::ops::RangeInclusive;
use core::time::Duration;

/// One curve for attempts that the classifier called throttled, another for all others, in one run. A service that gets
/// too many requests needs longer waits and fewer retries than a connection that was reset.
///
/// The number of the attempt counts all attempts of the run, whatever their class. The constants of the example are
/// from the AWS SDKs: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html>.
///
/// ```
/// use persevere::backoff::{ByClass, Exponential};
/// use persevere::budget::Class;
/// use persevere::{Policy, StopReason, ThreadSleeper, Verdict};
/// use std::time::Duration;
///
/// let curves = ByClass::new(Exponential::new(Duration::from_millis(50)))
///     .throttled(Exponential::new(Duration::from_millis(100)))
///     .throttled_retries(1);
/// let policy = Policy::new(curves).max_attempts(5).classify_with(|status: &u16| match status {
///     429 => Verdict::RetryAs(Class::Throttling),
///     _ => Verdict::Retry,
/// });
/// let error = policy.on(ThreadSleeper).run_blocking(|| Err::<(), _>(429)).unwrap_err();
/// assert_eq!((error.reason(), error.attempts()), (StopReason::Attempts, 2));
/// assert_eq!(error.waited(), Duration::from_millis(100));
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ByClass<B, T = B> {
    others: B,
    throttled: T,
    throttled_retries: u32,
}

impl<B: Copy> ByClass<B> {
    /// The same curve for all.
    #[must_use]
    pub const fn new(curve: B) -> ByClass<B> {
        ByClass {
            others: curve,
            throttled: curve,
            throttled_retries: u32::MAX,
        }
    }
}

impl<B: Copy, T: Copy> ByClass<B, T> {
    /// Another curve for throttled attempts.
    #[must_use]
    pub const fn throttled<N>(self, curve: N) -> ByClass<B, N> {
        ByClass {
            others: self.others,
            throttled: curve,
            throttled_retries: self.throttled_retries,
        }
    }

    /// Stops at a throttled attempt after this many retries, whatever the policy allows.
    #[must_use]
    pub const fn throttled_retries(mut self, retries: u32) -> ByClass<B, T> {
        self.throttled_retries = retries;
        self
    }
}

impl<B: Backoff, T: Backoff> Backoff for ByClass<B, T> {
    fn delay(&self, context: &mut Context<'_>) -> Option<Duration> {
        self.nanos(context).map(Duration::from_nanos)
    }

    fn nanos(&self, context: &mut Context<'_>) -> Option<u64> {
        match context.class() {
            Class::Throttling if context.attempt() > self.throttled_retries => None,
            Class::Throttling => self.throttled.nanos(context),
            _ => self.others.nanos(context),
        }
    }

    fn range(&self, context: &mut Context<'_>) -> Option<RangeInclusive<Duration>> {
        let others = self.others.range(context);
        let throttled = match context.attempt() > self.throttled_retries {
            true => None,
            false => self.throttled.range(context),
        };
        match (others, throttled) {
            (Some(one), Some(two)) => Some(*one.start().min(two.start())..=*one.end().max(two.end())),
            (one, two) => one.or(two),
        }
    }

    fn steady_from(&self, cap: u64) -> u32 {
        let throttled = match self.throttled_retries {
            u32::MAX => 1,
            retries => retries + 1,
        };
        self.others
            .steady_from(cap)
            .max(self.throttled.steady_from(cap))
            .max(throttled)
    }
}
