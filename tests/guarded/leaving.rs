//! Runs that are dropped or unwind: breaker and budget are as before the run, or have a report of its failure.

use crate::series::series;
use persevere::breaker::{CircuitBreaker, State};
use persevere::budget::{Class, TokenBucket};
use persevere::{CancelToken, Event, Policy, Sleeper, StopReason, retry};
use persevere_testkit::{Polled, VirtualTime};
use persevere_tests::script::scripted;
use persevere_tests::strategy::cases;
use proptest::prelude::*;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);

proptest! {
    #![proptest_config(cases(150))]

    /// After any number of polls, a dropped run holds no place in a half-open breaker. It has given back the token of a
    /// retry that it has not made.
    #[test]
    fn dropped_run_gives_back_what_it_holds(series in series()) {
        let policy = series.policy();
        for polls in 0..60 {
            let time = VirtualTime::starting_at(SECOND);
            let script = scripted(&time, series.calls().to_vec());
            // Half-open, and closed only after many successes, so that each attempt is a probe.
            let breaker = CircuitBreaker::consecutive_failures(1)
                .open_for(Duration::from_millis(1))
                .successes_to_close(1_000)
                .build();
            breaker.try_acquire(time.now()).unwrap().failed(time.now());
            time.advance(Duration::from_millis(1));
            let bucket = TokenBucket::new(1_000)
                .cost(Class::Transient, 5)
                .cost(Class::Timeout, 5);
            let run = policy.on(time.asynchronous()).breaker(&breaker).budget(&bucket);
            let mut run = Polled::new(run.run(|| script.call_async()));
            let over = (0..polls).any(|_| {
                let over = run.poll().is_ready();
                if !over && !run.is_woken() {
                    time.advance_to_next();
                }
                over
            });
            drop(run);
            let made = script.calls() as u32;
            if !over {
                let spent = 1_000 - bucket.available();
                prop_assert_eq!(spent, 5 * made.saturating_sub(1), "five tokens for each retry that was made");
            }
            prop_assert_eq!(script.running(), 0);
            time.advance(SECOND);
            prop_assert!(breaker.try_acquire(time.now()).is_ok(), "the probe's place is free after {} polls", polls);
            if over {
                break;
            }
        }
    }
}

/// A breaker that one failure opens, for a second.
fn fragile() -> CircuitBreaker {
    CircuitBreaker::consecutive_failures(1).open_for(SECOND).build()
}

fn panics() -> Result<(), &'static str> {
    // Without a message.
    resume_unwind(Box::new("on purpose"))
}

/// K1: an attempt that panics is a failure, at the time of the panic, for every driver.
#[test]
fn attempt_that_panics_failed_when_it_panicked() {
    let check = |name: &str, run: &dyn Fn(&VirtualTime, &CircuitBreaker)| {
        let (time, breaker) = (VirtualTime::starting_at(9 * SECOND), fragile());
        assert!(
            catch_unwind(AssertUnwindSafe(|| run(&time, &breaker))).is_err(),
            "{name}"
        );
        let left = breaker.try_acquire(time.now()).expect_err(name).retry_after();
        assert_eq!(left, Some(SECOND), "{name}");
        assert_eq!(breaker.stats().abandoned, 0, "{name}");
    };
    let policy = Policy::fixed(SECOND);
    check("run_blocking", &|time, breaker| {
        let _ = policy.on(time).breaker(breaker).run_blocking(panics);
    });
    check("run", &|time, breaker| {
        let run = policy.on(time.asynchronous()).breaker(breaker);
        let _ = time.block_on(run.run(async || panics()));
    });
    check("run_mut", &|time, breaker| {
        let run = policy.on(time.asynchronous()).breaker(breaker);
        let _ = time.block_on(run.run_mut(async || panics()));
    });
    check("#[retry]", &|time, breaker| {
        #[retry(sleeper = time, breaker = breaker)]
        fn call(time: &VirtualTime, breaker: &CircuitBreaker) -> Result<(), persevere::RetryError<&'static str>> {
            panics()
        }
        let _ = call(time, breaker);
    });
}

/// Where the executor catches the panic and drops the future later, when nothing unwinds any more, it is a failure all the
/// same.
#[test]
fn panic_that_the_executor_catches_is_a_failure() {
    let (time, breaker) = (VirtualTime::new(), fragile());
    let policy = Policy::fixed(SECOND);
    let mut run = Polled::new(policy.on(time.asynchronous()).breaker(&breaker).run(async || panics()));
    assert!(catch_unwind(AssertUnwindSafe(|| run.poll())).is_err());
    drop(run);
    assert_eq!((breaker.state(time.now()), breaker.stats().abandoned), (State::Open, 0));
}

/// A panic before the attempt's future exists is a failure at once, even while the run is kept.
#[test]
fn panic_before_the_future_exists_is_a_failure() {
    let (time, breaker) = (VirtualTime::new(), fragile());
    let policy = Policy::fixed(SECOND);
    let run = policy.on(time.asynchronous()).breaker(&breaker);
    let mut run = Polled::new(run.run(|| std::future::ready(panics())));
    assert!(catch_unwind(AssertUnwindSafe(|| run.poll())).is_err());
    assert_eq!(breaker.state(time.now()), State::Open);
    drop(run);
    assert_eq!((breaker.state(time.now()), breaker.stats().abandoned), (State::Open, 0));
}

/// A run that waits for its attempt and is dropped by a panic beside it is abandoned.
#[test]
fn panic_beside_a_pending_run_is_no_failure() {
    let (time, breaker) = (VirtualTime::new(), fragile());
    let policy = Policy::fixed(SECOND);
    let unwound = catch_unwind(AssertUnwindSafe(|| {
        let run = policy.on(time.asynchronous()).breaker(&breaker);
        let mut run = Polled::new(run.run(std::future::pending::<Result<(), &'static str>>));
        assert!(run.poll().is_pending());
        resume_unwind(Box::new("beside it"));
    }));
    assert!(unwound.is_err());
    assert_eq!(
        (breaker.state(time.now()), breaker.stats().abandoned),
        (State::Closed, 1)
    );
}

/// E4: a classifier or an observer that panics leaves the report of the breaker made and the budget whole.
#[test]
fn classifier_that_panics_leaves_breaker_and_budget_consistent() {
    let (time, breaker, bucket) = (VirtualTime::new(), fragile(), TokenBucket::new(10));
    let policy =
        Policy::fixed(SECOND).classify_with(|_: &&str| -> persevere::Verdict { resume_unwind(Box::new("on purpose")) });
    let run = || {
        policy
            .on(&time)
            .breaker(&breaker)
            .budget(&bucket)
            .run_blocking(|| Err::<(), _>("down"))
    };
    assert!(catch_unwind(AssertUnwindSafe(run)).is_err());
    assert_eq!((breaker.state(time.now()), bucket.available()), (State::Open, 10));

    let (time, breaker) = (VirtualTime::new(), CircuitBreaker::default());
    let run = || {
        let policy = Policy::fixed(SECOND);
        let run = policy.on(&time).breaker(&breaker).budget(&bucket);
        let run = run.on_retry(|_, _: Option<&&str>, _| resume_unwind(Box::new("on purpose")));
        run.run_blocking(|| Err::<(), _>("down"))
    };
    assert!(catch_unwind(AssertUnwindSafe(run)).is_err());
    assert_eq!(
        bucket.available(),
        10,
        "what was withdrawn for a retry that does not come is back"
    );
}

/// A run that is cancelled when its attempt is rejected does not wait for the breaker.
#[test]
fn cancelled_run_does_not_wait_for_its_breaker() {
    let (time, token) = (VirtualTime::new(), CancelToken::new());
    let breaker = CircuitBreaker::consecutive_failures(1).open_for(10 * SECOND).build();
    breaker.try_acquire(time.now()).unwrap().failed(time.now());
    let policy = Policy::fixed(SECOND).retry_rejected(true);
    let run = policy.on(time.asynchronous().cancelled_by(&token)).breaker(&breaker);
    let run = run.on_event(|event: &Event<'_, &str>| match event {
        Event::Rejected { .. } => token.cancel(),
        Event::Waiting { .. } => panic!("no wait is begun"),
        _ => {}
    });
    let error = time.block_on(run.run(async || Ok::<(), _>(()))).unwrap_err();
    assert_eq!((error.reason(), error.attempts()), (StopReason::Cancelled, 0));
    assert_eq!((error.waited(), time.now()), (Duration::ZERO, Duration::ZERO));
}
