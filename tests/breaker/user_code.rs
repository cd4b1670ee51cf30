//! Code of the user that panics within the breaker, or uses the breaker that calls it.

use crate::drive::{fail, ms, states, succeed};
use persevere::backoff::{Context, FromFn, from_fn};
use persevere::{Classifier, Jitter, Verdict};
use persevere_breaker::{CircuitBreaker, ConsecutiveFailures, State};
use persevere_testkit::VirtualTime;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

type Delay = fn(&mut Context<'_>) -> Option<Duration>;

#[test]
fn a_classifier_that_panics_keeps_no_place() {
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
fn a_backoff_that_panics_leaves_the_breaker_as_it_was() {
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
        .open_with(&broken, Duration::MAX, Jitter::None)
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
    assert_eq!(breaker.state(ms(10)), State::Closed, "the probe gave its place back");
}

#[test]
fn user_code_may_use_the_breaker_it_is_called_by() {
    static BREAKER: CircuitBreaker<ConsecutiveFailures, FromFn<Delay>> = CircuitBreaker::consecutive_failures(1)
        .open_with(from_fn(meddle as _), Duration::MAX, Jitter::None)
        .build();
    fn meddle(_: &mut Context<'_>) -> Option<Duration> {
        assert_eq!(BREAKER.state(ms(0)), State::Closed, "the transition has not begun");
        succeed(&BREAKER, 1, ms(0));
        let _ = BREAKER.snapshot(ms(0));
        Some(ms(10))
    }
    let mut watch = BREAKER.watch();
    fail(&BREAKER, 1, ms(0));
    assert_eq!(states(&mut watch), [State::Open]);
    assert_eq!(BREAKER.try_acquire(ms(0)).unwrap_err().retry_after(), Some(ms(10)));
}

#[test]
fn a_backoff_that_moves_the_breaker_has_the_last_word() {
    static BREAKER: CircuitBreaker<ConsecutiveFailures, FromFn<Delay>> = CircuitBreaker::consecutive_failures(1)
        .open_with(from_fn(hold as _), Duration::MAX, Jitter::None)
        .build();
    fn hold(_: &mut Context<'_>) -> Option<Duration> {
        BREAKER.force_closed();
        Some(ms(10))
    }
    fail(&BREAKER, 1, ms(0));
    assert_eq!(BREAKER.state(ms(0)), State::ForcedClosed, "the failure is of before");
}
