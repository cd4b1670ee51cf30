//! Runs within an attempt of another run, which debug builds report once.

use persevere::run::is_within;
use persevere::{Attempt, Policy};
use persevere_testkit::VirtualTime;
use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);

/// An attempt of a run that retries is noted on its thread, in every driver, while it is made and no longer.
#[test]
fn attempts_of_runs_that_retry_are_noted() {
    let (time, seen) = (VirtualTime::new(), RefCell::new(vec![]));
    let look = || seen.borrow_mut().push(is_within());
    let look_async = async || {
        look();
        time.pass(SECOND).await;
        look();
        Err::<(), _>("down")
    };
    let policy = Policy::fixed(SECOND).max_attempts(2);
    let _ = policy.on(&time).run_blocking(|| {
        look();
        Err::<(), _>("down")
    });
    look();
    let _ = time.block_on(policy.on(time.asynchronous()).run(look_async));
    look();
    let _ = time.block_on(policy.on(time.asynchronous()).run_mut(look_async));
    look();
    let is_debug = cfg!(debug_assertions);
    let mut expected = vec![is_debug; 2];
    expected.push(false);
    for _ in 0..2 {
        expected.extend([is_debug; 4]);
        expected.push(false);
    }
    assert_eq!(seen.into_inner(), expected);
}

/// A run of one attempt multiplies nothing, and an attempt that panicked is over.
#[test]
fn single_attempts_and_panics_are_not_noted() {
    let (time, within) = (VirtualTime::new(), Cell::new(true));
    let look = || {
        within.set(is_within());
        Ok::<_, ()>(())
    };
    Policy::fixed(SECOND)
        .max_attempts(1)
        .on(&time)
        .run_blocking(look)
        .unwrap();
    assert!(!within.get());
    let policy = Policy::fixed(SECOND);
    let run = || {
        policy
            .on(&time)
            .run_blocking(|| -> Result<(), ()> { resume_unwind(Box::new("on purpose")) })
    };
    assert!(catch_unwind(AssertUnwindSafe(run)).is_err());
    assert!(!is_within());
}

/// The header has the number of the attempt, and the most attempts if they are limited.
#[test]
fn header_has_the_attempt_and_the_most_attempts() {
    let (time, headers) = (VirtualTime::new(), RefCell::new(vec![]));
    let call = |attempt: Attempt| {
        headers.borrow_mut().push(attempt.header().to_string());
        if attempt.number() < 3 { Err("down") } else { Ok(()) }
    };
    Policy::fixed(SECOND)
        .max_attempts(3)
        .on(&time)
        .run_blocking_with(call)
        .unwrap();
    Policy::fixed(SECOND)
        .unlimited_attempts()
        .on(&time)
        .run_blocking_with(call)
        .unwrap();
    let expected = [
        "attempt=1; max=3",
        "attempt=2; max=3",
        "attempt=3; max=3",
        "attempt=1",
        "attempt=2",
        "attempt=3",
    ];
    assert_eq!(headers.into_inner(), expected);
    assert_eq!(Attempt::new(2).of(4).max_attempts(), Some(4));
}
