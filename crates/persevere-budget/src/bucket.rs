//! A bucket of tokens, which retries take and successes return.

use crate::error::InvalidBudget;
use core::time::Duration;
use persevere_core::budget::{Budget, Class};
use portable_atomic::{AtomicU64, Ordering};

/// A bucket of tokens: a retry takes tokens, how many depends on the failure, and a success returns some.
///
/// A run that succeeds at once returns the reward. A run that succeeds with a retry returns the cost of that retry. A
/// run that fails returns nothing. The bucket does not depend on time. It is the bucket of the AWS clients' standard
/// mode, with both of its sets of numbers:
///
/// | | [`aws_2_0`](TokenBucket::aws_2_0) | [`aws_2_1`](TokenBucket::aws_2_1) |
/// |---|---|---|
/// | capacity | 500 | 500 |
/// | cost of a retry, [`Class::Transient`] | 5 | 14 |
/// | [`Class::Throttling`] | 5 | 5 |
/// | [`Class::Timeout`] | 10 | 14 |
/// | reward of a success at once | 1 | 1 |
///
/// As long as nothing fails the bucket is full, and shared memory is only read.
///
/// # Examples
///
/// ```
/// use persevere::budget::{Account, Class, TokenBucket};
/// use std::time::Duration;
///
/// static BUDGET: TokenBucket = TokenBucket::aws_2_1();
///
/// let now = Duration::ZERO; // a bucket ignores the time
/// let mut account = Account::open(&BUDGET);
/// account.attempt(now);
/// account.withdraw(Class::Transient, now)?;
/// assert_eq!(BUDGET.available(), 486);
/// account.attempt(now);
/// account.succeeded(now);
/// assert_eq!(BUDGET.available(), 500);
/// # Ok::<(), persevere::budget::Exhausted>(())
/// ```
#[derive(Debug)]
pub struct TokenBucket {
    capacity: u32,
    transient: u32,
    throttling: u32,
    timeout: u32,
    reward: u32,
    /// The missing tokens, so that a bucket begins full whatever its capacity.
    missing: AtomicU64,
}

impl TokenBucket {
    /// A bucket of the given number of tokens, in which a retry costs one token and a success at once returns one.
    ///
    /// # Panics
    ///
    /// If `capacity` is 0, which in a `const` or `static` is a compile error. [`try_new`](TokenBucket::try_new) does not
    /// panic.
    #[must_use]
    pub const fn new(capacity: u32) -> TokenBucket {
        match TokenBucket::try_new(capacity) {
            Ok(budget) => budget,
            Err(_) => panic!("invalid retry budget: capacity must be at least 1"),
        }
    }

    /// [`new`](TokenBucket::new) for a number that is read at run time.
    ///
    /// # Errors
    ///
    /// [`InvalidBudget::Capacity`] if it is 0.
    pub const fn try_new(capacity: u32) -> Result<TokenBucket, InvalidBudget> {
        TokenBucket {
            capacity: 1,
            transient: 1,
            throttling: 1,
            timeout: 1,
            reward: 1,
            missing: AtomicU64::new(0),
        }
        .try_capacity(capacity)
    }

    /// A bucket with the numbers of the AWS clients'
    /// [standard mode](https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html) as it was until 2026,
    /// "retry 2.0": as in botocore's `retries/standard.py`.
    #[must_use]
    pub const fn aws_2_0() -> TokenBucket {
        TokenBucket::new(500)
            .cost(Class::Transient, 5)
            .cost(Class::Throttling, 5)
            .cost(Class::Timeout, 10)
    }

    /// A bucket with the numbers of the AWS clients' standard mode since 2026, "retry 2.1", as in
    /// botocore's `test_standard_retry_v2_1.py` and smithy-rs's `retries/strategy/standard.rs`. A retry costs almost three
    /// times as much as before, unless the server throttles.
    #[must_use]
    pub const fn aws_2_1() -> TokenBucket {
        TokenBucket::new(500)
            .cost(Class::Transient, 14)
            .cost(Class::Throttling, 5)
            .cost(Class::Timeout, 14)
    }

    /// Sets how many tokens a full bucket holds, which is how it starts.
    ///
    /// # Panics
    ///
    /// If it is 0, which in a `const` or `static` is a compile error. [`try_capacity`](TokenBucket::try_capacity) does not panic.
    #[must_use]
    pub const fn capacity(self, tokens: u32) -> Self {
        match self.try_capacity(tokens) {
            Ok(budget) => budget,
            Err(_) => panic!("invalid retry budget: capacity must be at least 1"),
        }
    }

    /// [`capacity`](TokenBucket::capacity) for a number that is read at run time.
    ///
    /// # Errors
    ///
    /// [`InvalidBudget::Capacity`] if it is 0.
    pub const fn try_capacity(mut self, tokens: u32) -> Result<Self, InvalidBudget> {
        if tokens == 0 {
            return Err(InvalidBudget::Capacity);
        }
        self.capacity = tokens;
        Ok(self)
    }

    /// Sets the cost of a retry after a failure of the given class.
    ///
    /// ```compile_fail,E0080
    /// use persevere::budget::{Class, TokenBucket};
    ///
    /// static BUDGET: TokenBucket = TokenBucket::new(10).cost(Class::Timeout, 0);
    /// ```
    ///
    /// # Panics
    ///
    /// If it is 0, which in a `const` or `static` is a compile error. [`try_cost`](TokenBucket::try_cost) does not panic.
    #[must_use]
    pub const fn cost(self, class: Class, tokens: u32) -> Self {
        match self.try_cost(class, tokens) {
            Ok(budget) => budget,
            Err(_) => panic!("invalid retry budget: cost must be at least 1"),
        }
    }

    /// [`cost`](TokenBucket::cost) for a number that is read at run time.
    ///
    /// # Errors
    ///
    /// [`InvalidBudget::Cost`] if `tokens` is 0.
    pub const fn try_cost(mut self, class: Class, tokens: u32) -> Result<Self, InvalidBudget> {
        if tokens == 0 {
            return Err(InvalidBudget::Cost);
        }
        match class {
            Class::Throttling => self.throttling = tokens,
            Class::Timeout => self.timeout = tokens,
            _ => self.transient = tokens,
        }
        Ok(self)
    }

    /// Sets how many tokens a run that succeeds at once returns.
    ///
    /// # Panics
    ///
    /// If it is 0, which in a `const` or `static` is a compile error. [`try_reward`](TokenBucket::try_reward) does not panic.
    #[must_use]
    pub const fn reward(self, tokens: u32) -> Self {
        match self.try_reward(tokens) {
            Ok(budget) => budget,
            Err(_) => panic!("invalid retry budget: reward must be at least 1"),
        }
    }

    /// [`reward`](TokenBucket::reward) for a number that is read at run time.
    ///
    /// # Errors
    ///
    /// [`InvalidBudget::Reward`] if `tokens` is 0.
    pub const fn try_reward(mut self, tokens: u32) -> Result<Self, InvalidBudget> {
        if tokens == 0 {
            return Err(InvalidBudget::Reward);
        }
        self.reward = tokens;
        Ok(self)
    }

    /// Takes over the missing tokens of a bucket with other settings, which this bucket replaces.
    #[doc(hidden)]
    pub fn adopt(&self, other: &TokenBucket) {
        self.missing
            .store(other.missing.load(Ordering::Relaxed), Ordering::Relaxed);
    }

    /// Returns how many tokens are available.
    #[must_use]
    pub fn available(&self) -> u32 {
        // More tokens may be missing than fit, if the capacity was lowered since.
        let missing = self.missing.load(Ordering::Relaxed);
        self.capacity.saturating_sub(u32::try_from(missing).unwrap_or(u32::MAX))
    }

    #[inline]
    const fn cost_of(&self, class: Class) -> u32 {
        match class {
            Class::Throttling => self.throttling,
            Class::Timeout => self.timeout,
            _ => self.transient,
        }
    }

    #[inline]
    fn put_back(&self, tokens: u32) {
        // perf: a full bucket is not written (`budgets/bucket`).
        let _ = self
            .missing
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |missing| {
                (missing > 0).then(|| missing.saturating_sub(tokens.into()))
            });
    }
}

impl Budget for TokenBucket {
    #[inline]
    fn withdraw(&self, class: Class, _: Duration) -> Option<u32> {
        let cost = self.cost_of(class);
        let taken = self
            .missing
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |missing| {
                let missing = missing + u64::from(cost);
                (missing <= self.capacity.into()).then_some(missing)
            });
        taken.is_ok().then_some(cost)
    }

    #[inline]
    fn give_back(&self, cost: u32) {
        self.put_back(cost);
    }

    #[inline]
    fn succeeded(&self, last: Option<u32>, _: Duration) {
        self.put_back(last.unwrap_or(self.reward));
    }

    #[inline]
    fn is_timed(&self) -> bool {
        false
    }
}
