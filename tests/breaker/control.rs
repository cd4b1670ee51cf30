//! Reading a window, trying a breaker out, opening for a time or on a hint, and hooks.

use crate::drive::{enter, fail, ms, succeed};
use persevere_breaker::{CircuitBreaker, ConsecutiveFailures, LastCalls, State, TimeSlices, Transition, WindowCounts};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, Barrier, LazyLock, Mutex};
use std::thread;

fn counts(window: WindowCounts) -> (u32, u32) {
    (window.calls, window.failures)
}

#[test]
fn window_counts_calls_and_failures() {
    let consecutive = CircuitBreaker::consecutive_failures(5).build();
    let calls = CircuitBreaker::tripped_by(LastCalls::of(4).rate(1.0))
        .slow_after(ms(5))
        .build();
    let slices = CircuitBreaker::tripped_by(TimeSlices::over(ms(100)).rate(1.0)).build();
    let either = CircuitBreaker::consecutive_failures(5)
        .or(LastCalls::of(4).rate(1.0))
        .build();
    succeed(&consecutive, 3, ms(0));
    succeed(&calls, 3, ms(0));
    succeed(&slices, 3, ms(0));
    succeed(&either, 3, ms(0));
    fail(&consecutive, 2, ms(0));
    fail(&slices, 2, ms(0));
    fail(&either, 2, ms(0));
    fail(&calls, 1, ms(0));
    enter(&calls, ms(0)).succeeded(ms(5));
    assert_eq!(counts(consecutive.window(ms(0))), (2, 2));
    assert_eq!(counts(calls.window(ms(0))), (4, 2), "a slow call is a failure");
    assert_eq!(calls.stats().slow, 1);
    assert_eq!(counts(slices.window(ms(99))), (5, 2));
    assert_eq!(counts(slices.window(ms(100))), (0, 0));
    assert_eq!(counts(either.window(ms(0))), (4, 2), "the window with more calls");
    consecutive.force_open();
    assert_eq!(counts(consecutive.window(ms(0))), (0, 0));
}

/// K16: all calls are made, and the breaker makes its transitions and counts the calls that it would have rejected.
#[test]
fn report_only_rejects_nothing() {
    let built = CircuitBreaker::consecutive_failures(2).open_for(ms(10));
    let (real, trial) = (built.build(), built.report_only(true).build());
    let (mut expected, mut transitions) = (real.transitions(), trial.transitions());
    for now in (0..100).map(ms) {
        let is_down = now < ms(40);
        let permits = [real.try_acquire(now).ok(), Some(trial.try_acquire(now).unwrap())];
        for permit in permits.into_iter().flatten() {
            if is_down {
                permit.failed(now);
            } else {
                permit.succeeded(now);
            }
        }
    }
    assert!(expected.by_ref().eq(transitions.by_ref()));
    assert_eq!(real.stats().rejected, trial.stats().rejected);
    assert!(real.stats().rejected > 10);
    trial.force_open();
    assert!(trial.try_acquire(ms(100)).is_err(), "a forced breaker rejects");
}

/// K8.
#[test]
fn force_open_for_opens_from_any_state() {
    type Bring = fn(&CircuitBreaker);
    let states: [Bring; 5] = [
        |_| {},
        |breaker| fail(breaker, 1, ms(0)),
        |breaker| {
            fail(breaker, 1, ms(0));
            drop(enter(breaker, ms(10)));
        },
        CircuitBreaker::force_open,
        CircuitBreaker::force_close,
    ];
    for bring in states {
        let breaker = CircuitBreaker::consecutive_failures(1).open_for(ms(10)).build();
        bring(&breaker);
        breaker.force_open_for(ms(50), ms(10));
        let rejected = breaker.try_acquire(ms(20)).unwrap_err();
        assert_eq!((rejected.state(), rejected.retry_after()), (State::Open, Some(ms(40))));
        breaker.force_open_for(ms(5), ms(20));
        assert_eq!(
            breaker.try_acquire(ms(20)).unwrap_err().retry_after(),
            Some(ms(40)),
            "not shortened"
        );
        succeed(&breaker, 1, ms(60));
        assert_eq!(breaker.state(ms(60)), State::Closed);
    }
}

/// K5: one 429 with a `Retry-After` of 90 s, for a breaker of five.
#[test]
fn hint_opens_at_once_if_set() {
    for (opens, state) in [(true, State::Open), (false, State::Closed)] {
        let breaker = CircuitBreaker::consecutive_failures(5).open_on_hints(opens).build();
        fail(&breaker, 1, ms(0));
        assert_eq!(breaker.state(ms(0)), State::Closed, "a failure without a hint");
        enter(&breaker, ms(0)).failed_with_hint(ms(90_000), ms(0));
        assert_eq!(breaker.state(ms(89_999)), state);
    }
}

type Seen = Mutex<Vec<(u32, State, State)>>;

fn record(seen: &Seen, transition: Transition) {
    seen.lock()
        .unwrap()
        .push((transition.sequence, transition.from, transition.to));
}

/// K7.
#[test]
fn hook_is_called_in_order_after_each_transition() {
    static SEEN: Seen = Mutex::new(Vec::new());
    static BREAKER: CircuitBreaker = CircuitBreaker::consecutive_failures(1)
        .open_for(ms(10))
        .on_transition(&|transition| {
            assert_ne!(BREAKER.state(ms(0)), transition.from, "the transition is complete");
            record(&SEEN, transition);
        })
        .build();
    fail(&BREAKER, 1, ms(0));
    succeed(&BREAKER, 1, ms(10));
    BREAKER.force_open();
    BREAKER.release();
    use State::{Closed, ForcedOpen, HalfOpen, Open};
    let expected = [
        (Closed, Open),
        (Open, HalfOpen),
        (HalfOpen, Closed),
        (Closed, ForcedOpen),
        (ForcedOpen, Closed),
    ];
    assert_eq!(BREAKER.stats().transitions, 5);
    let seen = SEEN.lock().unwrap().clone();
    assert_eq!(
        seen,
        (1..).zip(expected).map(|(n, (a, b))| (n, a, b)).collect::<Vec<_>>()
    );
}

/// K7: a hook that makes a transition is called for it after it returns, not within itself.
#[test]
fn hook_may_make_transitions() {
    static SEEN: Seen = Mutex::new(Vec::new());
    static BREAKER: CircuitBreaker = CircuitBreaker::consecutive_failures(1)
        .on_transition(&|transition| {
            if transition.to == State::Open {
                BREAKER.force_close();
            }
            record(&SEEN, transition);
        })
        .build();
    fail(&BREAKER, 1, ms(0));
    let states: Vec<_> = SEEN.lock().unwrap().iter().map(|seen| seen.2).collect();
    assert_eq!(states, [State::Open, State::ForcedClosed]);
}

/// K7: the panic unwinds to the caller that made the transition, which is complete. Later transitions are delivered.
#[test]
fn panic_in_hook_leaves_the_breaker_working() {
    static SEEN: Seen = Mutex::new(Vec::new());
    static BREAKER: CircuitBreaker = CircuitBreaker::consecutive_failures(1)
        .open_for(ms(10))
        .on_transition(&|transition| {
            if transition.sequence == 1 {
                resume_unwind(Box::new("hook"));
            }
            record(&SEEN, transition);
        })
        .build();
    let failed = catch_unwind(AssertUnwindSafe(|| fail(&BREAKER, 1, ms(0))));
    assert!(failed.is_err() && BREAKER.state(ms(0)) == State::Open);
    succeed(&BREAKER, 1, ms(10));
    let sequences: Vec<_> = SEEN.lock().unwrap().iter().map(|seen| seen.0).collect();
    assert_eq!(sequences, [2, 3]);
}

/// K7.
#[test]
fn hook_receives_transitions_of_many_threads_once_and_in_order() {
    static SEEN: LazyLock<Seen> = LazyLock::new(|| Mutex::new(Vec::new()));
    let breaker = Arc::new(
        CircuitBreaker::tripped_by(ConsecutiveFailures::new(1))
            .on_transition(&|transition| record(&SEEN, transition))
            .build(),
    );
    let start = Barrier::new(4);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                start.wait();
                for _ in 0..2_000 {
                    breaker.force_open();
                    breaker.release();
                }
            });
        }
    });
    let seen = SEEN.lock().unwrap().clone();
    for pair in seen.windows(2) {
        let [before, after] = [pair[0], pair[1]];
        // Transitions may be missed, but not between two that follow each other.
        assert!(
            before.0 < after.0 && (before.0 + 1 < after.0 || before.2 == after.1),
            "{pair:?}"
        );
    }
    breaker.force_close();
    let last = *SEEN.lock().unwrap().last().unwrap();
    assert_eq!(last.0, seen.last().unwrap().0 + 1, "all before were delivered");
}
