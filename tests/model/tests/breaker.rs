//! The circuit breaker under the model checker: permits, generations, probes, transitions.

use loom::sync::Arc;
use loom::sync::atomic::{AtomicU32, Ordering};
use loom::thread;
use persevere_breaker::{CircuitBreaker, Rejected, State};
use persevere_model::{breaker, chain, check, half_open, ms, race, shared};

/// Two failures that each would open the breaker: one does, and is told once.
#[test]
fn failures_that_race_open_once() {
    check(3, || {
        let breaker = breaker(1, 1);
        let mut watch = breaker.watch();
        race(
            &breaker,
            vec![
                Box::new(|breaker| {
                    if let Ok(permit) = breaker.try_acquire(ms(0)) {
                        permit.failure(ms(1));
                    }
                }),
                Box::new(|breaker| {
                    if let Ok(permit) = breaker.try_acquire(ms(0)) {
                        permit.failure(ms(3));
                    }
                }),
            ],
        );
        assert_eq!(chain(watch.by_ref()), [State::Open]);
        let left = breaker.try_acquire(ms(3)).unwrap_err().retry_after().unwrap();
        assert!(
            left == ms(8) || left == ms(10),
            "it is the time of the one that opened it: {left:?}"
        );
    });
}

/// A rejection always tells the time of the opening it met, or that it is just being opened.
#[test]
fn a_rejection_never_mixes_two_openings() {
    check(3, || {
        let breaker = half_open(1);
        let told = |rejected: Rejected, now: u64| match (rejected.state(), rejected.retry_after()) {
            // The first opening ends at 10, the second at 22, the lease of the probe at 20.
            (State::Open, Some(left)) => assert!(left.is_zero() || left == ms(22 - now), "{left:?}"),
            (State::HalfOpen, Some(left)) => assert_eq!(left, ms(20 - now)),
            other => panic!("{other:?}"),
        };
        race(
            &breaker,
            vec![
                Box::new(move |breaker| match breaker.try_acquire(ms(10)) {
                    Ok(permit) => permit.failure(ms(12)),
                    Err(rejected) => told(rejected, 10),
                }),
                Box::new(move |breaker| match breaker.try_acquire(ms(10)) {
                    Ok(permit) => permit.failure(ms(12)),
                    Err(rejected) => told(rejected, 10),
                }),
            ],
        );
        assert_eq!(breaker.state(ms(12)), State::Open);
    });
}

/// Never more probes out than there may be, from the first moment of half-open on.
fn probes_are_bounded(max_probes: u8, threads: usize, preemptions: usize) {
    check(preemptions, move || {
        let breaker = half_open(max_probes);
        let mut watch = breaker.watch();
        let out = Arc::new(AtomicU32::new(0));
        let part = || -> Box<dyn FnOnce(&CircuitBreaker)> {
            let out = Arc::clone(&out);
            Box::new(move |breaker| {
                if let Ok(permit) = breaker.try_acquire(ms(10)) {
                    assert!(permit.is_probe());
                    assert!(out.fetch_add(1, Ordering::SeqCst) < u32::from(max_probes));
                    out.fetch_sub(1, Ordering::SeqCst);
                    drop(permit);
                }
            })
        };
        race(&breaker, (0..threads).map(|_| part()).collect());
        let transitions: Vec<_> = watch.by_ref().map(|transition| transition.to).collect();
        assert_eq!(
            transitions,
            [State::HalfOpen],
            "once, and abandoned probes decide nothing"
        );
        let permits: Vec<_> = (0..max_probes).map(|_| breaker.try_acquire(ms(10)).unwrap()).collect();
        assert!(
            breaker.try_acquire(ms(10)).is_err(),
            "all places are there, and no more"
        );
        drop(permits);
    });
}

#[test]
fn two_threads_for_one_probe() {
    probes_are_bounded(1, 2, 4);
}

#[test]
fn three_threads_for_one_probe() {
    probes_are_bounded(1, 3, 2);
}

#[test]
fn three_threads_for_two_probes() {
    probes_are_bounded(2, 3, 2);
}

/// A probe whose lease has ended, and two that would have its place: one gets it, and the late report changes nothing.
#[test]
fn a_place_is_reclaimed_once() {
    check(3, || {
        let breaker = half_open(1);
        std::mem::forget(breaker.try_acquire(ms(10)).unwrap());
        let taken = Arc::new(AtomicU32::new(0));
        let part = || -> Box<dyn FnOnce(&CircuitBreaker)> {
            let taken = Arc::clone(&taken);
            Box::new(move |breaker| {
                if let Ok(permit) = breaker.try_acquire(ms(20)) {
                    taken.fetch_add(1, Ordering::SeqCst);
                    std::mem::forget(permit);
                }
            })
        };
        race(&breaker, vec![part(), part()]);
        assert_eq!((taken.load(Ordering::SeqCst), breaker.stats().reclaimed), (1, 1));
    });
}

/// A probe that reports while its lease ends: it counts or it does not, and in no case do both hold a place.
#[test]
fn a_report_races_with_the_end_of_its_lease() {
    check(3, || {
        let breaker = half_open(1);
        let mut watch = breaker.watch();
        race(
            &breaker,
            vec![
                Box::new(|breaker| {
                    if let Ok(permit) = breaker.try_acquire(ms(10)) {
                        permit.failure(ms(20));
                    }
                }),
                Box::new(|breaker| {
                    if let Ok(permit) = breaker.try_acquire(ms(20)) {
                        permit.success(ms(20));
                    }
                }),
            ],
        );
        let states: Vec<_> = watch.by_ref().map(|transition| transition.to).collect();
        let expected = match breaker.state(ms(20)) {
            State::Open => [State::HalfOpen, State::Open].as_slice(),
            // The report of the other came late, or it was let through by the closed breaker and opened that.
            State::Closed => &[State::HalfOpen, State::Closed],
            state => panic!("{state}"),
        };
        assert!(
            states.ends_with(&expected[1..]) && states.starts_with(&expected[..1]),
            "{states:?}"
        );
        assert_eq!(states.iter().filter(|state| **state == State::HalfOpen).count(), 1);
    });
}

/// A call of before the trip that reports while the probe is out and is decided: it neither closes nor opens.
#[test]
fn a_late_report_decides_nothing() {
    for late_failed in [true, false] {
        check(3, move || {
            let breaker = breaker(1, 1);
            let other = Arc::clone(&breaker);
            // The permit borrows the breaker, so its thread acquires it, and opens the breaker before it lets others go on.
            let (opened, told) = loom::sync::mpsc::channel();
            let late = thread::spawn(move || {
                let early = other.try_acquire(ms(0)).unwrap();
                other.try_acquire(ms(0)).unwrap().failure(ms(0));
                opened.send(()).unwrap();
                if late_failed {
                    early.failure(ms(10));
                } else {
                    early.success(ms(10));
                }
            });
            told.recv().unwrap();
            let probe = breaker.try_acquire(ms(10)).unwrap();
            if late_failed {
                probe.success(ms(10));
            } else {
                probe.failure(ms(10));
            }
            late.join().unwrap();
            let expected = if late_failed { State::Closed } else { State::Open };
            assert_eq!(breaker.state(ms(10)), expected, "as the probe says");
            assert_eq!(breaker.stats().late, 1);
        });
    }
}

/// Two probes succeed, two are needed: it closes, once.
#[test]
fn successes_are_all_counted() {
    check(3, || {
        let builder = CircuitBreaker::consecutive_failures(1).open_for(ms(10));
        let breaker = shared(builder.max_probes(2).successes_to_close(2).build());
        breaker.try_acquire(ms(0)).unwrap().failure(ms(0));
        let mut watch = breaker.watch();
        let part = || -> Box<dyn FnOnce(&CircuitBreaker)> {
            Box::new(|breaker| breaker.try_acquire(ms(10)).unwrap().success(ms(10)))
        };
        race(&breaker, vec![part(), part()]);
        let states: Vec<_> = watch.by_ref().map(|transition| transition.to).collect();
        assert_eq!(states, [State::HalfOpen, State::Closed]);
    });
}

/// A probe that fails beside one that succeeds: whichever is first decides, and the other is late.
#[test]
fn probes_that_disagree_decide_once() {
    check(3, || {
        let breaker = half_open(2);
        let mut watch = breaker.watch();
        race(
            &breaker,
            vec![
                Box::new(|breaker| {
                    if let Ok(permit) = breaker.try_acquire(ms(10)).map(|permit| (permit.is_probe(), permit)) {
                        if permit.0 {
                            permit.1.success(ms(10));
                        } else {
                            permit.1.ignore();
                        }
                    }
                }),
                Box::new(|breaker| {
                    if let Ok(permit) = breaker.try_acquire(ms(10)).map(|permit| (permit.is_probe(), permit)) {
                        if permit.0 {
                            permit.1.failure(ms(10));
                        } else {
                            permit.1.ignore();
                        }
                    }
                }),
            ],
        );
        let states: Vec<_> = watch.by_ref().map(|transition| transition.to).collect();
        assert!(
            states == [State::HalfOpen, State::Closed] || states == [State::HalfOpen, State::Open],
            "{states:?}"
        );
    });
}
