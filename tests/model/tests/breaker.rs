//! The circuit breaker under the model checker: permits, generations, probes, transitions.

use loom::sync::Arc;
use loom::sync::atomic::{AtomicU32, Ordering};
use loom::thread;
use persevere_breaker::{CircuitBreaker, Rejected, State};
use persevere_model::{breaker, chain, check, half_open, ms, race, shared};

/// If each of two failures would open the breaker, it opens once.
#[test]
fn concurrent_failures_open_once() {
    check(3, || {
        let breaker = breaker(1, 1);
        let mut transitions = breaker.transitions();
        race(
            &breaker,
            vec![
                Box::new(|breaker| {
                    if let Ok(permit) = breaker.try_acquire(ms(0)) {
                        permit.failed(ms(1));
                    }
                }),
                Box::new(|breaker| {
                    if let Ok(permit) = breaker.try_acquire(ms(0)) {
                        permit.failed(ms(3));
                    }
                }),
            ],
        );
        assert_eq!(chain(transitions.by_ref()), [State::Open]);
        let left = breaker.try_acquire(ms(3)).unwrap_err().retry_after().unwrap();
        // A thread that reads the opening until 11 at time 0 clamps it to 10.
        assert!(
            left == ms(7) || left == ms(8) || left == ms(10),
            "the open time of the failure that opened it: {left:?}"
        );
    });
}

/// A rejection holds the time of its own opening, or zero while the breaker is just opening.
#[test]
fn rejection_never_mixes_two_openings() {
    check(3, || {
        let breaker = half_open(1);
        let check_time = |rejected: Rejected, now: u64| match (rejected.state(), rejected.retry_after()) {
            // The second opening lasts from 12 to 22, and a thread at 10 does not get more than its length. The lease of
            // the probe ends at 20.
            (State::Open, Some(left)) => assert!(left.is_zero() || left == ms(10), "{left:?}"),
            (State::HalfOpen, Some(left)) => assert!(left <= ms(20 - now), "{left:?}"),
            other => panic!("{other:?}"),
        };
        race(
            &breaker,
            vec![
                Box::new(move |breaker| match breaker.try_acquire(ms(10)) {
                    Ok(permit) => permit.failed(ms(12)),
                    Err(rejected) => check_time(rejected, 10),
                }),
                Box::new(move |breaker| match breaker.try_acquire(ms(10)) {
                    Ok(permit) => permit.failed(ms(12)),
                    Err(rejected) => check_time(rejected, 10),
                }),
            ],
        );
        assert_eq!(breaker.state(ms(12)), State::Open);
    });
}

/// At most `max_probes` are out, from the first moment of half-open on.
fn probes_are_bounded(max_probes: u32, threads: usize, preemptions: usize) {
    check(preemptions, move || {
        let breaker = half_open(max_probes);
        let mut transitions = breaker.transitions();
        let out = Arc::new(AtomicU32::new(0));
        let part = || -> Box<dyn FnOnce(&CircuitBreaker)> {
            let out = Arc::clone(&out);
            Box::new(move |breaker| {
                if let Ok(permit) = breaker.try_acquire(ms(10)) {
                    assert!(permit.is_probe());
                    assert!(out.fetch_add(1, Ordering::SeqCst) < max_probes);
                    out.fetch_sub(1, Ordering::SeqCst);
                    drop(permit);
                }
            })
        };
        race(&breaker, (0..threads).map(|_| part()).collect());
        let states: Vec<_> = transitions.by_ref().map(|transition| transition.to).collect();
        assert_eq!(states, [State::HalfOpen], "abandoned probes decide nothing");
        let permits: Vec<_> = (0..max_probes).map(|_| breaker.try_acquire(ms(10)).unwrap()).collect();
        assert!(
            breaker.try_acquire(ms(10)).is_err(),
            "all places are returned, and no more"
        );
        drop(permits);
    });
}

#[test]
fn two_threads_share_one_place() {
    probes_are_bounded(1, 2, 4);
}

#[test]
fn three_threads_share_one_place() {
    probes_are_bounded(1, 3, 2);
}

#[test]
fn three_threads_share_two_places() {
    probes_are_bounded(2, 3, 2);
}

/// If two calls would reclaim the place of a lost probe, one of them does.
#[test]
fn place_is_reclaimed_once() {
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

/// The report of a probe races with the end of its lease: it counts or it is stale.
#[test]
fn report_at_end_of_lease_counts_or_is_stale() {
    check(3, || {
        let breaker = half_open(1);
        let mut transitions = breaker.transitions();
        race(
            &breaker,
            vec![
                Box::new(|breaker| {
                    if let Ok(permit) = breaker.try_acquire(ms(10)) {
                        permit.failed(ms(20));
                    }
                }),
                Box::new(|breaker| {
                    if let Ok(permit) = breaker.try_acquire(ms(20)) {
                        permit.succeeded(ms(20));
                    }
                }),
            ],
        );
        let states: Vec<_> = transitions.by_ref().map(|transition| transition.to).collect();
        let expected = match breaker.state(ms(20)) {
            State::Open => [State::HalfOpen, State::Open].as_slice(),
            // The other report was stale, or the closed breaker admitted the other call, whose failure opened it.
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

/// A stale report while a probe is out and reported neither closes nor opens.
#[test]
fn stale_report_decides_nothing() {
    for stale_failed in [true, false] {
        check(3, move || {
            let breaker = breaker(1, 1);
            let other = Arc::clone(&breaker);
            // The permit borrows the breaker, so its thread acquires it, and opens the breaker before the other continues.
            let (opened, is_open) = loom::sync::mpsc::channel();
            let stale = thread::spawn(move || {
                let early = other.try_acquire(ms(0)).unwrap();
                other.try_acquire(ms(0)).unwrap().failed(ms(0));
                opened.send(()).unwrap();
                if stale_failed {
                    early.failed(ms(10));
                } else {
                    early.succeeded(ms(10));
                }
            });
            is_open.recv().unwrap();
            let probe = breaker.try_acquire(ms(10)).unwrap();
            if stale_failed {
                probe.succeeded(ms(10));
            } else {
                probe.failed(ms(10));
            }
            stale.join().unwrap();
            let expected = if stale_failed { State::Closed } else { State::Open };
            assert_eq!(breaker.state(ms(10)), expected, "the probe decides");
            assert_eq!(breaker.stats().stale, 1);
        });
    }
}

/// Two successful probes of two close the breaker, once.
#[test]
fn concurrent_successes_are_all_counted() {
    check(3, || {
        let builder = CircuitBreaker::consecutive_failures(1).open_for(ms(10));
        let breaker = shared(builder.max_probes(2).successes_to_close(2).build());
        breaker.try_acquire(ms(0)).unwrap().failed(ms(0));
        let mut transitions = breaker.transitions();
        let part = || -> Box<dyn FnOnce(&CircuitBreaker)> {
            Box::new(|breaker| breaker.try_acquire(ms(10)).unwrap().succeeded(ms(10)))
        };
        race(&breaker, vec![part(), part()]);
        let states: Vec<_> = transitions.by_ref().map(|transition| transition.to).collect();
        assert_eq!(states, [State::HalfOpen, State::Closed]);
    });
}

/// If one probe fails and another succeeds, the first report decides, and the other is stale.
#[test]
fn probes_that_disagree_decide_once() {
    check(3, || {
        let breaker = half_open(2);
        let mut transitions = breaker.transitions();
        race(
            &breaker,
            vec![
                Box::new(|breaker| {
                    if let Ok(permit) = breaker.try_acquire(ms(10)).map(|permit| (permit.is_probe(), permit)) {
                        if permit.0 {
                            permit.1.succeeded(ms(10));
                        } else {
                            permit.1.ignored();
                        }
                    }
                }),
                Box::new(|breaker| {
                    if let Ok(permit) = breaker.try_acquire(ms(10)).map(|permit| (permit.is_probe(), permit)) {
                        if permit.0 {
                            permit.1.failed(ms(10));
                        } else {
                            permit.1.ignored();
                        }
                    }
                }),
            ],
        );
        let states: Vec<_> = transitions.by_ref().map(|transition| transition.to).collect();
        assert!(
            states == [State::HalfOpen, State::Closed] || states == [State::HalfOpen, State::Open],
            "{states:?}"
        );
    });
}
