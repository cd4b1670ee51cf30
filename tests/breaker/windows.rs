//! Windows hold the last calls or the last period, and nothing older.

use crate::drive::{enter, fail, ms, succeed};
use persevere_breaker::{CircuitBreaker, LastCalls, State, TimeSlices};
use std::time::Duration;

#[test]
fn window_opens_on_the_last_ten_of_ten_thousand() {
    let breaker = CircuitBreaker::tripped_by(LastCalls::<1>::with_words(10).rate(0.5).minimum(10)).build();
    let now = Duration::ZERO;
    succeed(&breaker, 10_000, now);
    fail(&breaker, 4, now);
    assert_eq!(breaker.state(now), State::Closed);
    fail(&breaker, 1, now);
    assert_eq!(breaker.state(now), State::Open);
}

#[test]
fn failures_are_evicted_one_by_one() {
    let breaker = CircuitBreaker::tripped_by(LastCalls::<4>::with_words(100).rate(0.5).minimum(1)).build();
    let now = Duration::ZERO;
    for _ in 0..10_000 {
        succeed(&breaker, 51, now);
        fail(&breaker, 49, now);
    }
    assert_eq!(breaker.state(now), State::Closed, "49 of any 100");
    fail(&breaker, 1, now);
    assert_eq!(breaker.state(now), State::Open, "the evicted call was a success");
}

#[test]
fn success_that_completes_the_minimum_opens() {
    let breaker = CircuitBreaker::tripped_by(LastCalls::<1>::with_words(20).rate(0.5).minimum(10)).build();
    let now = Duration::ZERO;
    fail(&breaker, 5, now);
    succeed(&breaker, 4, now);
    assert_eq!(breaker.state(now), State::Closed);
    succeed(&breaker, 1, now);
    assert_eq!(breaker.state(now), State::Open, "5 of 10, whichever came last");
}

#[test]
fn ignored_and_abandoned_calls_are_not_counted() {
    let breaker = CircuitBreaker::tripped_by(LastCalls::<1>::with_words(4).rate(1.0).minimum(4)).build();
    let now = Duration::ZERO;
    for _ in 0..3 {
        fail(&breaker, 1, now);
        enter(&breaker, now).ignored();
        drop(enter(&breaker, now));
    }
    assert_eq!(breaker.state(now), State::Closed);
    fail(&breaker, 1, now);
    assert_eq!(breaker.state(now), State::Open);
}

#[test]
fn closed_breaker_starts_with_an_empty_window() {
    let breaker = CircuitBreaker::tripped_by(LastCalls::<1>::with_words(10).rate(0.5).minimum(2))
        .or(TimeSlices::<4>::with_slices(4 * ms(1_000)).rate(0.5).minimum(2))
        .open_for(ms(1))
        .build();
    fail(&breaker, 2, ms(0));
    succeed(&breaker, 1, ms(1));
    assert_eq!(breaker.state(ms(1)), State::Closed);
    fail(&breaker, 1, ms(1));
    assert_eq!(
        breaker.state(ms(1)),
        State::Closed,
        "earlier failures are gone, in the same slice too"
    );
    fail(&breaker, 1, ms(1));
    assert_eq!(breaker.state(ms(1)), State::Open);
}

#[test]
fn slices_are_evicted_after_a_while_and_after_idle_days() {
    let breaker = CircuitBreaker::tripped_by(TimeSlices::<10>::with_slices(10 * ms(1)).rate(0.5).minimum(3)).build();
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

/// Until they are evicted, two slices after the slice in which the breaker is restored.
#[test]
fn restored_failures_are_in_the_window() {
    let built = || CircuitBreaker::tripped_by(TimeSlices::<3>::with_slices(3 * ms(10)).rate(0.5).minimum(4)).build();
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
fn slice_with_more_calls_than_it_counts_keeps_the_rate() {
    for (good, bad, state) in [(51, 49, State::Closed), (49, 51, State::Open)] {
        let breaker =
            CircuitBreaker::tripped_by(TimeSlices::<2>::with_slices(2 * ms(1_000)).rate(0.5).minimum(20_000)).build();
        let mut rounds = 0;
        while breaker.state(ms(0)) == State::Closed && rounds < 1_000 {
            // Two slices, since a slice counts at most 16,383.
            let now = ms(u64::from(rounds >= 500) * 1_000);
            for call in 0..100 {
                if let Ok(permit) = breaker.try_acquire(now) {
                    // Spread evenly: `good` of 100.
                    if (call * good) % 100 < good {
                        permit.succeeded(now);
                    } else {
                        permit.failed(now);
                    }
                }
            }
            rounds += 1;
        }
        assert_eq!(breaker.state(ms(0)), state, "{good} good, {bad} bad");
    }
}

#[test]
fn slow_success_is_a_failure() {
    let breaker = CircuitBreaker::consecutive_failures(2)
        .slow_after(ms(100))
        .open_for(ms(10))
        .build();
    enter(&breaker, ms(0)).succeeded(ms(100));
    enter(&breaker, ms(0)).succeeded(ms(99));
    enter(&breaker, ms(0)).succeeded(ms(100));
    assert_eq!(breaker.state(ms(100)), State::Closed);
    enter(&breaker, ms(100)).succeeded(ms(900));
    assert_eq!(breaker.state(ms(900)), State::Open);
    enter(&breaker, ms(910)).succeeded(ms(1_010));
    assert_eq!(breaker.state(ms(1_010)), State::Open, "a slow probe opens it again");
}

#[test]
fn calls_are_timed_after_every_way_to_close() {
    type Way = fn(&CircuitBreaker);
    let ways: [Way; 4] = [
        CircuitBreaker::reset,
        |breaker| {
            breaker.force_close();
            enter(breaker, ms(0)).succeeded(ms(100));
            assert_eq!(breaker.state(ms(100)), State::ForcedClosed, "none is counted");
            breaker.release();
        },
        |breaker| {
            fail(breaker, 1, ms(0));
            enter(breaker, ms(10)).succeeded(ms(109));
        },
        |breaker| breaker.restore(&breaker.snapshot(ms(0)), ms(0)),
    ];
    for close in ways {
        let breaker = CircuitBreaker::consecutive_failures(1)
            .slow_after(ms(100))
            .open_for(ms(10))
            .build();
        close(&breaker);
        enter(&breaker, ms(200)).succeeded(ms(299));
        assert_eq!(breaker.state(ms(299)), State::Closed);
        enter(&breaker, ms(300)).succeeded(ms(400));
        assert_eq!(breaker.state(ms(400)), State::Open);
        assert_eq!(breaker.stats().stale, 0);
    }
}

#[test]
fn extreme_times_neither_panic_nor_wrap() {
    for now in [Duration::ZERO, ms(1), Duration::from_secs(u64::MAX), Duration::MAX] {
        for open in [Duration::from_nanos(1), ms(1), Duration::MAX] {
            let breaker = CircuitBreaker::tripped_by(TimeSlices::<3>::with_slices(Duration::MAX).rate(1.0).minimum(1))
                .open_for(open)
                .slow_after(Duration::MAX)
                .build();
            enter(&breaker, now).failed_with_hint(Duration::MAX, now);
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

/// The origin of a clock may be its start, the Unix epoch, or any other.
#[test]
fn slices_count_from_any_origin_of_the_clock() {
    for slice in [1, 10, 20, 50, 100, 1_000].map(ms) {
        for origin in [0, 1 << 31, 1 << 32, 3 << 32, 1_800_000_000, 1 << 34].map(Duration::from_secs) {
            let breaker =
                CircuitBreaker::tripped_by(TimeSlices::<10>::with_slices(10 * slice).rate(0.5).minimum(2)).build();
            fail(&breaker, 1, origin);
            assert_eq!(breaker.state(origin), State::Closed);
            fail(&breaker, 1, origin + slice);
            assert_eq!(breaker.state(origin + slice), State::Open, "{slice:?} from {origin:?}");
        }
    }
}

/// A thread with an earlier time finds every slice later than its own.
#[test]
fn snapshot_at_earlier_time_does_not_overflow() {
    let breaker = CircuitBreaker::tripped_by(TimeSlices::<10>::with_slices(10 * ms(1)).rate(1.0).minimum(1)).build();
    let now = Duration::from_secs(1);
    let mut snapshot = breaker.snapshot(now);
    snapshot.window = [(u16::MAX, 0); 10].into_iter().collect();
    breaker.restore(&snapshot, now);
    let earlier = breaker.snapshot(Duration::ZERO).window;
    assert_eq!(earlier.iter().next(), Some((u16::MAX, 0)));
}
