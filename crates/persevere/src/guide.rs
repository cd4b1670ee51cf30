//! When to use which: retry, breaker, budget, and how they go together.
//!
//! | | it answers | it knows of | it stops |
//! |---|---|---|---|
//! | a policy | is *this* failure worth another attempt, and when? | one run | the run |
//! | a breaker | is it worth calling *at all*? | all calls to one thing | every attempt, first ones too, until a probe succeeds |
//! | a budget | may *we all* retry as much as this? | all runs that share it | retries, and never a first attempt |
//!
//! Start with a policy. Add a budget where many callers share a server: it costs nothing while things are well, and needs no tuning
//! to be right. Add a breaker where a call that fails is slow or costly, where there is something to do instead, or where
//! what is down needs to be left alone to come back. Have one of each for each thing that fails on its own.
//!
//! # The arithmetic
//!
//! With `a` attempts in each of `l` layers, one request becomes up to `a^l` calls of the last server: 3 attempts in 3 layers are
//! 27. With a budget of ratio `r` in each layer they are `(1 + r)^l`: 1.1³ is 1.34. So retry in one layer alone, the one right
//! above what fails, and have a budget there. A breaker multiplies nothing: it only takes away.
//!
//! # Inside or outside
//!
//! A breaker on a run, `policy.on(sleeper).breaker(&BREAKER)`, is *inside* of the retry: it is asked before each attempt and counts
//! attempts. One outage opens it soon, and a run whose breaker opens stops in the middle:
//!
#![cfg_attr(
    all(feature = "std", feature = "breaker"),
    doc = r#"
```
use persevere::{Policy, StopReason, ThreadSleeper, breaker::CircuitBreaker};
use std::time::Duration;

static INSIDE: CircuitBreaker = CircuitBreaker::consecutive_failures(2).build();
let policy = Policy::fixed(Duration::ZERO).max_attempts(3);

let run = policy.on(ThreadSleeper).breaker(&INSIDE);
let error = run.run_blocking(|| Err::<(), _>("down")).unwrap_err();
assert_eq!((error.reason(), error.attempts()), (StopReason::Rejected, 2));
```

A call of the breaker's own around a run is *outside*: it counts whole runs, so that what a retry mends is no failure:

```
use persevere::{Policy, ThreadSleeper, breaker::{BreakerError, CircuitBreaker}};
use std::time::Duration;

static OUTSIDE: CircuitBreaker = CircuitBreaker::consecutive_failures(2).build();
let policy = Policy::fixed(Duration::ZERO).max_attempts(3);

let call = || {
    let run = || policy.on(ThreadSleeper).run_blocking(|| Err::<(), _>("down"));
    OUTSIDE.on(ThreadSleeper).run_blocking(run)
};
let attempts = [call(), call()].map(|result| match result.unwrap_err() {
    BreakerError::Inner(error) => error.attempts(),
    BreakerError::Rejected(_) => 0,
});
assert_eq!(attempts, [3, 3]);
assert!(matches!(call(), Err(BreakerError::Rejected(_))));
```

Inside is right for a server that is down; outside for one that is flaky.
"#
)]
//!
//! # In which order
//!
//! Before an attempt the breakers are asked, and then the budgets told. After it the breakers hear how it ended, the policy's
//! classifier gives its verdict, the machine decides, and if there is to be a retry the budgets are asked for it. The order of
//! `.breaker(..)` and `.budget(..)` does not matter.
//!
//! # Rejections
//!
//! An attempt that a breaker does not let through was not made: it is not counted, and nobody asks the classifier. It stops the run
//! with [`StopReason::Rejected`](crate::StopReason::Rejected). With [`Policy::retry_rejected`](crate::Policy::retry_rejected) the
//! run waits for as long as the breaker says instead, within [`Policy::max_hint`](crate::Policy::max_hint), and asks again.
//!
//! # By attribute
//!
//! `#[retry(breaker = &BREAKER, budget = &BUDGET)]` does the same. A function with a breaker is declared to return
//! `Result<T, RetryError<E>>`, since an attempt that is not made has no `E` to return.
