//! Retry budgets, with accounts as runs have them.

use crate::sensor::SensorError;
use crate::{Claim, MS, TRANSIENT, claim};
use core::time::Duration;
use persevere_budget::{
    Account, AdaptiveThrottle, Budget, Class, GrpcThrottle, LastFailure, TokenBucket, WindowedRatio,
};
use persevere_core::Step;

/// The retries of runs that always fail, each with an account of its own.
fn retries(budget: impl Budget + Copy, runs: u32, now: Duration) -> u32 {
    let mut retries = 0;
    for _ in 0..runs {
        let mut account = Account::open(budget);
        let mut retry = TRANSIENT.start(now);
        account.attempt(now);
        while let Step::Wait(_) = retry.failed(&SensorError::Busy, now) {
            if account.withdraw(Class::Transient, now).is_err() {
                break;
            }
            account.attempt(now);
            retries += 1;
        }
    }
    retries
}

/// Successes pay for retries, for as long as the window lasts.
pub(crate) fn windowed() -> Claim {
    let budget = WindowedRatio::new().ratio(0.5).reserve(5).window(1000 * MS);
    claim(retries(&budget, 10, MS) == 5, "the reserve and no more")?;
    for _ in 0..8 {
        let mut account = Account::open(&budget);
        account.attempt(MS);
        account.succeeded(MS);
    }
    claim(retries(&budget, 10, 2 * MS) == 4, "one for two successes")?;
    claim(retries(&budget, 10, 5000 * MS) == 5, "both fall out of the window")
}

/// Tokens are taken and put back.
pub(crate) fn buckets() -> Claim {
    let bucket = TokenBucket::new(4).cost(Class::Timeout, 3);
    let mut account = Account::open(&bucket);
    account.attempt(Duration::ZERO);
    claim(
        account.withdraw(Class::Timeout, Duration::ZERO).is_ok() && bucket.available() == 1,
        "a timeout costs three",
    )?;
    drop(account);
    claim(
        bucket.available() == 4,
        "a run that is dropped while it waits gives back",
    )?;
    claim(retries(&bucket, 10, Duration::ZERO) == 4, "as many as there are tokens")?;

    let throttle = GrpcThrottle::new(10, 0.1);
    claim(
        retries(&throttle, 10, Duration::ZERO) == 4,
        "down to half of the tokens",
    )
}

/// All requests are accepted, then none.
pub(crate) fn adaptive() -> Claim {
    let throttle = AdaptiveThrottle::new().seed(1);
    for _ in 0..100 {
        let mut account = Account::open(&throttle);
        account.attempt(MS);
        account.failed(LastFailure::Permanent, MS);
    }
    claim(throttle.rejection_probability(MS) == 0.0, "an answer is an answer")?;
    let retries = retries(&throttle, 1000, 2 * MS);
    claim(
        (1..1000).contains(&retries),
        "the more is rejected, the less is retried",
    )?;
    claim(throttle.rejection_probability(2 * MS) > 0.8, "until next to nothing is")
}
