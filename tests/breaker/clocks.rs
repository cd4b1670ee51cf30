//! Clocks that went back, idle for long, or far ahead.

use crate::drive::{enter, fail, ms, succeed};
use persevere_breaker::{CircuitBreaker, Snapshot, State, TimeSlices};
use std::time::Duration;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// K6: a 32-bit timer of microseconds wraps after 71 minutes.
#[test]
fn open_time_is_clamped_after_the_clock_went_back() {
    let breaker = CircuitBreaker::consecutive_failures(1).open_for(ms(30_000)).build();
    fail(&breaker, 1, ms(4_294_000));
    let rejected = breaker.try_acquire(ms(33)).unwrap_err();
    assert_eq!(
        (rejected.state(), rejected.retry_after()),
        (State::Open, Some(ms(30_000)))
    );
    assert_eq!(breaker.state(ms(30_032)), State::Open);
    assert_eq!(breaker.state(ms(30_033)), State::HalfOpen);
    succeed(&breaker, 1, ms(30_033));
}

/// A hint lengthens the opening, so that it is not clamped to the open time.
#[test]
fn opening_with_a_hint_is_not_clamped() {
    let breaker = CircuitBreaker::consecutive_failures(1).open_for(ms(10)).build();
    enter(&breaker, ms(0)).failed_with_hint(ms(100), ms(0));
    assert_eq!(breaker.try_acquire(ms(0)).unwrap_err().retry_after(), Some(ms(100)));
    breaker.reset();
    breaker.force_open_for(DAY, ms(0));
    assert_eq!(breaker.try_acquire(ms(0)).unwrap_err().retry_after(), Some(DAY));
}

/// K9: the longest open time or hint of this breaker, whatever the snapshot holds.
#[test]
fn restored_open_time_is_bounded() {
    let built = || CircuitBreaker::consecutive_failures(1).open_for(ms(30_000));
    let bound = |breaker: CircuitBreaker, open_for| {
        let mut snapshot = Snapshot::default();
        (snapshot.state, snapshot.open_for) = (State::Open, open_for);
        breaker.restore(&snapshot, ms(0));
        breaker.try_acquire(ms(0)).unwrap_err().retry_after().unwrap()
    };
    assert_eq!(bound(built().build(), DAY), ms(300_000));
    assert_eq!(bound(built().build(), ms(300_000)), ms(300_000));
    assert_eq!(bound(built().clamp_hints_to(ms(0)).build(), DAY), ms(30_000));
    assert_eq!(bound(built().clamp_hints_to(2 * DAY).build(), DAY), DAY);
    assert_eq!(bound(built().open_for(2 * DAY).build(), DAY), DAY);
}

/// K4: slices of a millisecond are numbered with 36 bits, half of which pass in 398 days.
#[test]
fn slices_count_after_years_of_idleness() {
    for idle in [30, 397, 399, 400, 500, 690].map(|days| days * DAY) {
        let breaker = CircuitBreaker::tripped_by(TimeSlices::over(ms(10)).rate(0.5).minimum(2)).build();
        fail(&breaker, 1, ms(0));
        assert_eq!(breaker.window(ms(0)).calls, 1);
        fail(&breaker, 1, idle);
        assert_eq!(
            (breaker.window(idle).calls, breaker.state(idle)),
            (1, State::Closed),
            "{idle:?}"
        );
        fail(&breaker, 1, idle);
        assert_eq!(breaker.state(idle), State::Open, "{idle:?}");
    }
}

/// K13: five failures on five days.
#[test]
fn consecutive_failures_age() {
    let breaker = CircuitBreaker::consecutive_failures(5).build();
    for day in 0..5 {
        fail(&breaker, 1, day * DAY);
    }
    assert_eq!(
        (breaker.state(4 * DAY), breaker.window(4 * DAY).failures),
        (State::Closed, 1)
    );
    assert_eq!(breaker.window(5 * DAY).failures, 0);
}

/// K13.
#[test]
fn consecutive_failures_within_the_given_time_open() {
    for (gap, state) in [(ms(1_000), State::Open), (ms(1_001), State::Closed)] {
        let breaker = CircuitBreaker::consecutive_failures(3).within(ms(1_000)).build();
        for failure in 0..3 {
            fail(&breaker, 1, failure * gap);
        }
        assert_eq!(breaker.state(2 * gap), state, "{gap:?}");
    }
}

/// A snapshot of an old streak restores none, and of a young streak the streak.
#[test]
fn restored_failures_are_as_old_as_their_snapshot() {
    for (later, failures) in [(ms(0), 2), (DAY, 0)] {
        let breaker = CircuitBreaker::consecutive_failures(3).build();
        fail(&breaker, 2, ms(0));
        let other = CircuitBreaker::consecutive_failures(3).build();
        other.restore(&breaker.snapshot(later), 9 * DAY);
        assert_eq!(other.window(9 * DAY).failures, failures);
    }
}

/// K4: the slice of a call with a clock far ahead is not in the windows of others, and holds no place.
#[test]
fn clock_far_ahead_does_not_poison_slices() {
    for ahead in [DAY, 1_000 * DAY] {
        let breaker = CircuitBreaker::tripped_by(TimeSlices::over(ms(100)).rate(0.5).minimum(10)).build();
        for step in 0..9 {
            fail(&breaker, 1, DAY + ahead + ms(10 * step));
        }
        assert_eq!(breaker.window(DAY).calls, 0, "{ahead:?}");
        succeed(&breaker, 9, DAY);
        assert_eq!(breaker.window(DAY).calls, 9, "each is counted");
        assert_eq!(breaker.state(DAY), State::Closed);
        succeed(&breaker, 1, DAY + ms(99));
        assert_eq!(breaker.window(DAY + ms(99)).calls, 1 + 9);
    }
}

/// K13: one failure with a clock far ahead does not keep later failures consecutive.
#[test]
fn clock_far_ahead_does_not_keep_failures_consecutive() {
    let breaker = CircuitBreaker::consecutive_failures(3).build();
    fail(&breaker, 1, 1_000 * DAY);
    fail(&breaker, 1, ms(0));
    fail(&breaker, 1, DAY);
    assert_eq!((breaker.window(DAY).failures, breaker.state(DAY)), (1, State::Closed));
}
