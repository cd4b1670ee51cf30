//! D1 to D3, D9 and D11: when legs begin, and which answers.

use crate::world::{AFTER_10, Legs, budget, ms};
use persevere::Verdict;
use persevere::budget::WindowedRatio;
use persevere::classify::from_fn;
use persevere::hedge::{Hedge, Latency, Leg, Operation, Quantile};
use persevere_testkit::VirtualTime;
use std::future::Future;
use std::pin::Pin;

#[test]
fn d1_first_leg_begins_at_the_first_poll() {
    let legs = Legs::new([(5, Ok(1))]);
    let budget = budget(0);
    let hedge = AFTER_10
        .on(legs.time.asynchronous())
        .budget(&budget)
        .observe(&legs.stats);
    assert_eq!(legs.time.block_on(hedge.run(|leg| legs.call(leg))), Ok(1));
    assert_eq!(legs.began(), [(0, 0)]);
    assert_eq!((legs.counts().calls, legs.counts().hedges), (1, 0));
}

#[test]
fn d1_future_does_nothing_before_it_is_polled() {
    let legs = Legs::new([]);
    drop(
        AFTER_10
            .on(legs.time.asynchronous())
            .budget(budget(1))
            .run(|leg| legs.call(leg)),
    );
    assert!(legs.began().is_empty());
    assert_eq!((legs.time.pending(), legs.time.reads()), (0, 0));
}

#[test]
fn d2_call_that_is_not_repeatable_has_one_leg() {
    for first in [(100, Ok(1)), (100, Err("down")), (0, Err("down"))] {
        let legs = Legs::new([first]);
        let budget = budget(9);
        let hedge = AFTER_10.on(legs.time.asynchronous()).budget(&budget).repeatable(false);
        assert_eq!(legs.time.block_on(hedge.run(|leg| legs.call(leg))), first.1);
        assert_eq!((legs.began(), budget.available(ms(0))), (vec![(0, 0)], 9));
    }
}

/// An operation that cannot be repeated after a response.
struct UnlessResponded<'a>(&'a Legs);

impl<'a> Operation for UnlessResponded<'a> {
    type Future = Pin<Box<dyn Future<Output = Result<u32, &'static str>> + 'a>>;

    fn call(&mut self, leg: Leg) -> Self::Future {
        Box::pin(self.0.call(leg))
    }

    fn is_repeatable(&self, responded: bool) -> bool {
        !responded
    }
}

/// It is made again after an error and by time. After a response that is not accepted it is not made again, and costs
/// nothing.
#[test]
fn d2_operation_can_become_repeatable() {
    let is_503 = from_fn(|outcome: &Result<u32, &str>| match outcome {
        Ok(503) | Err(_) => Verdict::Retry,
        Ok(_) => Verdict::Accept,
    });
    for (first, answer, legs_made) in [
        ((3, Err("down")), Ok(2), 2),
        ((50, Ok(1)), Ok(2), 2),
        ((3, Ok(503)), Ok(503), 1),
    ] {
        let legs = Legs::new([first, (1, Ok(2))]);
        let budget = budget(9);
        let hedge = AFTER_10
            .on(legs.time.asynchronous())
            .budget(&budget)
            .classify_outcome(&is_503);
        assert_eq!(legs.time.block_on(hedge.run_operation(UnlessResponded(&legs))), answer);
        assert_eq!(
            (legs.began().len(), budget.available(ms(0))),
            (legs_made, 10 - legs_made as u64)
        );
    }
}

#[test]
fn d3_retryable_failure_starts_the_next_leg_at_once() {
    let legs = Legs::new([(3, Err("down")), (4, Ok(2))]);
    let budget = budget(1);
    let hedge = AFTER_10.on(legs.time.asynchronous()).budget(&budget);
    assert_eq!(legs.time.block_on(hedge.run(|leg| legs.call(leg))), Ok(2));
    assert_eq!((legs.began(), legs.time.elapsed()), (vec![(0, 0), (1, 3)], ms(7)));
}

#[test]
fn d3_failed_leg_is_no_answer_while_another_runs() {
    // The hedge fails first, the first leg succeeds last.
    let legs = Legs::new([(50, Ok(1)), (5, Err("down"))]);
    let budget = budget(9);
    let hedge = AFTER_10
        .on(legs.time.asynchronous())
        .budget(&budget)
        .observe(&legs.stats);
    assert_eq!(legs.time.block_on(hedge.run(|leg| legs.call(leg))), Ok(1));
    assert_eq!((legs.time.elapsed(), legs.counts().failures), (ms(50), 1));
    assert_eq!(budget.available(ms(0)), 8);
}

#[test]
fn d3_failure_and_success_at_once_make_no_further_leg() {
    let legs = Legs::new([(20, Err("down")), (10, Ok(2)), (0, Ok(3))]);
    let budget = budget(9);
    let hedge = AFTER_10.max_hedges::<2>().on(legs.time.asynchronous()).budget(&budget);
    // Both end at 20 ms, when the timer of the third leg ends too.
    assert_eq!(legs.time.block_on(hedge.run(|leg| legs.call(leg))), Ok(2));
    assert_eq!(legs.began(), [(0, 0), (1, 10)]);
}

#[test]
fn d3_last_failure_is_returned_if_all_legs_fail() {
    let legs = Legs::new([(1, Err("a")), (1, Err("b")), (1, Err("c"))]);
    let budget = budget(9);
    let hedge = AFTER_10.max_hedges::<2>().on(legs.time.asynchronous()).budget(&budget);
    assert_eq!(legs.time.block_on(hedge.run(|leg| legs.call(leg))), Err("c"));
    assert_eq!(legs.time.elapsed(), ms(3));
}

#[test]
fn d3_permanent_failure_ends_the_call() {
    let legs = Legs::new([(50, Ok(1)), (5, Err("no such key"))]);
    let budget = budget(9);
    let hedge = AFTER_10.on(legs.time.asynchronous()).budget(&budget);
    let hedge = hedge.retry_if(|error: &&str| *error == "down");
    assert_eq!(legs.time.block_on(hedge.run(|leg| legs.call(leg))), Err("no such key"));
    assert_eq!((legs.time.elapsed(), legs.dropped()), (ms(15), vec![(0, 15)]));
}

#[test]
fn d3_unaccepted_ok_is_a_failure_and_is_returned_if_nothing_better_comes() {
    for (second, answer, at) in [
        ((4, Ok(200)), Ok(200), 7),
        ((4, Err("down")), Err("down"), 7),
        ((0, Ok(503)), Ok(503), 3),
    ] {
        let legs = Legs::new([(3, Ok(503)), second]);
        let budget = budget(1);
        let hedge = AFTER_10.on(legs.time.asynchronous()).budget(&budget);
        let hedge = hedge.classify_outcome(from_fn(|outcome: &Result<u32, &str>| match outcome {
            Ok(503) | Err(_) => Verdict::Retry,
            Ok(_) => Verdict::Accept,
        }));
        assert_eq!(legs.time.block_on(hedge.run(|leg| legs.call(leg))), answer);
        assert_eq!(legs.time.elapsed(), ms(at));
    }
}

#[test]
fn d9_operation_receives_the_leg() {
    let legs = Legs::new([(100, Ok(1)), (100, Ok(2)), (100, Ok(3)), (100, Ok(4))]);
    let budget = budget(9);
    let hedge = AFTER_10.max_hedges::<3>().on(legs.time.asynchronous()).budget(&budget);
    assert_eq!(legs.time.block_on(hedge.run(|leg| legs.call(leg))), Ok(1));
    assert_eq!(legs.began(), [(0, 0), (1, 10), (2, 20), (3, 30)]);
}

/// Rule 11 is a compile error: see the documentation of `Hedged::run`.
#[test]
fn d11_future_is_send_and_needs_no_runtime() {
    fn send<F: Future + Send>(future: F) -> F {
        future
    }
    static LATENCY: Latency = Latency::new();
    static BUDGET: WindowedRatio = WindowedRatio::new();
    let time = VirtualTime::new();
    let hedge = Hedge::at(&LATENCY, Quantile::P99)
        .on(time.asynchronous())
        .budget(&BUDGET);
    let call = send(hedge.run(|leg| async move { Ok::<_, ()>(leg.index()) }));
    assert_eq!(time.block_on(call), Ok(0));
}
