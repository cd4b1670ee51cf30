//! Shared breakers without type parameters, and breakers by key.

use crate::drive::ms;
use persevere::{Policy, RetryError, StopReason};
use persevere_breaker::{BreakerError, Breakers, CircuitBreaker, LastCalls, SharedBreaker, State};
use persevere_testkit::{Polled, VirtualTime};
use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// Breakers of different kinds have one type.
fn breakers() -> [SharedBreaker; 3] {
    [
        CircuitBreaker::consecutive_failures(2)
            .open_for(ms(10))
            .build()
            .shared(),
        CircuitBreaker::tripped_by(LastCalls::of(2))
            .open_for(ms(10))
            .build()
            .shared(),
        CircuitBreaker::failure_rate(1.0)
            .over(ms(100))
            .minimum_calls(2)
            .open_for(ms(10))
            .build()
            .shared(),
    ]
}

#[test]
fn shared_breaker_is_the_gate_of_a_run() {
    for breaker in breakers() {
        let time = VirtualTime::new();
        let policy = Policy::fixed(ms(0)).max_attempts(5);
        let run = || {
            policy
                .on(&time)
                .breaker(breaker.clone())
                .run_blocking(|| Err::<(), _>("down"))
        };
        let error: RetryError<&str> = run().unwrap_err();
        assert_eq!((error.reason(), error.attempts()), (StopReason::Rejected, 2));
        assert_eq!(breaker.state(time.elapsed()), State::Open);
        time.advance(ms(10));
        policy
            .on(&time)
            .breaker(breaker.clone())
            .run_blocking(|| Ok::<_, &str>(()))
            .unwrap();
        assert_eq!(breaker.state(time.elapsed()), State::Closed);
    }
}

#[test]
fn shared_breaker_makes_calls_with_its_classifier() {
    let breaker: SharedBreaker<_> = CircuitBreaker::consecutive_failures(1)
        .failure_if(|status: &u16| *status >= 500)
        .build()
        .shared();
    let time = VirtualTime::new();
    let call = |status| breaker.on(&time).run_blocking(|| Err::<(), u16>(status));
    assert_eq!(call(404), Err(BreakerError::Inner(404)));
    assert_eq!(call(503), Err(BreakerError::Inner(503)));
    assert!(matches!(call(503), Err(BreakerError::Rejected(_))));
    let (other, mut transitions) = (breaker.clone(), breaker.transitions());
    other.reset();
    other.force_open();
    other.release();
    other.force_open_for(ms(5), ms(0));
    other.force_close();
    assert_eq!(transitions.by_ref().count(), 5);
    assert_eq!((breaker.window(ms(0)).calls, breaker.stats().rejected), (0, 1));
    assert!(format!("{breaker:?}").contains("SharedBreaker"));
}

#[test]
fn dropped_run_of_a_shared_breaker_is_abandoned() {
    let [breaker, ..] = breakers();
    let time = VirtualTime::new();
    let policy = Policy::fixed(ms(1));
    let run = policy.on(time.asynchronous()).breaker(breaker.clone());
    let mut run = Polled::new(run.run(pending::<Result<(), ()>>));
    assert!(run.poll().is_pending());
    drop(run);
    assert_eq!(breaker.stats().abandoned, 1);
}

fn by_host(capacity: usize) -> Breakers<String> {
    Breakers::by_key(|_: &String| CircuitBreaker::consecutive_failures(1).build().shared()).capacity(capacity)
}

fn hosts(breakers: &Breakers<String>) -> Vec<String> {
    let mut hosts: Vec<_> = breakers.all().into_iter().map(|(host, _)| host).collect();
    hosts.sort();
    hosts
}

#[test]
fn breakers_by_key_are_kept_apart() {
    let breakers = by_host(10);
    breakers.get("a").force_open();
    assert_eq!(breakers.get("a").state(ms(0)), State::ForcedOpen);
    assert_eq!(breakers.get("b").state(ms(0)), State::Closed);
}

/// K18.
#[test]
fn least_recently_used_closed_breaker_is_forgotten() {
    let breakers = by_host(3);
    for host in ["open", "old", "new"] {
        breakers.get(host);
    }
    breakers.get("open").force_open_for(ms(1_000), ms(0));
    breakers.get("old");
    breakers.get("one more");
    assert_eq!(
        hosts(&breakers),
        ["old", "one more", "open"],
        "not `open`, which was used before"
    );
    breakers.get("and another");
    assert_eq!(hosts(&breakers), ["and another", "one more", "open"]);
}

#[test]
fn held_breaker_is_forgotten_after_others() {
    let breakers = by_host(2);
    let held = breakers.get("held");
    for host in ["a", "b", "c"] {
        breakers.get(host);
    }
    assert_eq!(hosts(&breakers), ["c", "held"]);
    held.force_open();
    assert_eq!(breakers.get("held").state(ms(0)), State::ForcedOpen);
}

/// K18: the number is bounded, even if all are open.
#[test]
fn breakers_never_exceed_their_capacity() {
    let breakers = by_host(4);
    for host in 0..100 {
        breakers.get(host.to_string().as_str()).force_open();
        assert!(breakers.all().len() <= 4);
    }
}

#[test]
fn threads_get_the_same_breaker() {
    let built = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&built);
    let breakers = Breakers::by_key(move |_: &u32| {
        counted.fetch_add(1, Ordering::Relaxed);
        CircuitBreaker::consecutive_failures(1).build().shared()
    });
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| (0..100).for_each(|key: u32| breakers.get(&key).force_open()));
        }
    });
    assert_eq!(breakers.all().len(), 100);
    assert!(
        breakers
            .all()
            .iter()
            .all(|(_, breaker)| breaker.state(ms(0)) == State::ForcedOpen)
    );
    assert!(built.load(Ordering::Relaxed) >= 100);
}

#[test]
fn breaker_in_an_arc_is_passed_by_value() {
    use std::sync::Arc;
    use std::time::Duration;

    let breaker = Arc::new(CircuitBreaker::consecutive_failures(2).build());
    let policy = persevere::Policy::fixed(Duration::ZERO).max_attempts(5);
    let fail = || Err::<(), _>("down");
    let run = |breaker| {
        policy
            .on(persevere::ThreadSleeper)
            .breaker(breaker)
            .run_blocking(fail)
            .unwrap_err()
    };
    let error = run(Arc::clone(&breaker));
    assert_eq!((error.reason(), error.attempts()), (persevere::StopReason::Rejected, 2));
    // In an `Option` too, and its permits are given back with the run.
    let none = None::<Arc<CircuitBreaker>>;
    let error = policy
        .on(persevere::ThreadSleeper)
        .breaker(none)
        .run_blocking(fail)
        .unwrap_err();
    assert_eq!(error.attempts(), 5);
    assert_eq!(Arc::strong_count(&breaker), 1);
    assert_eq!(run(breaker).attempts(), 0);
}

#[test]
fn run_with_breaker_in_an_arc_is_static() {
    fn is_static<T: Send + 'static>(_: T) {}

    let breaker = std::sync::Arc::new(CircuitBreaker::consecutive_failures(2).build());
    let run = persevere::Policy::default().into_run(persevere::TokioSleeper);
    is_static(run.breaker(breaker).run(async || Ok::<_, &str>(())));
}
