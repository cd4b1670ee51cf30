//! Retry, breaker, budget and hedge: when to use which, and how to combine them.
//!
//! | | question | scope | rejects |
//! |---|---|---|---|
//! | policy | Is *this* failure worth another attempt, and when? | one run | further attempts of the run |
//! | breaker | Is *any* call worth making now? | all calls to one dependency | every attempt, first ones included, until a probe succeeds |
//! | budget | May *all* callers together retry this much? | all runs that share it | retries, never a first attempt |
//! | hedge | Is *this* call slow, so that a second one may be faster? | one call | nothing |
//!
//! Start with a policy. Add a budget where many callers share a server: it costs little while the server
//! is healthy, and its defaults need no tuning. Add a breaker where a failing call is slow or costly, where
//! the caller has an alternative, or where the server needs rest to recover. Use one breaker and one budget
//! for each dependency that fails independently. Add a hedge where a few calls are slow by chance, as on one of
//! several replicas: a hedge is the operation of a run, and has a budget of its own. See
//! [`persevere-hedge`](https://docs.rs/persevere-hedge).
//!
//! # The arithmetic
//!
//! With `a` attempts in each of `l` layers, one request becomes up to `a^l` calls to the last server:
//! 3 attempts in 3 layers make 27 calls. A budget of ratio `r` in each layer limits this to `(1 + r)^l`, plus
//! its reserve: 1.1³ is 1.33. So retry in one layer only, directly above the dependency that fails, and use a
//! budget there. A breaker never adds calls. See [`persevere-budget`](https://docs.rs/persevere-budget).
//!
//! # Inside or outside
//!
//! A breaker on a run, `policy.on(sleeper).breaker(&BREAKER)`, is *inside* the retry: it admits or rejects
//! each attempt and counts attempts. An outage opens it quickly, and the run stops at the next attempt:
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

A breaker's call around a run is *outside*: it counts whole runs, and a failure that a retry repairs is not
counted:

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

Use the inside form for servers that go down, and the outside form for servers that fail now and then.
"#
)]
//!
//! # Order
//!
//! 1. Before an attempt, the breakers admit or reject it, in the order in which they were added.
//! 2. The budgets are notified that an attempt begins.
//! 3. After the attempt, its outcome is reported to the breakers.
//! 4. The policy's classifier returns its verdict, and the machine decides.
//! 5. If the decision is to retry, each budget admits or rejects the retry.
//!
//! A budget therefore never pays for a retry that the policy does not make, and the order of `.breaker(..)`
//! and `.budget(..)` does not matter.
//!
//! A breaker has its own classifier, because an error that is not retryable can come from a healthy server:
//! see `failure_if` of its builder. By default, every error is a failure.
//!
//! # Clocks
//!
//! All runs that share a breaker or a budget have to use the same clock. The sleepers of threads and
//! runtimes do, so one `static` serves them all. A paused clock and virtual time are separate clocks: create
//! breakers and budgets for each test that uses them.
//!
//! `std::time::Instant`, and so every sleeper of this crate, does not count the time that a machine is suspended
//! on Linux and macOS; on Windows it does. A breaker that was opened for ten minutes before a laptop slept for
//! eight hours is still open when it wakes. If that matters, make a sleeper over the clock of the system that
//! goes on, such as `CLOCK_BOOTTIME` on Linux:
//!
//! ```text
//! let boot = |clock| { let t = rustix::time::clock_gettime(clock); Duration::new(t.tv_sec as u64, t.tv_nsec as u32) };
//! let sleeper = sleeper::from_fn(tokio::time::sleep, move || boot(rustix::time::ClockId::Boottime));
//! ```
//!
//! # Timeouts
//!
//! Set time limits inside: [`Policy::attempt_timeout`](crate::Policy::attempt_timeout),
//! [`Run::timeout`](crate::Run::timeout), [`Run::deadline`](crate::Run::deadline). They report to breakers and
//! budgets that the attempt timed out. `tokio::time::timeout` around a run or around a breaker's call drops the
//! future, which is how a caller that loses interest looks too: the call counts as abandoned, and a breaker
//! counts neither a success nor a failure, so that a server that hangs never opens it. A permit that the caller
//! reports by `abandoned(now)` is different: with `slow_after` it counts as a failure if the call took that long.
//!
//! # Rejections
//!
//! A rejected attempt is not made and not counted; neither the classifier nor a budget sees it. It stops the
//! run with [`StopReason::Rejected`](crate::StopReason::Rejected) and without an error. With
//! [`Policy::retry_rejected`](crate::Policy::retry_rejected) the run waits for the remaining open time and tries again.
//! The remaining time is a hint like a server's: if it exceeds [`Policy::max_hint`](crate::Policy::max_hint),
//! 5 minutes by default, the run stops. A rejection is no attempt and moves no curve. A run ends when it has
//! been rejected [`Policy::max_attempts`](crate::Policy::max_attempts) times.
//!
#![cfg_attr(
    all(feature = "std", feature = "breaker"),
    doc = r#"
```
use persevere::{Policy, ThreadSleeper, breaker::CircuitBreaker};
use std::time::Duration;

let open_for = Duration::from_millis(5);
let breaker = CircuitBreaker::consecutive_failures(2).open_for(open_for).build();
let patient = Policy::fixed(Duration::ZERO).max_attempts(4).max_hint(open_for).retry_rejected(true);

let mut calls = 0;
let value = patient.on(ThreadSleeper).breaker(&breaker).run_blocking(|| {
    calls += 1;
    if calls < 3 { Err("down") } else { Ok(calls) } // two failures, a rejection, then a probe
});
assert_eq!(value, Ok(3));
```
"#
)]
//!
//! # Attribute
//!
//! `#[retry(breaker = &BREAKER, budget = &BUDGET)]` is the same as a run with both. A function with a breaker
//! returns `Result<T, RetryError<E>>`, since a rejected attempt has no `E` to return.
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
