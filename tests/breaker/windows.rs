//! What a window holds: the last calls or the last while, and nothing from before.

use crate::drive::{enter, fail, ms, succeed};
use persevere_breaker::trip::SavedSlices;
use persevere_breaker::{CircuitBreaker, LastCalls, Snapshot, State, TimeSlices};
use std::time::Duration;

#[test]
fn a_window_of_ten_opens_on_the_last_ten_after_ten_thousand_successes() {
    let breaker = CircuitBreaker::when(LastCalls::<1>::new(10, 0.5, 10)).build();
    let now = Duration::ZERO;
    succeed(&breaker, 10_000, now);
    fail(&breaker, 4, now);
    assert_eq!(breaker.state(now), State::Closed);
    fail(&breaker, 1, now);
    assert_eq!(breaker.state(now), State::Open);
}

#[test]
fn failures_leave_the_window_one_by_one() {
    let breaker = CircuitBreaker::when(LastCalls::<4>::new(100, 0.5, 1)).build();
    let now = Duration::ZERO;
    for _ in 0..10_000 {
        succeed(&breaker, 51, now);
        fail(&breaker, 49, now);
    }
    assert_eq!(breaker.state(now), State::Closed, "49 of any 100");
    fail(&breaker, 1, now);
    assert_eq!(breaker.state(now), State::Open, "the oldest, which left, was a success");
}

#[test]
fn a_success_that_completes_the_minimum_opens() {
    let breaker = CircuitBreaker::when(LastCalls::<1>::new(20, 0.5, 10)).build();
    let now = Duration::ZERO;
    fail(&breaker, 5, now);
    succeed(&breaker, 4, now);
    assert_eq!(breaker.state(now), State::Closed);
    succeed(&breaker, 1, now);
    assert_eq!(breaker.state(now), State::Open, "5 of 10, whichever came last");
}

#[test]
fn calls_that_are_ignored_or_abandoned_are_not_in_the_window() {
    let breaker = CircuitBreaker::when(LastCalls::<1>::new(4, 1.0, 4)).build();
    let now = Duration::ZERO;
    for _ in 0..3 {
        fail(&breaker, 1, now);
        enter(&breaker, now).ignore();
        drop(enter(&breaker, now));
    }
    assert_eq!(breaker.state(now), State::Closed);
    fail(&breaker, 1, now);
    assert_eq!(breaker.state(now), State::Open);
}

#[test]
fn a_breaker_that_closes_begins_with_an_empty_window() {
    let breaker = CircuitBreaker::when(LastCalls::<1>::new(10, 0.5, 2))
        .or(TimeSlices::<4>::new(ms(1_000), 0.5, 2))
        .open_for(ms(1))
        .build();
    fail(&breaker, 2, ms(0));
    succeed(&breaker, 1, ms(1));
    assert_eq!(breaker.state(ms(1)), State::Closed);
    fail(&breaker, 1, ms(1));
    assert_eq!(
        breaker.state(ms(1)),
        State::Closed,
        "the two of before are gone, in the same slice of time too"
    );
    fail(&breaker, 1, ms(1));
    assert_eq!(breaker.state(ms(1)), State::Open);
}

#[test]
fn slices_pass_with_time_and_after_thirty_idle_days() {
    let breaker = CircuitBreaker::when(TimeSlices::<10>::new(ms(1), 0.5, 3)).build();
    let mut now = ms(0);
    for _ in 0..50 {
        fail(&breaker, 2, now);
        now += ms(10);
    }
    assert_eq!(breaker.state(now), State::Closed, "two within any ten milliseconds");
    now += Duration::from_secs(30 * 24 * 3600);
    fail(&breaker, 2, now);
    assert_eq!(breaker.state(now), State::Closed);
    fail(&breaker, 1, now + ms(9));
    assert_eq!(breaker.state(now + ms(9)), State::Open);
}

/// Until they leave it, two slices after the one that the breaker is restored in.
#[test]
fn failures_that_are_restored_are_in_the_window() {
    let built = || CircuitBreaker::when(TimeSlices::<3>::new(ms(10), 0.5, 4)).build();
    let breaker = built();
    succeed(&breaker, 1, ms(0));
    fail(&breaker, 2, ms(0));
    for (later, state) in [(29, State::Open), (30, State::Closed)] {
        let other = built();
        other.restore(&breaker.snapshot(ms(0)), ms(500));
        succeed(&other, 1, ms(500 + later));
        assert_eq!(other.state(ms(500 + later)), state, "{later}");
    }
}

#[test]
fn a_slice_with_more_calls_than_it_counts_keeps_their_proportion() {
    for (good, bad, state) in [(51, 49, State::Closed), (49, 51, State::Open)] {
        let breaker = CircuitBreaker::when(TimeSlices::<2>::new(ms(1_000), 0.5, 20_000)).build();
        let mut rounds = 0;
        while breaker.state(ms(0)) == State::Closed && rounds < 1_000 {
            // Two slices, since one keeps no more than 16,383.
            let now = ms(u64::from(rounds >= 500) * 1_000);
            for call in 0..100 {
                if let Ok(permit) = breaker.try_acquire(now) {
                    // Spread evenly: `good` of 100.
                    if (call * good) % 100 < good {
                        permit.success(now);
                    } else {
                        permit.failure(now);
                    }
                }
            }
            rounds += 1;
        }
        assert_eq!(breaker.state(ms(0)), state, "{good} good, {bad} bad");
    }
}

#[test]
fn a_slow_success_is_a_failure() {
    let breaker = CircuitBreaker::consecutive_failures(2)
        .slow_after(ms(100))
        .open_for(ms(10))
        .build();
    enter(&breaker, ms(0)).success(ms(100));
    enter(&breaker, ms(0)).success(ms(99));
    enter(&breaker, ms(0)).success(ms(100));
    assert_eq!(breaker.state(ms(100)), State::Closed);
    enter(&breaker, ms(100)).success(ms(900));
    assert_eq!(breaker.state(ms(900)), State::Open);
    enter(&breaker, ms(910)).success(ms(1_010));
    assert_eq!(breaker.state(ms(1_010)), State::Open, "a slow probe opens it again");
}

#[test]
fn calls_are_timed_however_the_breaker_was_closed() {
    type Way = fn(&CircuitBreaker);
    let ways: [Way; 4] = [
        CircuitBreaker::reset,
        |breaker| {
            breaker.force_closed();
            enter(breaker, ms(0)).success(ms(100));
            assert_eq!(breaker.state(ms(100)), State::ForcedClosed, "none is counted");
            breaker.automatic();
        },
        |breaker| {
            fail(breaker, 1, ms(0));
            enter(breaker, ms(10)).success(ms(109));
        },
        |breaker| breaker.restore(&breaker.snapshot(ms(0)), ms(0)),
    ];
    for close in ways {
        let breaker = CircuitBreaker::consecutive_failures(1)
            .slow_after(ms(100))
            .open_for(ms(10))
            .build();
        close(&breaker);
        enter(&breaker, ms(200)).success(ms(299));
        assert_eq!(breaker.state(ms(299)), State::Closed);
        enter(&breaker, ms(300)).success(ms(400));
        assert_eq!(breaker.state(ms(400)), State::Open);
        assert_eq!(breaker.stats().late, 0);
    }
}

#[test]
fn extreme_times_neither_panic_nor_wrap() {
    for now in [Duration::ZERO, ms(1), Duration::from_secs(u64::MAX), Duration::MAX] {
        for open in [Duration::ZERO, Duration::from_nanos(1), Duration::MAX] {
            let breaker = CircuitBreaker::when(TimeSlices::<3>::new(Duration::MAX, 1.0, 1))
                .open_for(open)
                .slow_after(Duration::MAX)
                .build();
            enter(&breaker, now).failure_with_hint(Duration::MAX, now);
            let state = breaker.state(now);
            assert!(
                matches!(state, State::Open | State::HalfOpen),
                "{now:?} {open:?} {state}"
            );
            let _ = breaker.try_acquire(Duration::MAX);
            let _ = breaker.snapshot(Duration::MAX);
        }
    }
}

/// A clock may have any origin: its own start, that of Unix, the middle of its range.
#[test]
fn slices_count_wherever_the_clock_stands() {
    for slice in [1, 10, 20, 50, 100, 1_000].map(ms) {
        for origin in [0, 1 << 31, 1 << 32, 3 << 32, 1_800_000_000, 1 << 34].map(Duration::from_secs) {
            let breaker = CircuitBreaker::when(TimeSlices::<10>::new(slice, 0.5, 2)).build();
            fail(&breaker, 1, origin);
            assert_eq!(breaker.state(origin), State::Closed);
            fail(&breaker, 1, origin + slice);
            assert_eq!(breaker.state(origin + slice), State::Open, "{slice:?} from {origin:?}");
        }
    }
}

/// A snapshot that is asked for by a thread which is late finds every slice later than its own.
#[test]
fn a_late_snapshot_of_full_slices_does_not_overflow() {
    let breaker = CircuitBreaker::when(TimeSlices::<10>::new(ms(1), 1.0, 1)).build();
    let full = SavedSlices {
        calls: [u16::MAX; 10],
        failures: [0; 10],
    };
    let now = Duration::from_secs(1);
    let snapshot = breaker.snapshot(now);
    breaker.restore(
        &Snapshot {
            window: full,
            ..snapshot
        },
        now,
    );
    assert_eq!(breaker.snapshot(Duration::ZERO).window.calls[0], u16::MAX);
}
