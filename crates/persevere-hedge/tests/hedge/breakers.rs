//! D7 and D8: legs that lose, and their breakers.

use crate::world::{AFTER_10, Legs, budget, ms};
use persevere::breaker::{CircuitBreaker, State};
use persevere::hedge::{HedgeError, Leg};
use persevere_testkit::{Polled, VirtualTime};
use std::cell::Cell;
use std::task::Poll;

#[test]
fn d7_losers_are_dropped_before_the_answer_and_superseded() {
    let breakers = [(); 3].map(|()| CircuitBreaker::consecutive_failures(1).build());
    let legs = Legs::new([(100, Ok(1)), (100, Ok(2)), (5, Ok(3))]);
    let budget = budget(9);
    let hedge = AFTER_10.max_hedges::<2>().on(legs.time.asynchronous()).budget(&budget);
    let hedge = hedge.breakers(|leg| &breakers[leg.index()]).observe(&legs.stats);
    let mut call = Polled::new(hedge.run(|leg| legs.call(leg)));
    while legs.time.elapsed() < ms(20) {
        assert!(call.poll().is_pending());
        legs.time.advance_to_next();
    }
    assert!(call.poll().is_pending());
    legs.time.advance(ms(5));
    assert_eq!(call.poll(), Poll::Ready(Ok(3)));
    // The future is still there, its legs are not.
    assert_eq!((legs.dropped(), legs.time.pending()), (vec![(0, 25), (1, 25)], 0));
    let superseded = breakers.each_ref().map(|breaker| breaker.stats().superseded);
    assert_eq!(superseded, [1, 1, 0]);
    assert_eq!((legs.counts().hedges_won, legs.counts().hedges_lost), (1, 1));
}

#[test]
fn d8_breaker_notices_a_replica_that_only_ever_loses() {
    let breakers = [(); 2].map(|()| CircuitBreaker::consecutive_failures(5).slow_after(ms(10)).build());
    let time = VirtualTime::new();
    let budget = budget(99);
    let calls = Cell::new(0);
    let call = || {
        let hedge = AFTER_10
            .on(time.asynchronous())
            .budget(&budget)
            .breakers(|leg| &breakers[leg.index()]);
        time.block_on(hedge.run(async |leg: Leg| -> Result<u32, &str> {
            if leg.index() == 0 {
                calls.set(calls.get() + 1);
                std::future::pending::<()>().await;
            }
            time.pass(ms(5)).await;
            Ok(7)
        }))
    };
    for _ in 0..5 {
        assert_eq!(call(), Ok(7));
    }
    assert_eq!(breakers[0].state(time.elapsed()), State::Open);
    // The other replica is called in its place at once, which is no hedge.
    let (before, left) = (time.elapsed(), budget.available(time.elapsed()));
    assert_eq!(call(), Ok(7));
    assert_eq!((time.elapsed() - before, calls.get()), (ms(5), 5));
    assert_eq!(budget.available(time.elapsed()), left);
}

#[test]
fn d8_call_that_no_breaker_admits_is_rejected() {
    let breaker = CircuitBreaker::consecutive_failures(1).build();
    breaker.force_open();
    let legs = Legs::new([]);
    let hedge = AFTER_10
        .on(legs.time.asynchronous())
        .budget(budget(9))
        .breaker(&breaker)
        .observe(&legs.stats);
    let outcome = legs.time.block_on(hedge.run(|leg| legs.call(leg)));
    assert!(matches!(outcome, Err(HedgeError::Rejected(_))), "{outcome:?}");
    assert_eq!((legs.began(), legs.counts().rejected), (vec![], 2));
}
