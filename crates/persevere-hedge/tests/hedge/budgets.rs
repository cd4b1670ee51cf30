//! D4: what hedges take from a budget.

use crate::world::{AFTER_10, Legs, Plan, budget, finish, ms};
use persevere::Verdict;
use persevere::breaker::CircuitBreaker;
use persevere::budget::{Budget, Class, LastFailure, TokenBucket, WindowedRatio};
use persevere::classify::from_fn;
use persevere_testkit::Polled;
use std::cell::{Cell, RefCell};
use std::time::Duration;

#[test]
fn d4_each_hedge_is_one_withdrawal_when_it_begins() {
    let legs = Legs::new([(100, Ok(1)), (100, Ok(2)), (100, Ok(3))]);
    let budget = budget(2);
    let hedge = AFTER_10.max_hedges::<2>().on(legs.time.asynchronous()).budget(&budget);
    let mut call = Polled::new(hedge.run(|leg| legs.call(leg)));
    for (at, left) in [(0, 2), (9, 2), (10, 1), (19, 1), (20, 0)] {
        legs.time.advance(ms(at) - legs.time.elapsed());
        assert!(call.poll().is_pending());
        assert_eq!(budget.available(ms(0)), left, "at {at} ms");
    }
    drop(call);
    assert_eq!(budget.available(ms(0)), 0, "a hedge that was made is not given back");
}

#[test]
fn d4_exhausted_budget_ends_nothing_that_runs() {
    let legs = Legs::new([(100, Ok(1))]);
    let budget = budget(0);
    let hedge = AFTER_10
        .on(legs.time.asynchronous())
        .budget(&budget)
        .observe(&legs.stats);
    assert_eq!(legs.time.block_on(hedge.run(|leg| legs.call(leg))), Ok(1));
    assert_eq!((legs.began(), legs.counts().without_budget), (vec![(0, 0)], 1));
    assert_eq!(legs.counts().hedges_suppressed(), 1);
}

#[test]
fn d4_exhausted_budget_returns_the_failure() {
    let legs = Legs::new([(1, Err("down"))]);
    let budget = budget(0);
    let hedge = AFTER_10.on(legs.time.asynchronous()).budget(&budget);
    assert_eq!(legs.time.block_on(hedge.run(|leg| legs.call(leg))), Err("down"));
}

#[test]
fn d4_budget_that_pays_back_retries_does_not_pay_back_hedges() {
    let bucket = TokenBucket::aws_2_1();
    let full = bucket.available();
    for _ in 0..20 {
        let legs = Legs::new([(100, Ok(1)), (1, Ok(2))]);
        let hedge = AFTER_10.on(legs.time.asynchronous()).budget(&bucket);
        assert_eq!(legs.time.block_on(hedge.run(|leg| legs.call(leg))), Ok(2));
    }
    assert!(
        bucket.available() < full - 50,
        "{} of {full} tokens",
        bucket.available()
    );
}

#[test]
fn d4_failure_without_budget_leaves_the_timer_running() {
    let legs = Legs::new([(100, Ok(1)), (5, Err("down")), (1, Ok(3))]);
    let budget = WindowedRatio::new().ratio(1.0).reserve(1);
    let hedge = AFTER_10.max_hedges::<2>().on(legs.time.asynchronous()).budget(&budget);
    let mut call = Polled::new(hedge.run(|leg| legs.call(leg)));
    for at in [0, 10, 15] {
        legs.time.advance(ms(at) - legs.time.elapsed());
        assert!(call.poll().is_pending());
    }
    assert_eq!(
        legs.began(),
        [(0, 0), (1, 10)],
        "the second hedge has no budget at 15 ms"
    );
    budget.deposit(legs.time.elapsed());
    assert_eq!(finish(&legs.time, call), Ok(3));
    assert_eq!(legs.began(), [(0, 0), (1, 10), (2, 20)]);
}

#[test]
fn d4_hedge_that_a_breaker_rejects_is_given_back() {
    let breakers = [(); 2].map(|()| CircuitBreaker::consecutive_failures(1).build());
    breakers[1].force_open();
    let legs = Legs::new([(100, Ok(1))]);
    let budget = budget(1);
    let hedge = AFTER_10.on(legs.time.asynchronous()).budget(&budget);
    let hedge = hedge.breakers(|leg| &breakers[leg.index()]).observe(&legs.stats);
    assert_eq!(legs.time.block_on(hedge.run(|leg| legs.call(leg))), Ok(1));
    assert_eq!((budget.available(legs.time.elapsed()), legs.counts().rejected), (1, 1));
}

/// Records what is reported to it, and admits the given number of hedges.
struct Ledger(Cell<u32>, RefCell<Vec<String>>);

impl Ledger {
    fn write(&self, line: String) {
        self.1.borrow_mut().push(line);
    }
}

impl Budget for &Ledger {
    fn attempted(&self, now: Duration) {
        self.write(format!("{now:?} attempted"));
    }

    fn withdraw(&self, class: Class, now: Duration) -> Option<u32> {
        let left = self.0.get().checked_sub(1);
        self.write(format!("{now:?} {class:?}: {}", left.is_some()));
        self.0.set(left?);
        Some(1)
    }

    fn give_back(&self, _: u32) {
        self.write("given back".into());
    }

    fn succeeded(&self, last: Option<u32>, now: Duration) {
        self.write(format!("{now:?} succeeded {last:?}"));
    }

    fn failed(&self, failure: LastFailure, now: Duration) {
        self.write(format!("{now:?} failed {failure:?}"));
    }
}

#[test]
fn d4_budget_receives_every_leg_and_one_end() {
    let reports = |hedges: u32, plans: &[Plan]| {
        let legs = Legs::new(plans.iter().copied());
        let ledger = Ledger(Cell::new(hedges), RefCell::default());
        let hedge = AFTER_10.on(legs.time.asynchronous()).budget(&ledger);
        let hedge = hedge.classify(from_fn(|error: &&str| match *error {
            "busy" => Verdict::RetryAfter(ms(60)),
            "throttled" => Verdict::RetryAs(Class::Throttling),
            "not found" => Verdict::Stop,
            _ => Verdict::Retry,
        }));
        let _ = legs.time.block_on(hedge.run(|leg| legs.call(leg)));
        ledger.1.take()
    };
    let won = [
        "0ns attempted",
        "10ms Timeout: true",
        "10ms attempted",
        "15ms succeeded None",
    ];
    assert_eq!(reports(1, &[(50, Ok(1)), (5, Ok(2))]), won);
    let without_budget = ["0ns attempted", "10ms Timeout: false", "50ms succeeded None"];
    assert_eq!(reports(0, &[(50, Ok(1))]), without_budget);
    let both_failed = [
        "0ns attempted",
        "1ms Throttling: true",
        "1ms attempted",
        "2ms failed Retryable(Transient)",
    ];
    assert_eq!(reports(1, &[(1, Err("throttled")), (1, Err("down"))]), both_failed);
    assert_eq!(
        reports(0, &[(1, Err("down"))]),
        ["0ns attempted", "1ms Transient: false"]
    );
    assert_eq!(
        reports(1, &[(1, Err("busy"))]),
        ["0ns attempted", "1ms failed Pushback"]
    );
    assert_eq!(
        reports(1, &[(1, Err("not found"))]),
        ["0ns attempted", "1ms failed Permanent"]
    );
}
