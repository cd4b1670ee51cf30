//! The order of transitions under the model checker: with manual control, and as they are yielded.

use loom::sync::Arc;
use loom::thread;
use persevere_breaker::State;
use persevere_model::{breaker, chain, check, ms, race};

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
