//! Calls without a report: abandoned, superseded, or dropped by a panic.

use crate::drive::{enter, fail, ms, succeed};
use persevere::Sleeper;
use persevere_breaker::{CircuitBreaker, LastCalls, State};
use persevere_testkit::{Polled, VirtualTime};
use std::cell::Cell;
use std::future::{Ready, pending};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::time::Duration;

/// K10: permits that are dropped have no clock, so they are counted and decide nothing.
#[test]
fn dropped_permits_are_counted() {
    let breaker = CircuitBreaker::consecutive_failures(5).slow_after(ms(1)).build();
    for _ in 0..1_000 {
        drop(enter(&breaker, ms(0)));
    }
    assert_eq!(
        (breaker.state(ms(0)), breaker.stats().abandoned),
        (State::Closed, 1_000)
    );
}

#[test]
fn young_unfinished_calls_decide_nothing() {
    let breaker = CircuitBreaker::consecutive_failures(5).slow_after(ms(100)).build();
    for _ in 0..500 {
        enter(&breaker, ms(0)).abandoned(ms(99));
        enter(&breaker, ms(0)).superseded(ms(99));
    }
    let stats = breaker.stats();
    assert_eq!((stats.abandoned, stats.superseded, stats.slow), (500, 500, 0));
    assert_eq!(breaker.state(ms(99)), State::Closed);
}

/// K10: a window that holds nothing but calls that hung until their callers went away opens.
#[test]
fn slow_unfinished_calls_open() {
    let breaker = CircuitBreaker::tripped_by(LastCalls::of(100).rate(0.5).minimum(20))
        .slow_after(ms(100))
        .build();
    for _ in 0..10 {
        enter(&breaker, ms(0)).abandoned(ms(100));
        enter(&breaker, ms(0)).superseded(ms(100));
    }
    assert_eq!((breaker.state(ms(100)), breaker.stats().slow), (State::Open, 20));
}

/// Without `slow_after`, no call is slow, and no clock is read.
#[test]
fn unfinished_calls_never_open_without_slow_after() {
    let breaker = CircuitBreaker::consecutive_failures(1).build();
    enter(&breaker, ms(0)).abandoned(Duration::MAX);
    enter(&breaker, ms(0)).superseded(Duration::MAX);
    assert_eq!(breaker.state(ms(0)), State::Closed);
    let time = VirtualTime::new();
    let mut call = Polled::new(breaker.on(&time).run(pending::<Result<(), ()>>));
    assert!(call.poll().is_pending());
    drop(call);
    assert_eq!((time.reads(), breaker.stats().abandoned), (0, 2));
}

#[test]
fn slow_unfinished_probe_reopens_and_a_young_one_returns_its_place() {
    let breaker = CircuitBreaker::consecutive_failures(1)
        .open_for(ms(1_000))
        .slow_after(ms(100))
        .build();
    fail(&breaker, 1, ms(0));
    enter(&breaker, ms(1_000)).abandoned(ms(1_099));
    assert_eq!(breaker.state(ms(1_099)), State::HalfOpen);
    enter(&breaker, ms(1_099)).abandoned(ms(1_199));
    assert_eq!(breaker.state(ms(1_199)), State::Open);
}

/// K10: `tokio::time::timeout` around a call drops its future.
#[test]
fn dropped_call_that_was_slow_is_a_failure() {
    let time = VirtualTime::new();
    let breaker = CircuitBreaker::consecutive_failures(2).slow_after(ms(50)).build();
    for (takes, state) in [(49, State::Closed), (50, State::Closed), (50, State::Open)] {
        let mut call = Polled::new(breaker.on(time.asynchronous()).run(pending::<Result<(), ()>>));
        assert!(call.poll().is_pending());
        time.advance(ms(takes));
        drop(call);
        assert_eq!(breaker.state(time.elapsed()), state, "{takes}");
    }
}

/// K10.
#[test]
fn pending_call_dropped_by_another_panic_is_abandoned() {
    let time = VirtualTime::new();
    let breaker = CircuitBreaker::consecutive_failures(1).build();
    let unwound = catch_unwind(AssertUnwindSafe(|| {
        let mut call = Polled::new(breaker.on(time.asynchronous()).run(pending::<Result<(), ()>>));
        assert!(call.poll().is_pending());
        resume_unwind(Box::new("another"));
    }));
    assert!(unwound.is_err());
    assert_eq!((breaker.state(ms(0)), breaker.stats().abandoned), (State::Closed, 1));
}

/// K10: the same for an attempt of a run.
#[test]
fn pending_run_dropped_by_another_panic_is_abandoned() {
    let time = VirtualTime::new();
    let breaker = CircuitBreaker::consecutive_failures(1).build();
    let policy = persevere::Policy::fixed(ms(1));
    let unwound = catch_unwind(AssertUnwindSafe(|| {
        let run = policy.on(time.asynchronous()).breaker(&breaker);
        let mut run = Polled::new(run.run(pending::<Result<(), ()>>));
        assert!(run.poll().is_pending());
        resume_unwind(Box::new("another"));
    }));
    assert!(unwound.is_err());
    assert_eq!((breaker.state(ms(0)), breaker.stats().abandoned), (State::Closed, 1));
}

/// K17: a clock or a backoff that panics while a panic unwinds would abort the process.
#[test]
fn panic_in_a_destructor_while_unwinding_is_contained() {
    let backoff = persevere::backoff::from_fn(|_| -> Option<Duration> { resume_unwind(Box::new("backoff")) });
    let breaker = CircuitBreaker::consecutive_failures(1).open_with(&backoff).build();
    let payload = catch_unwind(AssertUnwindSafe(|| {
        let _permit = enter(&breaker, ms(0));
        resume_unwind(Box::new("operation"))
    }));
    let payload: Box<dyn std::any::Any + Send> = payload.map(|(): ()| ()).unwrap_err();
    assert_eq!(payload.downcast_ref::<&str>(), Some(&"operation"));

    struct Broken<'a>(&'a Cell<bool>);
    impl Sleeper for Broken<'_> {
        type Sleep = Ready<()>;
        fn sleep(&self, _: Duration) -> Self::Sleep {
            std::future::ready(())
        }
        fn now(&self) -> Duration {
            if self.0.get() {
                resume_unwind(Box::new("clock"))
            }
            Duration::ZERO
        }
    }
    let is_broken = Cell::new(false);
    let breaker = CircuitBreaker::consecutive_failures(1).slow_after(ms(1)).build();
    let call = breaker.on(Broken(&is_broken));
    let payload = catch_unwind(AssertUnwindSafe(|| {
        call.run_blocking(|| -> Result<(), ()> {
            is_broken.set(true);
            resume_unwind(Box::new("operation"))
        })
    }));
    assert_eq!(payload.unwrap_err().downcast_ref::<&str>(), Some(&"operation"));
    is_broken.set(false);
    succeed(&breaker, 1, ms(0));
}

/// K10: a run that is dropped reads no clock, so that its attempt is counted and decides nothing.
#[test]
fn dropped_run_is_counted_alone() {
    let time = VirtualTime::new();
    let breaker = CircuitBreaker::consecutive_failures(1).slow_after(ms(50)).build();
    let policy = persevere::Policy::fixed(ms(1));
    let mut run = Polled::new(
        policy
            .on(time.asynchronous())
            .breaker(&breaker)
            .run(pending::<Result<(), ()>>),
    );
    assert!(run.poll().is_pending());
    time.advance(ms(50));
    drop(run);
    assert_eq!((breaker.state(ms(50)), breaker.stats().abandoned), (State::Closed, 1));
}
