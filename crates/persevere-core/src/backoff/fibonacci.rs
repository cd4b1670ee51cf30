//! Delays that grow like the Fibonacci numbers.

use super::{Backoff, Context};
use crate::time::nanos;
use core::fmt;
use core::time::Duration;

/// `base · fib(n)`: 1, 1, 2, 3, 5, … times the base; made by [`Policy::fibonacci`](crate::Policy::fibonacci).
///
/// It grows by a factor that tends to the golden ratio, 1.618, and so more gently than doubling.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Fibonacci {
    base: u64,
}

impl Fibonacci {
    /// Starts at `base`.
    #[must_use]
    pub const fn new(base: Duration) -> Fibonacci {
        Fibonacci { base: nanos(base) }
    }
}

impl Backoff for Fibonacci {
    fn delay(&self, context: &mut Context<'_>) -> Option<Duration> {
        self.nanos(context).map(Duration::from_nanos)
    }

    fn steady_from(&self, _: u64) -> u32 {
        95
    }

    fn nanos(&self, context: &mut Context<'_>) -> Option<u64> {
        Some(self.base.saturating_mul(fibonacci(context.attempt())))
    }
}

impl fmt::Debug for Fibonacci {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Fibonacci")
            .field(&Duration::from_nanos(self.base))
            .finish()
    }
}

/// The `n`th Fibonacci number, counted from `fib(1) = fib(2) = 1`, saturating. `fib(93)` is the last below 2^64, so the
/// loop is short whatever `n` is.
fn fibonacci(n: u32) -> u64 {
    let (mut current, mut next) = (0u64, 1u64);
    for _ in 0..n.min(94) {
        (current, next) = (next, current.saturating_add(next));
    }
    current
}
