//! The faults of other breakers, each shown to be absent here.

use crate::drive::{enter, fail, ms, states, succeed};
use persevere::{Jitter, backoff::Exponential};
use persevere_breaker::{CircuitBreaker, LastCalls, State, TimeSlices};
use std::collections::BTreeSet;
use std::mem::forget;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

/// Opens on one failure, for 10 ms.
fn frail() -> CircuitBreaker {
    CircuitBreaker::consecutive_failures(1).open_for(ms(10)).build()
}

/// `frail`, open until 10 ms.
fn opened() -> CircuitBreaker {
    let breaker = frail();
    fail(&breaker, 1, ms(0));
    breaker
}

#[test]
fn lost_probe_holds_its_place_for_its_lease() {
    let breaker = opened();
    forget(enter(&breaker, ms(10)));
    for now in [10, 15, 19] {
        let rejected = breaker.try_acquire(ms(now)).unwrap_err();
        assert_eq!(rejected.state(), State::HalfOpen);
        assert!(rejected.retry_after().unwrap() <= ms(20 - now));
    }
    succeed(&breaker, 1, ms(20));
    assert_eq!((breaker.state(ms(20)), breaker.stats().reclaimed), (State::Closed, 1));
}

#[test]
fn report_after_the_lease_is_stale() {
    for failed in [true, false] {
        let breaker = opened();
        let slow = enter(&breaker, ms(10));
        let next = enter(&breaker, ms(20));
        if failed {
            slow.failed(ms(21));
        } else {
            slow.succeeded(ms(21));
        }
        assert_eq!((breaker.state(ms(21)), breaker.stats().stale), (State::HalfOpen, 1));
        assert!(
            breaker.try_acquire(ms(21)).is_err(),
            "the place is still held by the next"
        );
        next.succeeded(ms(22));
        assert_eq!(breaker.state(ms(22)), State::Closed);
    }
}

#[test]
fn ignored_probe_returns_its_place() {
    let breaker = opened();
    for _ in 0..100 {
        enter(&breaker, ms(10)).ignored();
    }
    assert_eq!(breaker.state(ms(10)), State::HalfOpen);
    succeed(&breaker, 1, ms(10));
    assert_eq!(breaker.state(ms(10)), State::Closed);
}

#[test]
fn hundred_concurrent_calls_admit_max_probes() {
    for max_probes in [1, 3, 8] {
        let breaker = CircuitBreaker::consecutive_failures(1)
            .open_for(ms(10))
            .max_probes(max_probes)
            .build();
        fail(&breaker, 1, ms(0));
        let permits: Vec<_> = (0..100).filter_map(|_| breaker.try_acquire(ms(10)).ok()).collect();
        assert_eq!(permits.len(), max_probes as usize);
    }
    for _ in 0..200 {
        let breaker = opened();
        let (start, end) = (Barrier::new(8), Barrier::new(8));
        let admitted = AtomicUsize::new(0);
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    start.wait();
                    let permit = breaker.try_acquire(ms(10));
                    admitted.fetch_add(usize::from(permit.is_ok()), Ordering::Relaxed);
                    end.wait();
                });
            }
        });
        assert_eq!(admitted.into_inner(), 1);
    }
}

#[test]
fn stale_report_returns_no_place_of_a_probe() {
    let breaker = CircuitBreaker::consecutive_failures(1).open_for(ms(10)).build();
    let early: Vec<_> = (0..4).map(|_| enter(&breaker, ms(0))).collect();
    fail(&breaker, 1, ms(0));
    let probe = enter(&breaker, ms(10));
    let mut early = early.into_iter();
    early.next().unwrap().ignored();
    drop(early.next());
    early.next().unwrap().succeeded(ms(10));
    early.next().unwrap().failed(ms(10));
    assert!(breaker.try_acquire(ms(10)).is_err());
    assert_eq!(breaker.state(ms(10)), State::HalfOpen, "a stale report decides nothing");
    probe.succeeded(ms(10));
    assert_eq!((breaker.state(ms(10)), breaker.stats().stale), (State::Closed, 2));
}

#[test]
fn probe_of_an_earlier_half_open_decides_nothing() {
    let breaker = CircuitBreaker::consecutive_failures(1)
        .open_for(ms(10))
        .max_probes(2)
        .build();
    fail(&breaker, 1, ms(0));
    let (old, failing) = (enter(&breaker, ms(10)), enter(&breaker, ms(10)));
    failing.failed(ms(10));
    let _new = [enter(&breaker, ms(20)), enter(&breaker, ms(20))];
    old.succeeded(ms(20));
    assert_eq!(breaker.state(ms(20)), State::HalfOpen);
    assert!(breaker.try_acquire(ms(20)).is_err(), "and returns no place");
}

#[test]
fn concurrent_failures_open_once() {
    for _ in 0..200 {
        let breaker = frail();
        let mut transitions = breaker.transitions();
        let start = Barrier::new(8);
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    let permit = enter(&breaker, ms(0));
                    start.wait();
                    permit.failed(ms(0));
                });
            }
        });
        assert_eq!(states(&mut transitions), [State::Open]);
        assert_eq!(breaker.try_acquire(ms(0)).unwrap_err().retry_after(), Some(ms(10)));
    }
}

#[test]
fn many_cycles_use_no_stack() {
    let cycles = || {
        let breaker = CircuitBreaker::consecutive_failures(1).open_for(ms(1)).build();
        for now in 0..100_000 {
            fail(&breaker, 1, ms(now));
        }
        breaker.snapshot(ms(0)).openings
    };
    let opens = thread::Builder::new()
        .stack_size(32 * 1024)
        .spawn(cycles)
        .unwrap()
        .join()
        .unwrap();
    assert_eq!(opens, 1_023, "the count saturates");
}

#[test]
fn clock_that_steps_back_neither_wedges_nor_skips() {
    let breaker = frail();
    fail(&breaker, 1, ms(1_000));
    let rejected = breaker.try_acquire(ms(0)).unwrap_err();
    assert_eq!(rejected.retry_after(), Some(ms(10)), "not more than the open time");
    let probe = enter(&breaker, ms(10));
    assert!(breaker.try_acquire(ms(0)).is_err());
    probe.succeeded(ms(5));
    assert_eq!(breaker.state(ms(0)), State::Closed);

    let sliced = CircuitBreaker::tripped_by(TimeSlices::<4>::with_slices(4 * ms(10)).rate(1.0).minimum(3)).build();
    for now in [1_000, 0, 1_000, 1_001] {
        assert_eq!(sliced.state(ms(now)), State::Closed);
        fail(&sliced, 1, ms(now));
    }
    assert_eq!(sliced.state(ms(1_001)), State::Open);
}

#[test]
fn half_open_needs_no_traffic() {
    let breaker = opened();
    assert_eq!(breaker.state(ms(9)), State::Open);
    for now in [ms(10), Duration::from_secs(30 * 24 * 3600)] {
        assert_eq!(breaker.state(now), State::HalfOpen, "without a call");
    }
    forget(enter(&breaker, ms(10)));
    succeed(&breaker, 1, Duration::from_secs(30 * 24 * 3600));
}

#[test]
fn jittered_breakers_probe_apart() {
    let base = ms(1_000);
    let times: BTreeSet<_> = (0..200)
        .map(|_| {
            let breaker = CircuitBreaker::consecutive_failures(1)
                .open_with(Exponential::new(base))
                .max_open_for(base)
                .jitter(Jitter::Equal)
                .build();
            fail(&breaker, 1, ms(0));
            breaker.try_acquire(ms(0)).unwrap_err().retry_after().unwrap()
        })
        .collect();
    assert!(times.len() > 190, "{} of 200 differ", times.len());
    assert!(times.iter().all(|time| (base / 2..=base).contains(time)));
    let seeded = || {
        let breaker = CircuitBreaker::consecutive_failures(1)
            .open_with(Exponential::new(base))
            .max_open_for(base)
            .jitter(Jitter::Full)
            .seed(7)
            .build();
        fail(&breaker, 1, ms(0));
        breaker.try_acquire(ms(0)).unwrap_err().retry_after()
    };
    assert_eq!(seeded(), seeded());
}

#[test]
fn dropped_and_panicking_probes_wedge_nothing() {
    let breaker = CircuitBreaker::consecutive_failures(1)
        .open_for(ms(10))
        .max_probes(3)
        .build();
    fail(&breaker, 1, ms(0));
    for _ in 0..3 {
        drop(enter(&breaker, ms(10)));
    }
    assert_eq!(breaker.state(ms(10)), State::HalfOpen, "abandoned is neither");
    let mut now = ms(10);
    for _ in 0..3 {
        let panicking = AssertUnwindSafe(|| {
            let _permit = enter(&breaker, now);
            resume_unwind(Box::new("probe"))
        });
        let result: thread::Result<()> = catch_unwind(panicking);
        assert!(result.is_err());
        assert_eq!(breaker.state(now), State::Open, "a panic is a failure");
        now += ms(10);
    }
    succeed(&breaker, 20, now);
    assert_eq!(breaker.state(now), State::Closed);
}

#[test]
fn success_from_before_the_trip_does_not_close() {
    let breaker = CircuitBreaker::tripped_by(LastCalls::<1>::with_words(2).rate(1.0).minimum(2))
        .open_for(ms(10))
        .build();
    let early = enter(&breaker, ms(0));
    fail(&breaker, 2, ms(0));
    let _probe = enter(&breaker, ms(10));
    early.succeeded(ms(11));
    assert_eq!(breaker.state(ms(11)), State::HalfOpen);
}
