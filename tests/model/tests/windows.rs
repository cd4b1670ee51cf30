//! What a breaker counts, under the model checker: no report is lost, and none is counted in a later window.

use persevere_breaker::{CircuitBreaker, LastCalls, State};
use persevere_model::{Part, breaker, check, ms, race, shared};

/// Failures in a row: those that race with each other are all counted.
#[test]
fn failures_are_all_counted() {
    check(3, || {
        let breaker = breaker(3, 1);
        let part = || -> Box<dyn FnOnce(&CircuitBreaker)> {
            Box::new(|breaker| breaker.try_acquire(ms(0)).unwrap().failure(ms(0)))
        };
        race(&breaker, vec![part(), part()]);
        assert_eq!(breaker.snapshot(ms(0)).window, 2);
        part()(&breaker);
        assert_eq!(breaker.state(ms(0)), State::Open);
    });
}

/// Last calls: reports that race are each in the window once, and one of them sees that the rate is reached.
#[test]
fn a_rate_that_is_reached_by_a_race_opens() {
    for failed in [[true, true], [true, false]] {
        check(3, move || {
            let breaker = shared(CircuitBreaker::when(LastCalls::<1>::new(2, 0.5, 2)).build());
            let part = |failed: bool| -> Part<LastCalls<1>> {
                Box::new(move |breaker| {
                    let permit = breaker.try_acquire(ms(0)).unwrap();
                    if failed {
                        permit.failure(ms(0));
                    } else {
                        permit.success(ms(0));
                    }
                })
            };
            race(&breaker, failed.map(part).into());
            assert_eq!(breaker.state(ms(0)), State::Open);
        });
    }
}

/// A window begins anew when the breaker closes, whatever is still being written.
#[test]
fn a_late_failure_is_not_in_the_next_window() {
    check(3, || {
        let breaker = shared(CircuitBreaker::when(LastCalls::<1>::new(4, 1.0, 2)).build());
        let part: Part<LastCalls<1>> = Box::new(|breaker| {
            let permit = breaker.try_acquire(ms(0)).unwrap();
            let before = permit.sequence() == 0;
            permit.failure(ms(0));
            let window = breaker.snapshot(ms(0)).window;
            assert!(window.head <= 1, "{before} {window:?}");
        });
        race(&breaker, vec![part, Box::new(|breaker| breaker.reset())]);
        let window = breaker.snapshot(ms(0)).window;
        assert_eq!(
            window.head,
            window.calls[0].count_ones(),
            "what was counted was written"
        );
    });
}
