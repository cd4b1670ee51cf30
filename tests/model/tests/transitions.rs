//! The order of transitions under the model checker: by hand, and as they are watched.

use loom::sync::Arc;
use loom::thread;
use persevere_breaker::State;
use persevere_model::{breaker, chain, check, ms, race};

/// A hand that moves the breaker while it opens: the hand comes last or the opening does not happen after it.
#[test]
fn a_hand_has_the_last_word() {
    check(3, || {
        let breaker = breaker(1, 1);
        let mut watch = breaker.watch();
        race(
            &breaker,
            vec![
                Box::new(|breaker| {
                    if let Ok(permit) = breaker.try_acquire(ms(0)) {
                        permit.failure(ms(0));
                    }
                }),
                Box::new(|breaker| breaker.force_closed()),
            ],
        );
        assert_eq!(breaker.state(ms(0)), State::ForcedClosed);
        let states = chain(watch.by_ref());
        assert!(
            states == [State::ForcedClosed] || states == [State::Open, State::ForcedClosed],
            "{states:?}"
        );
    });
}

/// One who watches while others move the breaker sees each transition once, in order, and no gap.
#[test]
fn a_watch_sees_all_in_order() {
    check(2, || {
        let breaker = breaker(1, 1);
        let watched = Arc::clone(&breaker);
        let watcher = thread::spawn(move || {
            let mut watch = watched.watch();
            let seen: Vec<_> = [watch.next(), watch.next()].into_iter().flatten().collect();
            for pair in seen.windows(2) {
                assert_eq!((pair[1].sequence, pair[1].from), (pair[0].sequence + 1, pair[0].to));
            }
        });
        let mut watch = breaker.watch();
        race(
            &breaker,
            vec![Box::new(|breaker| {
                if let Ok(permit) = breaker.try_acquire(ms(0)) {
                    permit.failure(ms(0));
                }
            })],
        );
        breaker.force_open();
        watcher.join().unwrap();
        assert_eq!(chain(watch.by_ref()), [State::Open, State::ForcedOpen]);
    });
}
