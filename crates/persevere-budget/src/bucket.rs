//! A bucket of tokens that retries take and successes give back.

use crate::error::InvalidBudget;
use crate::word::{Ordering, Word};
use core::time::Duration;
use persevere_core::budget::Budget;
use persevere_core::budget::Class;

/// A bucket of tokens: a retry takes some, how many depends on the failure; a success puts some back.
///
/// A run that succeeds at once puts back the reward, one that succeeds with a retry what that retry cost, and a run that
/// fails nothing. No time is involved. It is the bucket of the AWS clients' standard mode, with both of its sets of
/// numbers:
///
/// | | [`aws_2_0`](TokenBucket::aws_2_0) | [`aws_2_1`](TokenBucket::aws_2_1) |
/// |---|---|---|
/// | capacity | 500 | 500 |
/// | cost of a retry, [`Class::Transient`] | 5 | 14 |
/// | [`Class::Throttling`] | 5 | 5 |
/// | [`Class::Timeout`] | 10 | 14 |
/// | reward of a success at once | 1 | 1 |
///
/// As long as nothing fails the bucket is full, and is only read.
///
/// ```
/// use persevere_budget::{Account, Class, TokenBucket};
/// use std::time::Duration;
///
/// static BUDGET: TokenBucket = TokenBucket::aws_2_1();
///
/// let now = Duration::ZERO; // nothing here looks at it
/// let mut account = Account::open(&BUDGET);
/// account.attempt(now);
/// account.withdraw(Class::Transient, now)?;
/// assert_eq!(BUDGET.available(), 486);
/// account.attempt(now);
/// account.succeeded(now);
/// assert_eq!(BUDGET.available(), 500);
/// # Ok::<(), persevere_budget::Exhausted>(())
/// ```
#[derive(Debug)]
pub struct TokenBucket {
    capacity: u32,
    transient: u32,
    throttling: u32,
    timeout: u32,
    reward: u32,
    /// How many tokens are not there, so that a bucket begins full whatever its capacity.
    missing: Word,
}

impl TokenBucket {
    /// A bucket of this many tokens, in which every retry costs one and every success at once puts back one.
    ///
    /// # Panics
    ///
    /// If `capacity` is 0, which in a `const` or `static` is a compile error.
    #[must_use]
    pub const fn new(capacity: u32) -> TokenBucket {
        match TokenBucket::try_new(capacity) {
            Ok(budget) => budget,
            Err(_) => panic!("invalid retry budget: the capacity must be at least 1"),
        }
    }

    /// [`new`](TokenBucket::new) for a number that comes from outside.
    ///
    /// # Errors
    ///
    /// [`InvalidBudget::Capacity`].
    pub const fn try_new(capacity: u32) -> Result<TokenBucket, InvalidBudget> {
        TokenBucket {
            capacity: 1,
            transient: 1,
            throttling: 1,
            timeout: 1,
            reward: 1,
            missing: Word::new(0),
        }
        .try_capacity(capacity)
    }

    /// The numbers of the AWS clients'
    /// [standard mode](https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html) as it was until 2026,
    /// "retry 2.0": as in botocore's `retries/standard.py`.
    #[must_use]
    pub const fn aws_2_0() -> TokenBucket {
        TokenBucket::new(500)
            .cost(Class::Transient, 5)
            .cost(Class::Throttling, 5)
            .cost(Class::Timeout, 10)
    }

    /// The numbers of the AWS clients' standard mode since 2026, "retry 2.1", as in botocore's
    /// `test_standard_retry_v2_1.py` and smithy-rs's `retries/strategy/standard.rs`. A retry costs almost three times as much
    /// as before, unless the server asks to slow down.
    #[must_use]
    pub const fn aws_2_1() -> TokenBucket {
        TokenBucket::new(500)
            .cost(Class::Transient, 14)
            .cost(Class::Throttling, 5)
            .cost(Class::Timeout, 14)
    }

    /// How many tokens the bucket holds when it is full, as it is at first.
    ///
    /// # Panics
    ///
    /// If it is 0, which in a `const` or `static` is a compile error.
    #[must_use]
    pub const fn capacity(self, tokens: u32) -> Self {
        match self.try_capacity(tokens) {
            Ok(budget) => budget,
            Err(_) => panic!("invalid retry budget: the capacity must be at least 1"),
        }
    }

    /// [`capacity`](TokenBucket::capacity) for a number that comes from outside.
    ///
    /// # Errors
    ///
    /// [`InvalidBudget::Capacity`].
    pub const fn try_capacity(mut self, tokens: u32) -> Result<Self, InvalidBudget> {
        if tokens == 0 {
            return Err(InvalidBudget::Capacity);
        }
        self.capacity = tokens;
        Ok(self)
    }

    /// What a retry after a failure of this class costs.
    ///
    /// ```compile_fail,E0080
    /// use persevere_budget::{Class, TokenBucket};
    ///
    /// static BUDGET: TokenBucket = TokenBucket::new(10).cost(Class::Timeout, 0);
    /// ```
    ///
    /// # Panics
    ///
    /// If it is 0, which in a `const` or `static` is a compile error.
    #[must_use]
    pub const fn cost(self, class: Class, tokens: u32) -> Self {
        match self.try_cost(class, tokens) {
            Ok(budget) => budget,
            Err(_) => panic!("invalid retry budget: a retry must cost at least 1"),
        }
    }

    /// [`cost`](TokenBucket::cost) for a number that comes from outside.
    ///
    /// # Errors
    ///
    /// [`InvalidBudget::Cost`].
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

    /// What a run that succeeds at once puts back.
    ///
    /// # Panics
    ///
    /// If it is 0, which in a `const` or `static` is a compile error.
    #[must_use]
    pub const fn reward(self, tokens: u32) -> Self {
        match self.try_reward(tokens) {
            Ok(budget) => budget,
            Err(_) => panic!("invalid retry budget: a success must put back at least 1"),
        }
    }

    /// [`reward`](TokenBucket::reward) for a number that comes from outside.
    ///
    /// # Errors
    ///
    /// [`InvalidBudget::Reward`].
    pub const fn try_reward(mut self, tokens: u32) -> Result<Self, InvalidBudget> {
        if tokens == 0 {
            return Err(InvalidBudget::Reward);
        }
        self.reward = tokens;
        Ok(self)
    }

    /// How many tokens there are.
    #[must_use]
    pub fn available(&self) -> u32 {
        // Never more are missing than there is room for.
        self.capacity - self.missing.load(Ordering::Relaxed) as u32
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
        // A bucket that is full stays unwritten.
        let _ = self
            .missing
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |missing| {
                (missing > 0).then(|| missing.saturating_sub(tokens.into()))
            });
    }

    /// Makes the budget known to the model checker before it is shared.
    #[cfg(feature = "loom")]
    pub fn touch(&self) {
        self.missing.load(Ordering::Relaxed);
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
