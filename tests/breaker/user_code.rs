//! Code supplied by the caller that panics, or that uses the breaker that calls it.

use crate::drive::{fail, ms, states, succeed};
use persevere::backoff::{Context, FromFn, from_fn};
use persevere::{Classifier, Verdict};
use persevere_breaker::{CircuitBreaker, ConsecutiveFailures, State};
use persevere_testkit::VirtualTime;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

type Delay = fn(&mut Context<'_>) -> Option<Duration>;

#[test]
fn panic_in_classifier_is_a_failure() {
    struct Broken;
    impl Classifier<u8> for Broken {
        fn classify(&self, error: &u8) -> Verdict {
            if *error == 0 {
                resume_unwind(Box::new("classifier"))
            } else {
                Verdict::Retry
            }
        }
    }
    let breaker = CircuitBreaker::consecutive_failures(1)
        .classify(Broken)
        .open_for(ms(10))
        .build();
    let time = VirtualTime::new();
    for round in 0..10 {
        let call = || breaker.on(&time).run_blocking(|| Err::<(), _>(0));
        assert!(catch_unwind(AssertUnwindSafe(call)).is_err());
        assert_eq!(
            breaker.state(time.elapsed()),
            State::Open,
            "round {round}: the panic is a failure"
        );
        time.advance(ms(10));
    }
    breaker.on(&time).run_blocking(|| Ok::<_, u8>(())).unwrap();
    assert_eq!(breaker.state(time.elapsed()), State::Closed);
}

#[test]
fn panic_in_backoff_changes_nothing() {
    let calls = AtomicUsize::new(0);
    let broken = from_fn(|_| {
        let call = calls.fetch_add(1, Ordering::Relaxed);
        if call % 2 == 0 {
            resume_unwind(Box::new("backoff"))
        } else {
            Some(ms(10))
        }
    });
    let breaker = CircuitBreaker::consecutive_failures(2)
        .open_with(&broken)
        .max_open_for(Duration::MAX)
        .build();
    fail(&breaker, 1, ms(0));
    assert!(catch_unwind(AssertUnwindSafe(|| fail(&breaker, 1, ms(0)))).is_err());
    assert_eq!(breaker.state(ms(0)), State::Closed);
    fail(&breaker, 1, ms(0));
    assert_eq!(breaker.state(ms(0)), State::Open, "the next failure opens it");
    calls.store(0, Ordering::Relaxed);
    assert!(catch_unwind(AssertUnwindSafe(|| fail(&breaker, 1, ms(10)))).is_err());
    assert_eq!(breaker.state(ms(10)), State::HalfOpen);
    succeed(&breaker, 1, ms(10));
    assert_eq!(breaker.state(ms(10)), State::Closed, "the probe returned its place");
}

#[test]
fn backoff_may_use_its_breaker() {
    static BREAKER: CircuitBreaker<ConsecutiveFailures, FromFn<Delay>> = CircuitBreaker::consecutive_failures(1)
        .open_with(from_fn(meddle as _))
        .max_open_for(Duration::MAX)
        .build();
    fn meddle(_: &mut Context<'_>) -> Option<Duration> {
        assert_eq!(BREAKER.state(ms(0)), State::Closed, "the transition has not begun");
        succeed(&BREAKER, 1, ms(0));
        let _ = BREAKER.snapshot(ms(0));
        Some(ms(10))
    }
    let mut transitions = BREAKER.transitions();
    fail(&BREAKER, 1, ms(0));
    assert_eq!(states(&mut transitions), [State::Open]);
    assert_eq!(BREAKER.try_acquire(ms(0)).unwrap_err().retry_after(), Some(ms(10)));
}

#[test]
fn backoff_that_forces_its_breaker_prevails() {
    static BREAKER: CircuitBreaker<ConsecutiveFailures, FromFn<Delay>> = CircuitBreaker::consecutive_failures(1)
        .open_with(from_fn(hold as _))
        .max_open_for(Duration::MAX)
        .build();
    fn hold(_: &mut Context<'_>) -> Option<Duration> {
        BREAKER.force_close();
        Some(ms(10))
    }
    fail(&BREAKER, 1, ms(0));
    assert_eq!(BREAKER.state(ms(0)), State::ForcedClosed, "the failure is stale");
}
