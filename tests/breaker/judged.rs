//! Reports by a classifier, and what a breaker, its permits and its errors say of themselves.

use crate::drive::{enter, fail, ms};
use persevere::{Jitter, ThreadSleeper, Verdict, backoff};
use persevere_breaker::{BreakerError, CircuitBreaker, State};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

/// Each verdict on an outcome, and what it is to the breaker.
#[test]
fn a_permit_is_reported_by_the_classifier() {
    let breaker = CircuitBreaker::consecutive_failures(2)
        .open_for(ms(10))
        .classify_outcome(|outcome: &Result<u32, u16>| match outcome {
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
        "a success comes between, and what stops says nothing"
    );
    report(Err(429));
    let rejected = breaker.try_acquire(ms(0)).unwrap_err();
    assert_eq!(rejected.retry_after(), Some(ms(50)), "a hint keeps it open for longer");
}

#[test]
fn a_predicate_tells_failures_from_what_is_ignored() {
    let breaker = CircuitBreaker::consecutive_failures(2)
        .failure_if(|error: &u16| *error >= 500)
        .build();
    for (status, state) in [(500, State::Closed), (404, State::Closed), (503, State::Open)] {
        enter(&breaker, ms(0)).report(&Err::<(), _>(status), ms(0));
        assert_eq!(breaker.state(ms(0)), state, "{status}");
    }
}

#[test]
fn an_error_is_of_the_call_or_of_the_breaker() {
    let breaker = CircuitBreaker::consecutive_failures(1).open_for(Duration::MAX).build();
    let call = || breaker.on(ThreadSleeper).run_blocking(|| Err::<(), _>("no"));
    let made = call().unwrap_err();
    assert_eq!((made.rejected(), made.into_inner()), (None, Some("no")));
    let refused = call().unwrap_err();
    assert_eq!(refused.rejected().map(|rejected| rejected.state()), Some(State::Open));
    assert_eq!(refused.into_inner(), None);
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
        assert_eq!(state.to_string(), name);
    }
}

/// All of it can be printed, a breaker with closures in it too.
#[test]
fn a_breaker_is_printed_by_what_it_is() {
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
    assert!(text.contains("Through") && text.contains("CircuitBreaker"), "{text}");
}

/// The permit is reported when the backoff panics, and not once more by the panic.
#[test]
fn a_call_that_opens_on_a_broken_backoff_is_over() {
    let broken = backoff::from_fn(|_| -> Option<Duration> { panic!("broken") });
    let breaker = CircuitBreaker::consecutive_failures(1)
        .open_with(broken, Duration::MAX, Jitter::None)
        .build();
    for _ in 0..2 {
        let call = AssertUnwindSafe(|| breaker.on(ThreadSleeper).run_blocking(|| Err::<(), _>("no")));
        let payload = catch_unwind(call).unwrap_err();
        assert_eq!(payload.downcast_ref::<&str>(), Some(&"broken"));
        assert_eq!(breaker.state(ms(0)), State::Closed, "it could not open");
    }
}
