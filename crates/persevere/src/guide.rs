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
//! 27. With a budget of ratio `r` in each layer they are `(1 + r)^l`, beside its reserve: 1.1³ is 1.33. So retry in one layer
//! alone, the one right above what fails, and have a budget there. A breaker multiplies nothing: it only takes away.
//! [`persevere-budget`](https://docs.rs/persevere-budget) has more of this.
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
//! classifier gives its verdict, the machine decides, and if there is to be a retry the budgets are asked for it. So a budget
//! pays for no retry that would not be made, and the order of `.breaker(..)` and `.budget(..)` does not matter. Of several
//! breakers the first is asked first.
//!
//! A breaker has a classifier of its own, since not all that is worth no retry is a sign that the server is down: see
//! `failure_if` of its builder. Unless set, every error is a failure.
//!
//! # One time
//!
//! All who share a breaker or a budget have to tell the same time. The sleepers of threads and of runtimes do, so a `static`
//! one serves them all. A paused clock and virtual time are times of their own: give a test breakers and budgets of its own.
//!
//! # Rejections
//!
//! An attempt that a breaker does not let through was not made: it is not counted, and nobody asks the classifier or the budgets.
//! It stops the run with [`StopReason::Rejected`](crate::StopReason::Rejected), and without an error. With
//! [`Policy::retry_rejected`](crate::Policy::retry_rejected) the run waits for as long as the breaker says instead, and asks
//! again. That is a hint like a server's: the run stops all the same if it is above
//! [`Policy::max_hint`](crate::Policy::max_hint), which is the cap unless set, so set it to the time that the breaker is open. And
//! it asks at most [`Policy::max_attempts`](crate::Policy::max_attempts) times, whether it is let through or not.
//!
#![cfg_attr(
    all(feature = "std", feature = "breaker"),
    doc = r#"
```
use persevere::{Policy, ThreadSleeper, breaker::CircuitBreaker};
use std::time::Duration;

let open_for = Duration::from_millis(5);
let breaker = CircuitBreaker::consecutive_failures(2).open_for(open_for).build();
let patient = Policy::fixed(Duration::ZERO).max_attempts(4).max_hint(open_for).retry_rejected();

let mut calls = 0;
let value = patient.on(ThreadSleeper).breaker(&breaker).run_blocking(|| {
    calls += 1;
    if calls < 3 { Err("down") } else { Ok(calls) } // asked for twice, and then a probe
});
assert_eq!(value, Ok(3));
```
"#
)]
//!
//! # By attribute
//!
//! `#[retry(breaker = &BREAKER, budget = &BUDGET)]` does the same as a run with both. A function with a breaker is declared to
//! return `Result<T, RetryError<E>>`, since an attempt that is not made has no `E` to return.
//!
#![cfg_attr(
    all(feature = "std", feature = "macros", feature = "breaker", feature = "budget"),
    doc = r#"
```
use persevere::{RetryError, StopReason, breaker::CircuitBreaker, budget::WindowedRatio, retry};

static BREAKER: CircuitBreaker = CircuitBreaker::consecutive_failures(5).build();
static BUDGET: WindowedRatio = WindowedRatio::new().ratio(0.1).reserve(1);

#[retry(max_attempts = 3, backoff = fixed("0s"), breaker = &BREAKER, budget = &BUDGET)]
fn fetch() -> Result<u32, RetryError<&'static str>> {
    Err("down")
}

let ends = [(); 6].map(|()| fetch().unwrap_err()).map(|error| (error.reason(), error.attempts()));
assert_eq!(ends[0], (StopReason::Budget, 2)); // the reserve is one retry
assert_eq!(ends[1..4], [(StopReason::Budget, 1); 3]);
assert_eq!(ends[4..], [(StopReason::Rejected, 0); 2]); // five failures
```
"#
)]
