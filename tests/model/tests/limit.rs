//! The limits under the model checker: concurrent permits, hints, and attempts that go first after a pause.

use loom::sync::Arc;
use loom::thread;
use persevere_core::gate::{Ended, Gate, Report};
use persevere_limit::{Bulkhead, Pause};
use persevere_model::check;
use std::time::Duration;

const fn at(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// Runs each part on a thread, and the last on this thread.
fn race<N: Send + Sync + 'static, T: Send + 'static>(gate: &Arc<N>, mut parts: Vec<fn(&N) -> T>) -> Vec<T> {
    let last = parts.pop().unwrap();
    let threads: Vec<_> = parts
        .into_iter()
        .map(|part| {
            let gate = Arc::clone(gate);
            thread::spawn(move || part(&gate))
        })
        .collect();
    let result = last(gate);
    let mut results: Vec<_> = threads.into_iter().map(|thread| thread.join().unwrap()).collect();
    results.push(result);
    results
}

fn bulkhead(limit: u32) -> Arc<Bulkhead> {
    let bulkhead = Bulkhead::new(limit);
    let _ = format!("{bulkhead:?}");
    Arc::new(bulkhead)
}

/// A pause until 10 s.
fn paused() -> Arc<Pause> {
    let pause = Pause::new();
    pause.pause_for(at(10), at(0));
    Arc::new(pause)
}

const OK: Result<(), ()> = Ok(());

/// Q1: of three calls at once, two are admitted, and both places come back.
#[test]
fn bulkhead_admits_no_more_than_its_limit() {
    check(3, || {
        let bulkhead = bulkhead(2);
        let call: fn(&Bulkhead) -> u32 = |bulkhead| match bulkhead.try_acquire() {
            Some(_place) => bulkhead.in_flight(),
            None => 0,
        };
        let seen = race(&bulkhead, vec![call; 3]);
        assert!(seen.iter().all(|calls| *calls <= 2), "{seen:?}");
        assert!(seen.iter().any(|calls| *calls > 0), "one at least is admitted");
        assert_eq!(bulkhead.in_flight(), 0);
        let both = (bulkhead.try_acquire(), bulkhead.try_acquire(), bulkhead.try_acquire());
        assert!(matches!(both, (Some(_), Some(_), None)));
    });
}

/// N3: of three that come after a pause, one goes first. The others are rejected until it has succeeded.
#[test]
fn one_goes_first_after_a_pause() {
    check(3, || {
        let pause = paused();
        let call: fn(&Pause) -> Option<bool> = |pause| {
            let permit = pause.admit(at(11)).ok()?;
            let is_first = permit.is_first();
            Report::<(), ()>::report(&pause, permit, Ended::Returned(&OK), || at(11));
            Some(is_first)
        };
        let seen = race(&pause, vec![call; 3]);
        assert_eq!(seen.iter().filter(|first| **first == Some(true)).count(), 1, "{seen:?}");
        assert_eq!(pause.paused_for(at(11)), None);
    });
}

/// N3: a first attempt that is dropped lets another go first: nobody waits for ever.
#[test]
fn dropped_first_attempt_lets_another_go_first() {
    check(3, || {
        let pause = paused();
        let call: fn(&Pause) = |pause| drop(pause.admit(at(11)));
        race(&pause, vec![call; 3]);
        let pause: &Pause = &pause;
        assert!(pause.admit(at(11)).unwrap().is_first());
    });
}

/// N2: of hints that race with each other and with the end of a first attempt, the longest holds.
#[test]
fn longest_hint_holds_whoever_is_first() {
    check(3, || {
        let pause = paused();
        race(
            &pause,
            vec![
                |pause| pause.pause_for(at(20), at(11)),
                |pause| pause.pause_for(at(30), at(11)),
                |pause| {
                    if let Ok(permit) = pause.admit(at(11)) {
                        Report::<(), ()>::report(&pause, permit, Ended::Returned(&OK), || at(11));
                    }
                },
            ],
        );
        assert_eq!(pause.paused_for(at(11)), Some(at(30)));
    });
}
