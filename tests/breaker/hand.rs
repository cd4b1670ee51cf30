//! Moving a breaker by hand, keeping it over a restart, and watching it.

use crate::drive::{enter, fail, ms, states, succeed};
use persevere::{
    Jitter,
    backoff::{Exponential, Schedule},
};
use persevere_breaker::trip::SavedCalls;
use persevere_breaker::{CircuitBreaker, LastCalls, Snapshot, State};
use std::time::Duration;

#[test]
fn held_open_it_rejects_for_ever() {
    let breaker = CircuitBreaker::default();
    breaker.force_open();
    for now in [Duration::ZERO, Duration::MAX] {
        let rejected = breaker.try_acquire(now).unwrap_err();
        assert_eq!((rejected.state(), rejected.retry_after()), (State::ForcedOpen, None));
        assert_eq!(breaker.state(now), State::ForcedOpen);
    }
}

#[test]
fn held_closed_it_counts_nothing() {
    let breaker = CircuitBreaker::consecutive_failures(1).build();
    breaker.force_closed();
    fail(&breaker, 100, ms(0));
    assert_eq!(breaker.state(ms(0)), State::ForcedClosed);
    breaker.automatic();
    assert_eq!(breaker.state(ms(0)), State::Closed);
    fail(&breaker, 1, ms(0));
    assert_eq!(breaker.state(ms(0)), State::Open);
    breaker.automatic();
    assert_eq!(breaker.state(ms(0)), State::Open, "what no hand holds is not let go");
    breaker.reset();
    assert_eq!(breaker.state(ms(0)), State::Closed);
}

#[test]
fn calls_of_before_change_nothing_after() {
    let breaker = CircuitBreaker::consecutive_failures(1).build();
    let early = enter(&breaker, ms(0));
    breaker.reset();
    early.failure(ms(0));
    assert_eq!((breaker.state(ms(0)), breaker.stats().late), (State::Closed, 1));
}

#[test]
fn a_watch_tells_each_transition_once_and_in_order() {
    let breaker = CircuitBreaker::consecutive_failures(1).open_for(ms(10)).build();
    let (mut one, mut other) = (breaker.watch(), breaker.watch());
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
fn a_watch_that_falls_behind_knows_by_how_much() {
    let breaker = CircuitBreaker::default();
    let mut watch = breaker.watch();
    for _ in 0..50 {
        breaker.force_open();
        breaker.automatic();
    }
    let sequences: Vec<_> = watch.by_ref().map(|transition| transition.sequence).collect();
    assert_eq!(sequences, (85..=100).collect::<Vec<_>>());
    assert_eq!(watch.missed(), 84);
}

#[test]
fn the_open_time_grows_until_the_breaker_is_closed() {
    let breaker = CircuitBreaker::consecutive_failures(1)
        .open_with(Exponential::new(ms(10)), ms(60), Jitter::None)
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

/// Five minutes, unless it is said.
#[test]
fn a_hint_is_obeyed_up_to_the_longest() {
    for (hint, obeyed) in [(299_999, 299_999), (300_000, 300_000), (300_001, 300_000)] {
        let breaker = CircuitBreaker::consecutive_failures(1).build();
        enter(&breaker, ms(0)).failure_with_hint(ms(hint), ms(0));
        assert_eq!(breaker.try_acquire(ms(0)).unwrap_err().retry_after(), Some(ms(obeyed)));
    }
}

#[test]
fn a_schedule_that_has_come_to_its_end_stays_with_its_last_delay() {
    let breaker = CircuitBreaker::consecutive_failures(1)
        .open_with(Schedule::new([ms(1), ms(7)]), Duration::MAX, Jitter::None)
        .build();
    let mut now = ms(0);
    for time in [1, 7, 7, 7].map(ms) {
        fail(&breaker, 1, now);
        assert_eq!(breaker.try_acquire(now).unwrap_err().retry_after(), Some(time));
        now += time;
    }
}

#[test]
fn a_hint_lengthens_the_open_time_within_bounds() {
    for (hint, open) in [(5, 10), (30, 30), (500, 100)] {
        let breaker = CircuitBreaker::consecutive_failures(1)
            .open_for(ms(10))
            .max_hint(ms(100))
            .build();
        enter(&breaker, ms(0)).failure_with_hint(ms(hint), ms(0));
        assert_eq!(breaker.try_acquire(ms(0)).unwrap_err().retry_after(), Some(ms(open)));
    }
}

#[test]
fn several_probes_have_to_succeed() {
    let breaker = CircuitBreaker::consecutive_failures(1)
        .open_for(ms(10))
        .max_probes(2)
        .successes_to_close(3)
        .build();
    fail(&breaker, 1, ms(0));
    let (first, second) = (enter(&breaker, ms(10)), enter(&breaker, ms(12)));
    let rejected = breaker.try_acquire(ms(15)).unwrap_err();
    assert_eq!(
        (rejected.state(), rejected.retry_after()),
        (State::HalfOpen, Some(ms(5))),
        "the first lease"
    );
    first.success(ms(15));
    second.success(ms(15));
    assert_eq!(breaker.state(ms(15)), State::HalfOpen);
    succeed(&breaker, 1, ms(15));
    assert_eq!(breaker.state(ms(15)), State::Closed);
}

#[test]
fn a_snapshot_in_every_state_comes_back_on_another_clock() {
    let built = || {
        CircuitBreaker::consecutive_failures(3)
            .open_with(Exponential::new(ms(10)), ms(1_000), Jitter::None)
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
    assert_eq!(other.state(later), State::Open, "two failures of before and one");

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
    assert_eq!(other.state(later), State::Closed, "one success of before and one");

    breaker.force_open();
    let (other, later) = restored(&breaker, ms(10));
    assert_eq!(other.state(later), State::ForcedOpen);
}

#[test]
fn a_snapshot_out_of_range_is_brought_into_it() {
    let breaker = CircuitBreaker::consecutive_failures(3).open_for(ms(10)).build();
    let snapshot = Snapshot {
        state: State::HalfOpen,
        open_for: Duration::MAX,
        opens: u32::MAX,
        successes: u32::MAX,
        window: u32::MAX,
    };
    breaker.restore(&snapshot, Duration::MAX);
    assert_eq!(breaker.state(ms(0)), State::HalfOpen);
    assert_eq!(
        breaker.snapshot(ms(0)).successes,
        0,
        "one success has to be left to come"
    );
    succeed(&breaker, 1, ms(0));
    assert_eq!(breaker.state(ms(0)), State::Closed);
    breaker.restore(
        &Snapshot {
            state: State::Closed,
            ..snapshot
        },
        ms(0),
    );
    assert_eq!(breaker.snapshot(ms(0)).window, 2);
    fail(&breaker, 1, ms(0));
    assert_eq!(breaker.state(ms(0)), State::Open);
}

/// A snapshot of a larger window is as full as the smaller one can be.
#[test]
fn a_larger_window_is_cut_to_size() {
    let larger = CircuitBreaker::when(LastCalls::<2>::new(64, 1.0, 64)).build();
    fail(&larger, 40, ms(0));
    let smaller = CircuitBreaker::when(LastCalls::<2>::new(8, 1.0, 8)).build();
    smaller.restore(&larger.snapshot(ms(0)), ms(0));
    assert_eq!(smaller.state(ms(0)), State::Closed, "going on is no failure");
    let full = SavedCalls {
        head: 8,
        calls: [0xFF, 0],
    };
    assert_eq!(smaller.snapshot(ms(0)).window, full);
    // In the second lap the head is below twice the size.
    for (head, kept) in [(15, 15), (16, 8), (u32::MAX, 8)] {
        let window = SavedCalls { head, ..full };
        let snapshot = Snapshot {
            window,
            ..smaller.snapshot(ms(0))
        };
        smaller.restore(&snapshot, ms(0));
        assert_eq!(smaller.snapshot(ms(0)).window, SavedCalls { head: kept, ..full });
    }
    fail(&smaller, 1, ms(0));
    assert_eq!(smaller.state(ms(0)), State::Open, "eight of eight have failed");
}

/// What was left of an open time is no one's once the breaker is closed by hand.
#[test]
fn a_closed_breaker_keeps_no_open_time() {
    let breaker = CircuitBreaker::consecutive_failures(1).open_for(ms(1_000)).build();
    fail(&breaker, 1, ms(0));
    assert_eq!(breaker.snapshot(ms(0)).open_for, ms(1_000));
    breaker.reset();
    assert_eq!(breaker.snapshot(ms(0)).open_for, Duration::ZERO);
}
