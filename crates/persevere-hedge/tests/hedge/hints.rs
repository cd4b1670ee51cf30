//! D10: a server that requests a wait.

use crate::world::{AFTER_10, Legs, budget, finish, ms};
use persevere::budget::WindowedRatio;
use persevere::classify::from_fn;
use persevere::hedge::Hedge;
use persevere::{Policy, Verdict};
use persevere_testkit::Polled;

/// "busy" has a hint of 60 ms.
fn pushback(error: &&str) -> Verdict {
    match *error {
        "busy" => Verdict::RetryAfter(ms(60)),
        _ => Verdict::Retry,
    }
}

#[test]
fn d10_hint_delays_hedges_while_a_leg_runs() {
    // The hedge of 10 ms receives a hint of 60 ms at 15 ms.
    let legs = Legs::new([(100, Ok(1)), (5, Err("busy")), (5, Ok(3))]);
    let budget = budget(9);
    let hedge = AFTER_10.max_hedges::<2>().on(legs.time.asynchronous()).budget(&budget);
    let hedge = hedge.classify(from_fn(pushback));
    assert_eq!(legs.time.block_on(hedge.run(|leg| legs.call(leg))), Ok(3));
    assert_eq!(legs.began(), [(0, 0), (1, 10), (2, 75)]);
}

#[test]
fn d10_failure_does_not_shorten_an_earlier_hint() {
    // The second leg receives a hint until 75 ms at 15 ms, the third fails before.
    let legs = Legs::new([(100, Ok(1)), (15, Err("busy")), (10, Err("down")), (1, Ok(4))]);
    let budget = budget(9);
    let hedge = AFTER_10.max_hedges::<3>().on(legs.time.asynchronous()).budget(&budget);
    let hedge = hedge.classify(from_fn(pushback));
    assert_eq!(legs.time.block_on(hedge.run(|leg| legs.call(leg))), Ok(4));
    assert_eq!(legs.began(), [(0, 0), (1, 10), (2, 20), (3, 85)]);
}

#[test]
fn d10_hint_delays_hedges_that_would_begin_at_once() {
    let legs = Legs::new([(100, Ok(1)), (0, Err("busy")), (1, Ok(3))]);
    let budget = budget(9);
    let hedge = Hedge::after(ms(0))
        .max_hedges::<2>()
        .on(legs.time.asynchronous())
        .budget(&budget);
    let hedge = hedge.classify(from_fn(pushback));
    assert_eq!(legs.time.block_on(hedge.run(|leg| legs.call(leg))), Ok(3));
    assert_eq!(legs.began(), [(0, 0), (1, 0), (2, 60)]);
}

#[test]
fn d10_leg_follows_the_hint_if_no_timer_runs() {
    let legs = Legs::new([(100, Ok(1)), (15, Err("busy")), (1, Ok(3))]);
    let budget = WindowedRatio::new().ratio(1.0).reserve(1);
    let hedge = AFTER_10.max_hedges::<2>().on(legs.time.asynchronous()).budget(&budget);
    let hedge = hedge.classify(from_fn(pushback));
    let mut call = Polled::new(hedge.run(|leg| legs.call(leg)));
    // At 20 ms the budget rejects the third leg.
    for at in [0, 10, 20] {
        legs.time.advance(ms(at) - legs.time.elapsed());
        assert!(call.poll().is_pending());
    }
    budget.deposit(legs.time.elapsed());
    assert_eq!(finish(&legs.time, call), Ok(3));
    assert_eq!(legs.began(), [(0, 0), (1, 10), (2, 85)]);
}

#[test]
fn d10_hint_ends_the_call_if_no_leg_runs() {
    let legs = Legs::new([(1, Err("busy"))]);
    let budget = budget(9);
    let hedge = AFTER_10
        .on(legs.time.asynchronous())
        .budget(&budget)
        .classify(from_fn(pushback));
    assert_eq!(legs.time.block_on(hedge.run(|leg| legs.call(leg))), Err("busy"));
    assert_eq!((legs.time.elapsed(), budget.available(ms(1))), (ms(1), 9));
}

#[test]
fn d10_run_around_waits_for_the_hint() {
    let legs = Legs::new([(1, Err("busy"))]);
    let budget = budget(9);
    let policy = Policy::fixed(ms(1))
        .max_attempts(2)
        .exact_hints()
        .classify(from_fn(pushback));
    let run = policy.on(legs.time.asynchronous()).run(|| {
        let hedge = AFTER_10
            .on(legs.time.asynchronous())
            .budget(&budget)
            .classify(from_fn(pushback));
        hedge.run(|leg| legs.call(leg))
    });
    let error = legs.time.block_on(run).unwrap_err();
    assert_eq!((error.attempts(), legs.began()), (2, vec![(0, 0), (0, 61)]));
}
