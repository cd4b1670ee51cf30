//! Reports by a classifier, and how breakers, permits and errors are printed.

use crate::drive::{enter, fail, ms};
use persevere::{ThreadSleeper, Verdict, backoff};
use persevere_breaker::{BreakerError, CircuitBreaker, State};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

/// The effect of each verdict.
#[test]
fn classifier_reports_each_verdict() {
    let breaker = CircuitBreaker::consecutive_failures(2)
        .open_for(ms(10))
        .classify_outcome_with(|outcome: &Result<u32, u16>| match outcome {
            Ok(0) => Verdict::Retry,
            Ok(_) => Verdict::Accept,
            Err(429) => Verdict::RetryAfter(ms(50)),
            Err(_) => Verdict::Stop,
        })
        .build();
    let report = |outcome| enter(&breaker, ms(0)).report(&outcome, ms(0));
    report(Ok(0));
    report(Ok(7));
    report(Ok(0));
    report(Err(404));
    assert_eq!(
        breaker.state(ms(0)),
        State::Closed,
        "a success comes between, and a stop is ignored"
    );
    report(Err(429));
    let rejected = breaker.try_acquire(ms(0)).unwrap_err();
    assert_eq!(rejected.retry_after(), Some(ms(50)), "a hint keeps it open for longer");
}

/// K12.
#[test]
fn failure_if_counts_other_errors_as_successes() {
    let breaker = CircuitBreaker::consecutive_failures(2)
        .failure_if(|error: &u16| *error >= 500)
        .build();
    let closed = [500, 404, 503].map(|status| (status, State::Closed));
    for (status, state) in closed.into_iter().chain([(500, State::Open)]) {
        enter(&breaker, ms(0)).report(&Err::<(), _>(status), ms(0));
        assert_eq!(breaker.state(ms(0)), state, "{status}");
    }
}

/// K12: a cache that answers "not there" to most calls is well. Its misses close a half-open breaker, and failures among
/// them are not consecutive.
#[test]
fn timely_misses_are_successes() {
    const MISS: Result<(), u16> = Err(404);
    const DOWN: Result<(), u16> = Err(503);
    let breaker = CircuitBreaker::consecutive_failures(3)
        .failure_if(|error: &u16| *error >= 500)
        .open_for(ms(10))
        .build();
    let report = |outcome, now| enter(&breaker, now).report(&outcome, now);
    for _ in 0..5 {
        report(DOWN, ms(0));
        (0..97).for_each(|_| report(MISS, ms(0)));
    }
    assert_eq!(breaker.state(ms(0)), State::Closed);
    (0..3).for_each(|_| report(DOWN, ms(0)));
    assert_eq!(breaker.state(ms(0)), State::Open);
    report(MISS, ms(10));
    assert_eq!(breaker.state(ms(10)), State::Closed);
}

/// K12: an ignored error changes nothing, whatever judges the others.
#[test]
fn ignore_if_leaves_other_errors_to_the_classifier() {
    let is_cancelled = |error: &u16| *error == 499;
    let builder = CircuitBreaker::consecutive_failures(2);
    let counts = |error: u16| {
        let any = builder.ignore_if(is_cancelled).build();
        let chosen = builder
            .failure_if(|error: &u16| *error >= 500)
            .ignore_if(is_cancelled)
            .build();
        enter(&any, ms(0)).report(&Err::<(), _>(500), ms(0));
        enter(&chosen, ms(0)).report(&Err::<(), _>(500), ms(0));
        enter(&any, ms(0)).report(&Err::<(), _>(error), ms(0));
        enter(&chosen, ms(0)).report(&Err::<(), _>(error), ms(0));
        [any.snapshot(ms(0)), chosen.snapshot(ms(0))].map(|snapshot| (snapshot.state, snapshot.window))
    };
    assert_eq!(counts(499), [(State::Closed, 1); 2]);
    assert_eq!(counts(404), [(State::Open, 0), (State::Closed, 0)]);
    assert_eq!(counts(503), [(State::Open, 0); 2]);
}

#[test]
fn error_is_of_the_call_or_of_the_breaker() {
    let breaker = CircuitBreaker::consecutive_failures(1).open_for(Duration::MAX).build();
    let call = || breaker.on(ThreadSleeper).run_blocking(|| Err::<(), _>("no"));
    let made = call().unwrap_err();
    assert_eq!((made.rejected(), made.into_inner()), (None, Some("no")));
    let rejected = call().unwrap_err();
    assert_eq!(rejected.rejected().map(|rejected| rejected.state()), Some(State::Open));
    assert_eq!(rejected.into_inner(), None);
    assert_eq!(BreakerError::Inner("no").to_string(), "no");
}

#[test]
fn states_have_names() {
    let names = [
        (State::Closed, "closed"),
        (State::Open, "open"),
        (State::HalfOpen, "half-open"),
        (State::ForcedOpen, "forced open"),
        (State::ForcedClosed, "forced closed"),
    ];
    for (state, name) in names {
        assert_eq!((state.to_string().as_str(), state.as_str()), (name, name));
    }
}

/// Breakers with closures are printed too.
#[test]
fn breaker_and_permit_print_their_state() {
    let breaker = CircuitBreaker::consecutive_failures(1)
        .failure_if(|_: &&str| true)
        .build();
    fail(&breaker, 1, ms(0));
    let text = format!("{breaker:?}");
    for part in ["CircuitBreaker", "state: Open", "transitions: 1", "rejected: 0"] {
        assert!(text.contains(part), "{part} is in {text}");
    }
    let probe = enter(&breaker, Duration::MAX);
    let text = format!("{probe:?}");
    for part in ["Permit", "sequence: 2", "is_probe: true"] {
        assert!(text.contains(part), "{part} is in {text}");
    }
    let text = format!("{:?}", breaker.on(ThreadSleeper));
    assert!(
        text.contains("BreakerCall") && text.contains("CircuitBreaker"),
        "{text}"
    );
}

/// The call is reported when the backoff panics, and not a second time by the panic.
#[test]
fn panic_in_backoff_reports_the_call_once() {
    let broken = backoff::from_fn(|_| -> Option<Duration> { panic!("broken") });
    let breaker = CircuitBreaker::consecutive_failures(1)
        .open_with(broken)
        .max_open_for(Duration::MAX)
        .build();
    for _ in 0..2 {
        let call = AssertUnwindSafe(|| breaker.on(ThreadSleeper).run_blocking(|| Err::<(), _>("no")));
        let payload = catch_unwind(call).unwrap_err();
        assert_eq!(payload.downcast_ref::<&str>(), Some(&"broken"));
        assert_eq!(breaker.state(ms(0)), State::Closed, "it could not open");
    }
}
