//! Delays that grow like the Fibonacci numbers.

use super::{Backoff, Context, from_nanos};
use core::time::Duration;

/// `base · fib(n)`: 1, 1, 2, 3, 5, … times the base; made by [`Policy::fibonacci`](crate::Policy::fibonacci).
///
/// It grows by a factor that tends to the golden ratio, 1.618: gentler than doubling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fibonacci {
    base: Duration,
}

impl Fibonacci {
    /// Starts at `base`.
    #[must_use]
    pub const fn new(base: Duration) -> Fibonacci {
        Fibonacci { base }
    }
}

impl Backoff for Fibonacci {
    fn delay(&self, context: &mut Context<'_>) -> Option<Duration> {
        Some(from_nanos(
            self.base.as_nanos().saturating_mul(fibonacci(context.attempt())),
        ))
    }
}

/// The `n`th Fibonacci number, counted from `fib(1) = fib(2) = 1`, saturating. `fib(186)` is the last below 2^128,
/// so the loop is short whatever `n` is.
fn fibonacci(n: u32) -> u128 {
    let (mut current, mut next) = (0u128, 1u128);
    for _ in 0..n.min(187) {
        (current, next) = (next, current.saturating_add(next));
    }
    current
}
