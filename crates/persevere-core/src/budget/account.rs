//! The withdrawals of one run from a budget.

use super::{Budget, Class, Exhausted, LastFailure};
use core::time::Duration;

/// The withdrawals of one run from a budget that it shares with other runs. Each run opens its own account, and no run
/// can give back what another withdrew.
///
/// A run that is dropped while it waits for a retry gives back the cost of the retry. A run that is dropped during an
/// attempt gives nothing back, since the load is there. It counts neither as a success nor as a failure.
///
/// [`Run::budget`](crate::Run::budget) keeps an account for each run. In a loop of your own:
///
/// ```
/// use persevere::{Policy, Sleeper, Step, StopReason, ThreadSleeper};
/// use persevere::budget::{Account, Class, LastFailure, WindowedRatio};
/// use std::time::Duration;
///
/// /// One retry for each ten calls that succeed, and ten more in any ten seconds.
/// static BUDGET: WindowedRatio = WindowedRatio::new().ratio(0.1).reserve(10);
/// static POLICY: Policy = Policy::exponential(Duration::from_micros(1)).max_attempts(3);
///
/// fn call(mut operation: impl FnMut() -> Result<u32, &'static str>) -> Result<u32, (StopReason, &'static str)> {
///     let sleeper = ThreadSleeper;
///     let mut account = Account::open(&BUDGET);
///     let mut retry = POLICY.start(sleeper.now());
///     loop {
///         account.attempt(sleeper.now());
///         match operation() {
///             Ok(value) => {
///                 account.succeeded(sleeper.now());
///                 return Ok(value);
///             }
///             Err(error) => match retry.failed(&error, sleeper.now()) {
///                 Step::Wait(delay) => {
///                     if account.withdraw(Class::Transient, sleeper.now()).is_err() {
///                         return Err((StopReason::Budget, error));
///                     }
///                     let _done = sleeper.sleep(delay);
///                 }
///                 Step::Stop(reason) => {
///                     account.failed(LastFailure::Retryable(Class::Transient), sleeper.now());
///                     return Err((reason, error));
///                 }
///             },
///         }
///     }
/// }
///
/// // Everything is down: the first five calls are tried three times each, the others once.
/// let mut attempts = 0;
/// for _ in 0..5 {
///     assert_eq!(call(|| { attempts += 1; Err("down") }), Err((StopReason::Attempts, "down")));
/// }
/// assert_eq!(attempts, 15);
/// assert_eq!(call(|| { attempts += 1; Err("down") }), Err((StopReason::Budget, "down")));
/// assert_eq!(attempts, 16);
/// ```
#[derive(Debug)]
#[must_use = "an account that is dropped gives back what it holds"]
pub struct Account<B: Budget> {
    budget: B,
    /// The cost of the retry to be made.
    held: Option<u32>,
    /// The cost of the last retry that was made.
    last: Option<u32>,
}

impl<B: Budget> Account<B> {
    /// Opens an account with a budget, mostly a reference or an `Arc`. It holds nothing.
    #[inline]
    pub const fn open(budget: B) -> Account<B> {
        Account {
            budget,
            held: None,
            last: None,
        }
    }

    /// Spends what was withdrawn for the attempt that begins, the first or a retry.
    #[inline]
    pub fn attempt(&mut self, now: Duration) {
        if let Some(cost) = self.held.take() {
            self.last = Some(cost);
        }
        self.budget.attempted(now);
    }

    /// Withdraws what a retry costs, after an attempt that failed with a failure of this class.
    ///
    /// # Errors
    ///
    /// [`Exhausted`] if the budget does not allow a retry. Then the run is over, with nothing else to report. The account
    /// may serve another run.
    #[inline]
    pub fn withdraw(&mut self, class: Class, now: Duration) -> Result<(), Exhausted> {
        self.give_back();
        self.held = self.budget.withdraw(class, now);
        if self.held.is_none() {
            self.last = None;
            return Err(Exhausted);
        }
        Ok(())
    }

    /// Reports that the attempt succeeded and the run is over. The account may serve another run.
    #[inline]
    pub fn succeeded(&mut self, now: Duration) {
        self.give_back();
        self.budget.succeeded(self.last.take(), now);
    }

    /// Reports that the attempt failed and the run ends without a retry. The account may serve another run.
    #[inline]
    pub fn failed(&mut self, failure: LastFailure, now: Duration) {
        self.give_back();
        self.last = None;
        self.budget.failed(failure, now);
    }

    /// The budget.
    #[inline]
    pub const fn budget(&self) -> &B {
        &self.budget
    }

    /// Gives back what is held for a retry that is not made. Nothing is held after [`attempt`](Account::attempt).
    #[inline]
    pub fn give_back(&mut self) {
        if let Some(cost) = self.held.take() {
            self.budget.give_back(cost);
        }
    }
}

impl<B: Budget> Drop for Account<B> {
    #[inline]
    fn drop(&mut self) {
        self.give_back();
    }
}
