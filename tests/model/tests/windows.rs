//! Windows under the model checker: no report is lost, and none is counted in a later window.

use persevere_breaker::{CircuitBreaker, LastCalls, State};
use persevere_model::{Part, breaker, check, ms, race, shared};

/// Concurrent failures are all counted.
#[test]
fn concurrent_failures_are_all_counted() {
    check(3, || {
        let breaker = breaker(3, 1);
        let part = || -> Box<dyn FnOnce(&CircuitBreaker)> {
            Box::new(|breaker| breaker.try_acquire(ms(0)).unwrap().failed(ms(0)))
        };
        race(&breaker, vec![part(), part()]);
        assert_eq!(breaker.snapshot(ms(0)).window, 2);
        part()(&breaker);
        assert_eq!(breaker.state(ms(0)), State::Open);
    });
}

/// Concurrent reports are each in the window once, and one of them finds that the rate is reached.
#[test]
fn rate_reached_by_concurrent_reports_opens() {
    for failed in [[true, true], [true, false]] {
        check(3, move || {
            let breaker =
                shared(CircuitBreaker::tripped_by(LastCalls::<1>::with_words(2).rate(0.5).minimum(2)).build());
            let part = |failed: bool| -> Part<LastCalls<1>> {
                Box::new(move |breaker| {
                    let permit = breaker.try_acquire(ms(0)).unwrap();
                    if failed {
                        permit.failed(ms(0));
                    } else {
                        permit.succeeded(ms(0));
                    }
                })
            };
            race(&breaker, failed.map(part).into());
            assert_eq!(breaker.state(ms(0)), State::Open);
        });
    }
}

/// The window of a new generation is empty, whatever is still being written.
#[test]
fn stale_failure_is_not_in_the_next_window() {
    check(3, || {
        let breaker = shared(CircuitBreaker::tripped_by(LastCalls::<1>::with_words(4).rate(1.0).minimum(2)).build());
        let part: Part<LastCalls<1>> = Box::new(|breaker| {
            let permit = breaker.try_acquire(ms(0)).unwrap();
            permit.failed(ms(0));
            let window = breaker.snapshot(ms(0)).window;
            assert!(window.iter().count() <= 1, "{window:?}");
        });
        race(&breaker, vec![part, Box::new(|breaker| breaker.reset())]);
        let window = breaker.snapshot(ms(0)).window;
        assert!(window.iter().all(|failed| failed), "every counted call was written");
    });
}

/// Two concurrent failures after an old streak: the streak is over, whichever is first.
#[test]
fn old_failures_are_not_consecutive_with_concurrent_ones() {
    check(3, || {
        let breaker = breaker(3, 1);
        let fail = |now: u64| breaker.try_acquire(ms(now)).unwrap().failed(ms(now));
        fail(0);
        fail(0);
        let part = || -> Box<dyn FnOnce(&CircuitBreaker)> {
            Box::new(|breaker| breaker.try_acquire(ms(4_000_000)).unwrap().failed(ms(4_000_000)))
        };
        race(&breaker, vec![part(), part()]);
        assert_eq!(breaker.state(ms(4_000_000)), State::Closed);
        let failures = breaker.window(ms(4_000_000)).failures;
        assert!((1..=2).contains(&failures), "{failures}");
    });
}
