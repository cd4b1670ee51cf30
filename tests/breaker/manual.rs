//! Manual control, snapshots, transitions and open times.

use crate::drive::{enter, fail, ms, states, succeed};
use persevere::backoff::{Exponential, Schedule};
use persevere_breaker::{CircuitBreaker, LastCalls, Snapshot, State};
use std::time::Duration;

#[test]
fn forced_open_rejects_forever() {
    let breaker = CircuitBreaker::default();
    breaker.force_open();
    for now in [Duration::ZERO, Duration::MAX] {
        let rejected = breaker.try_acquire(now).unwrap_err();
        assert_eq!((rejected.state(), rejected.retry_after()), (State::ForcedOpen, None));
        assert_eq!(breaker.state(now), State::ForcedOpen);
    }
}

#[test]
fn forced_closed_counts_nothing() {
    let breaker = CircuitBreaker::consecutive_failures(1).build();
    breaker.force_close();
    fail(&breaker, 100, ms(0));
    assert_eq!(breaker.state(ms(0)), State::ForcedClosed);
    breaker.release();
    assert_eq!(breaker.state(ms(0)), State::Closed);
    fail(&breaker, 1, ms(0));
    assert_eq!(breaker.state(ms(0)), State::Open);
    breaker.release();
    assert_eq!(
        breaker.state(ms(0)),
        State::Open,
        "a breaker that is not forced is not released"
    );
    breaker.reset();
    assert_eq!(breaker.state(ms(0)), State::Closed);
}

#[test]
fn report_from_before_reset_is_stale() {
    let breaker = CircuitBreaker::consecutive_failures(1).build();
    let early = enter(&breaker, ms(0));
    breaker.reset();
    early.failed(ms(0));
    assert_eq!((breaker.state(ms(0)), breaker.stats().stale), (State::Closed, 1));
}

#[test]
fn transitions_are_yielded_once_and_in_order() {
    let breaker = CircuitBreaker::consecutive_failures(1).open_for(ms(10)).build();
    let (mut one, mut other) = (breaker.transitions(), breaker.transitions());
    fail(&breaker, 1, ms(0));
    fail(&breaker, 1, ms(10));
    assert_eq!(states(&mut one), [State::Open, State::HalfOpen, State::Open]);
    succeed(&breaker, 1, ms(20));
    breaker.force_open();
    assert_eq!(states(&mut one), [State::HalfOpen, State::Closed, State::ForcedOpen]);
    let all: Vec<_> = other
        .by_ref()
        .map(|transition| (transition.sequence, transition.from))
        .collect();
    let froms = [
        State::Closed,
        State::Open,
        State::HalfOpen,
        State::Open,
        State::HalfOpen,
        State::Closed,
    ];
    assert_eq!(all, (1..).zip(froms).collect::<Vec<_>>());
    assert_eq!(
        (one.next(), other.next(), one.missed(), other.missed()),
        (None, None, 0, 0)
    );
}

#[test]
fn transitions_that_fall_behind_count_the_missed() {
    let breaker = CircuitBreaker::default();
    let mut transitions = breaker.transitions();
    for _ in 0..50 {
        breaker.force_open();
        breaker.release();
    }
    let sequences: Vec<_> = transitions.by_ref().map(|transition| transition.sequence).collect();
    assert_eq!(sequences, (85..=100).collect::<Vec<_>>());
    assert_eq!(transitions.missed(), 84);
}

#[test]
fn open_time_grows_until_closed() {
    let breaker = CircuitBreaker::consecutive_failures(1)
        .open_with(Exponential::new(ms(10)))
        .max_open_for(ms(60))
        .build();
    let mut now = ms(0);
    for round in 0..3 {
        fail(&breaker, 1, now);
        for time in [10, 20, 40, 60, 60].map(ms) {
            assert_eq!(
                breaker.try_acquire(now).unwrap_err().retry_after(),
                Some(time),
                "round {round}"
            );
            now += time;
            fail(&breaker, 1, now);
        }
        now += ms(60);
        succeed(&breaker, 1, now);
    }
}

/// Five minutes by default.
#[test]
fn hint_above_default_bound_is_clamped() {
    for (hint, obeyed) in [(299_999, 299_999), (300_000, 300_000), (300_001, 300_000)] {
        let breaker = CircuitBreaker::consecutive_failures(1).build();
        enter(&breaker, ms(0)).failed_with_hint(ms(hint), ms(0));
        assert_eq!(breaker.try_acquire(ms(0)).unwrap_err().retry_after(), Some(ms(obeyed)));
    }
}

#[test]
fn ended_schedule_repeats_its_last_delay() {
    let breaker = CircuitBreaker::consecutive_failures(1)
        .open_with(Schedule::new([ms(1), ms(7)]))
        .max_open_for(Duration::MAX)
        .build();
    let mut now = ms(0);
    for time in [1, 7, 7, 7].map(ms) {
        fail(&breaker, 1, now);
        assert_eq!(breaker.try_acquire(now).unwrap_err().retry_after(), Some(time));
        now += time;
    }
}

#[test]
fn hint_lengthens_open_time_up_to_its_bound() {
    for (hint, open) in [(5, 10), (30, 30), (500, 100)] {
        let breaker = CircuitBreaker::consecutive_failures(1)
            .open_for(ms(10))
            .clamp_hints_to(ms(100))
            .build();
        enter(&breaker, ms(0)).failed_with_hint(ms(hint), ms(0));
        assert_eq!(breaker.try_acquire(ms(0)).unwrap_err().retry_after(), Some(ms(open)));
    }
}

#[test]
fn closes_after_given_number_of_successes() {
    let breaker = CircuitBreaker::consecutive_failures(1)
        .open_for(ms(10))
        .max_probes(2)
        .successes_to_close(3)
        .build();
    fail(&breaker, 1, ms(0));
    let (first, second) = (enter(&breaker, ms(10)), enter(&breaker, ms(12)));
    let rejected = breaker.try_acquire(ms(15)).unwrap_err();
    assert_eq!(rejected.state(), State::HalfOpen);
    assert!(rejected.retry_after().unwrap() <= ms(5), "at most the first lease");
    first.succeeded(ms(15));
    second.succeeded(ms(15));
    assert_eq!(breaker.state(ms(15)), State::HalfOpen);
    succeed(&breaker, 1, ms(15));
    assert_eq!(breaker.state(ms(15)), State::Closed);
}

#[test]
fn snapshot_of_any_state_is_restored_on_another_clock() {
    let built = || {
        CircuitBreaker::consecutive_failures(3)
            .open_with(Exponential::new(ms(10)))
            .max_open_for(ms(1_000))
            .successes_to_close(2)
            .build()
    };
    let restored = |breaker: &CircuitBreaker<_, _>, now| {
        let other = built();
        other.restore(&breaker.snapshot(now), ms(70_000));
        (other, ms(70_000))
    };
    let breaker = built();
    fail(&breaker, 2, ms(0));
    let (other, later) = restored(&breaker, ms(0));
    fail(&other, 1, later);
    assert_eq!(other.state(later), State::Open, "two failures before and one after");

    fail(&breaker, 1, ms(0));
    let (other, later) = restored(&breaker, ms(4));
    assert_eq!(other.try_acquire(later).unwrap_err().retry_after(), Some(ms(6)));
    fail(&other, 1, later + ms(6));
    assert_eq!(
        other.try_acquire(later + ms(6)).unwrap_err().retry_after(),
        Some(ms(20)),
        "the second opening"
    );

    succeed(&breaker, 1, ms(10));
    let (other, later) = restored(&breaker, ms(10));
    succeed(&other, 1, later);
    assert_eq!(other.state(later), State::Closed, "one success before and one after");

    breaker.force_open();
    let (other, later) = restored(&breaker, ms(10));
    assert_eq!(other.state(later), State::ForcedOpen);
}

#[test]
fn snapshot_out_of_range_is_brought_into_range() {
    let breaker = CircuitBreaker::consecutive_failures(3).open_for(ms(10)).build();
    let mut snapshot = Snapshot::default();
    snapshot.state = State::HalfOpen;
    snapshot.open_for = Duration::MAX;
    snapshot.openings = u32::MAX;
    snapshot.successes = u32::MAX;
    snapshot.window = u32::MAX;
    breaker.restore(&snapshot, Duration::MAX);
    assert_eq!(breaker.state(ms(0)), State::HalfOpen);
    assert_eq!(breaker.snapshot(ms(0)).successes, 0, "one success is missing");
    succeed(&breaker, 1, ms(0));
    assert_eq!(breaker.state(ms(0)), State::Closed);
    snapshot.state = State::Closed;
    breaker.restore(&snapshot, ms(0));
    assert_eq!(breaker.snapshot(ms(0)).window, 2);
    fail(&breaker, 1, ms(0));
    assert_eq!(breaker.state(ms(0)), State::Open);
}

/// The smaller window keeps the newest calls.
#[test]
fn snapshot_of_larger_window_keeps_newest_calls() {
    let larger = CircuitBreaker::tripped_by(LastCalls::of(64).rate(1.0)).build();
    // Twice around the ring, so that the oldest call is in its middle.
    for call in 0..140 {
        let permit = enter(&larger, ms(0));
        if call % 3 == 0 {
            permit.failed(ms(0));
        } else {
            permit.succeeded(ms(0));
        }
    }
    let expected = |size| (140 - size..140).map(|call| call % 3 == 0).collect::<Vec<_>>();
    let kept = |breaker: &CircuitBreaker<LastCalls>| breaker.snapshot(ms(0)).window.iter().collect::<Vec<_>>();
    assert_eq!(kept(&larger), expected(64));
    for size in [1, 8, 33, 63, 64, 65, 128] {
        let other = CircuitBreaker::tripped_by(LastCalls::of(size).rate(1.0)).build();
        other.restore(&larger.snapshot(ms(0)), ms(0));
        assert_eq!(kept(&other), expected(size.min(64)), "{size}");
        succeed(&other, 200, ms(0));
        assert_eq!(kept(&other), vec![false; size as usize], "{size}");
    }
}

/// A window collected from calls that were kept elsewhere.
#[test]
fn collected_window_is_restored() {
    let breaker = CircuitBreaker::tripped_by(LastCalls::of(8).rate(1.0).minimum(8)).build();
    let mut snapshot = breaker.snapshot(ms(0));
    snapshot.window = [true; 1_000].into_iter().collect();
    assert_eq!(snapshot.window.iter().count(), 128, "as many as fit");
    breaker.restore(&snapshot, ms(0));
    assert_eq!(breaker.state(ms(0)), State::Closed, "restoring is no failure");
    fail(&breaker, 1, ms(0));
    assert_eq!(breaker.state(ms(0)), State::Open, "eight of eight have failed");
}

/// The open time ends when the breaker is closed manually.
#[test]
fn reset_ends_open_time() {
    let breaker = CircuitBreaker::consecutive_failures(1).open_for(ms(1_000)).build();
    fail(&breaker, 1, ms(0));
    assert_eq!(breaker.snapshot(ms(0)).open_for, ms(1_000));
    breaker.reset();
    assert_eq!(breaker.snapshot(ms(0)).open_for, Duration::ZERO);
}
