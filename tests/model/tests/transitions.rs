//! The order of transitions under the model checker: with manual control, and as they are yielded.

use loom::sync::Arc;
use loom::thread;
use persevere_breaker::{CircuitBreaker, State, Transition};
use persevere_model::{breaker, chain, check, ms, race, shared};
use std::sync::Mutex;

/// A force while the breaker opens comes last, or prevents the opening.
#[test]
fn force_while_opening_prevails() {
    check(3, || {
        let breaker = breaker(1, 1);
        let mut transitions = breaker.transitions();
        race(
            &breaker,
            vec![
                Box::new(|breaker| {
                    if let Ok(permit) = breaker.try_acquire(ms(0)) {
                        permit.failed(ms(0));
                    }
                }),
                Box::new(|breaker| breaker.force_close()),
            ],
        );
        assert_eq!(breaker.state(ms(0)), State::ForcedClosed);
        let states = chain(transitions.by_ref());
        assert!(
            states == [State::ForcedClosed] || states == [State::Open, State::ForcedClosed],
            "{states:?}"
        );
    });
}

/// An iterator on one thread yields the transitions of others in order and without a gap.
#[test]
fn transitions_are_yielded_in_order() {
    check(2, || {
        let breaker = breaker(1, 1);
        let observed = Arc::clone(&breaker);
        let observer = thread::spawn(move || {
            let mut transitions = observed.transitions();
            let seen: Vec<_> = [transitions.next(), transitions.next()].into_iter().flatten().collect();
            for pair in seen.windows(2) {
                assert_eq!((pair[1].sequence, pair[1].from), (pair[0].sequence + 1, pair[0].to));
            }
        });
        let mut transitions = breaker.transitions();
        race(
            &breaker,
            vec![Box::new(|breaker| {
                if let Ok(permit) = breaker.try_acquire(ms(0)) {
                    permit.failed(ms(0));
                }
            })],
        );
        breaker.force_open();
        observer.join().unwrap();
        assert_eq!(chain(transitions.by_ref()), [State::Open, State::ForcedOpen]);
    });
}

/// A hook is called once for each transition, in order, whichever threads make them. None is left for later.
#[test]
fn hook_receives_all_in_order() {
    check(3, || {
        let seen: &'static Mutex<Vec<u32>> = Box::leak(Box::default());
        let hook = move |transition: Transition| seen.lock().unwrap().push(transition.sequence);
        let builder = CircuitBreaker::consecutive_failures(1).on_transition(Box::leak(Box::new(hook)));
        let breaker = shared(builder.build());
        let mut transitions = breaker.transitions();
        race(
            &breaker,
            vec![
                Box::new(|breaker| breaker.force_open()),
                Box::new(|breaker| breaker.force_close()),
            ],
        );
        let made = chain(transitions.by_ref()).len();
        assert_eq!(*seen.lock().unwrap(), (1..).take(made).collect::<Vec<_>>());
    });
}

/// Two threads open the breaker for a time: one of the two stands, with its own time and length.
#[test]
fn concurrent_forced_openings_do_not_mix() {
    check(3, || {
        let breaker = breaker(1, 1);
        race(
            &breaker,
            vec![
                Box::new(|breaker| breaker.force_open_for(ms(5), ms(0))),
                Box::new(|breaker| breaker.force_open_for(ms(50), ms(100))),
            ],
        );
        let left_at = |now| breaker.try_acquire(ms(now)).map_err(|rejected| rejected.retry_after());
        match left_at(100) {
            // The shorter is over, and this call is a probe.
            Ok(_) => {}
            Err(left) => {
                assert_eq!(left, Some(ms(50)));
                // Clamped to the length of its opening.
                assert_eq!(left_at(0).unwrap_err(), Some(ms(50)));
            }
        }
    });
}
