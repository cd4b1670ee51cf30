//! The rules of hedging, each as a test of its own. Their numbers are those of the contract.

mod world;

use persevere::breaker::{CircuitBreaker, State};
use persevere::budget::{Budget, Class, LastFailure, TokenBucket, WindowedRatio};
use persevere::classify::from_fn;
use persevere::hedge::{After, Hedge, HedgeError, Latency, Leg, Quantile};
use persevere::{Policy, StopReason, Verdict};
use persevere_testkit::{Polled, VirtualTime};
use std::cell::{Cell, RefCell};
use std::task::Poll;
use std::time::Duration;
use world::{Legs, ms};

const AFTER_10: Hedge<After> = Hedge::after(ms(10));

fn budget(reserve: u32) -> WindowedRatio {
    WindowedRatio::new().ratio(0.0).reserve(reserve)
}

/// A latency with the given samples of 10 ms.
fn latency(samples: u32) -> Latency {
    let latency = Latency::new().minimum_samples(100);
    (0..samples).for_each(|_| latency.record(ms(10), Duration::ZERO));
    latency
}

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
fn d4_refused_failure_leaves_the_timer_running() {
    let legs = Legs::new([(100, Ok(1)), (5, Err("down")), (1, Ok(3))]);
    let budget = WindowedRatio::new().ratio(1.0).reserve(1);
    let hedge = AFTER_10.max_hedges::<2>().on(legs.time.asynchronous()).budget(&budget);
    let mut call = Polled::new(hedge.run(|leg| legs.call(leg)));
    for at in [0, 10, 15] {
        legs.time.advance(ms(at) - legs.time.elapsed());
        assert!(call.poll().is_pending());
    }
    assert_eq!(legs.began(), [(0, 0), (1, 10)], "the second hedge is refused at 15 ms");
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

/// Writes down what it is told, and admits the given number of hedges.
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
    let told = |hedges: u32, plans: &[world::Plan]| {
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
    assert_eq!(told(1, &[(50, Ok(1)), (5, Ok(2))]), won);
    let refused = ["0ns attempted", "10ms Timeout: false", "50ms succeeded None"];
    assert_eq!(told(0, &[(50, Ok(1))]), refused);
    let both_failed = [
        "0ns attempted",
        "1ms Throttling: true",
        "1ms attempted",
        "2ms failed Retryable(Transient)",
    ];
    assert_eq!(told(1, &[(1, Err("throttled")), (1, Err("down"))]), both_failed);
    assert_eq!(told(0, &[(1, Err("down"))]), ["0ns attempted", "1ms Transient: false"]);
    assert_eq!(told(1, &[(1, Err("busy"))]), ["0ns attempted", "1ms failed Pushback"]);
    assert_eq!(
        told(1, &[(1, Err("not found"))]),
        ["0ns attempted", "1ms failed Permanent"]
    );
}

#[test]
fn d5_call_that_its_caller_drops_early_is_no_sample() {
    for (dropped_at, samples) in [(9, 100), (11, 101)] {
        let latency = latency(100);
        let legs = Legs::new([(500, Ok(1))]);
        let hedge = Hedge::at(&latency, Quantile::P50)
            .on(legs.time.asynchronous())
            .budget(budget(0));
        let mut call = Polled::new(hedge.run(|leg| legs.call(leg)));
        assert!(call.poll().is_pending());
        legs.time.advance(ms(dropped_at));
        assert!(call.poll().is_pending());
        drop(call);
        assert_eq!(latency.samples(ms(0)), samples, "dropped at {dropped_at} ms");
    }
}

#[test]
fn d5_samples_are_successes_timeouts_and_losers() {
    let sampled = |plans: &[world::Plan]| {
        let latency = latency(100);
        let legs = Legs::new(plans.iter().copied());
        let budget = budget(9);
        let hedge = Hedge::at(&latency, Quantile::P50)
            .on(legs.time.asynchronous())
            .budget(&budget);
        let hedge = hedge.classify(from_fn(|error: &&str| match *error {
            "timed out" => Verdict::RetryAs(Class::Timeout),
            "not found" => Verdict::Stop,
            _ => Verdict::Retry,
        }));
        let _ = legs.time.block_on(hedge.run(|leg| legs.call(leg)));
        latency.samples(legs.time.elapsed()) - 100
    };
    assert_eq!(sampled(&[(1, Ok(1))]), 1, "a success");
    assert_eq!(sampled(&[(30, Ok(1)), (1, Ok(1))]), 2, "a success and a loser");
    assert_eq!(sampled(&[(1, Err("down")), (1, Ok(1))]), 1, "not the fast failure");
    assert_eq!(sampled(&[(1, Err("not found"))]), 0, "not the permanent failure");
    assert_eq!(
        sampled(&[(5, Err("timed out")), (1, Ok(1))]),
        2,
        "a timeout and a success"
    );
}

#[test]
fn d5_loser_counts_up_to_its_drop() {
    let latency = latency(0).minimum_samples(1);
    latency.record(ms(10), ms(0));
    let legs = Legs::new([(5_000, Ok(1)), (500, Ok(2))]);
    let budget = budget(1);
    let hedge = Hedge::at(&latency, Quantile::P50)
        .on(legs.time.asynchronous())
        .budget(&budget);
    assert_eq!(legs.time.block_on(hedge.run(|leg| legs.call(leg))), Ok(2));
    let longest = latency.quantile(Quantile::P999, ms(0)).unwrap();
    assert!(longest.abs_diff(ms(510)) <= ms(510) / 16, "{longest:?}");
}

#[test]
fn d5_hedge_that_a_run_times_out_is_a_sample() {
    let latency = latency(100);
    let legs = Legs::new([(500, Ok(1)), (500, Ok(2))]);
    let budget = budget(0);
    let hedge = Hedge::at(&latency, Quantile::P50);
    let policy = Policy::fixed(ms(1)).max_attempts(1).attempt_timeout(ms(200));
    let run = policy.on(legs.time.asynchronous()).run(|| {
        hedge
            .on(legs.time.asynchronous())
            .budget(&budget)
            .run(|leg| legs.call(leg))
    });
    assert_eq!(
        legs.time.block_on(run).unwrap_err().reason(),
        StopReason::AttemptTimedOut
    );
    assert_eq!(latency.samples(ms(0)), 101);
    let longest = latency.quantile(Quantile::P999, ms(0)).unwrap();
    assert!(longest.abs_diff(ms(200)) <= ms(200) / 16, "{longest:?}");
}

#[test]
fn d6_there_is_no_hedge_by_time_before_enough_samples() {
    for (samples, hedges) in [(99, 0), (100, 1)] {
        let latency = latency(samples);
        let legs = Legs::new([(100, Ok(1)), (100, Ok(2))]);
        let budget = budget(9);
        let hedge = Hedge::at(&latency, Quantile::P95).on(legs.time.asynchronous());
        let hedge = hedge.budget(&budget).observe(&legs.stats);
        assert_eq!(legs.time.block_on(hedge.run(|leg| legs.call(leg))), Ok(1));
        assert_eq!(
            (legs.counts().hedges, legs.counts().without_delay),
            (hedges, 1 - hedges)
        );
    }
}

#[test]
fn d6_there_is_no_hedge_before_the_floor() {
    let latency = latency(100);
    let legs = Legs::new([(100, Ok(1)), (100, Ok(2))]);
    let budget = budget(9);
    let hedge = Hedge::at(&latency, Quantile::P95).floor(ms(50));
    let hedge = hedge.on(legs.time.asynchronous()).budget(&budget);
    assert_eq!(legs.time.block_on(hedge.run(|leg| legs.call(leg))), Ok(1));
    assert_eq!(legs.began(), [(0, 0), (1, 50)]);
}

#[test]
fn d6_there_is_no_hedge_if_the_quantile_is_out_of_range() {
    let latency = latency(100);
    (0..10).for_each(|_| latency.record(Duration::from_secs(70), ms(0)));
    for (quantile, hedges) in [(Quantile::P90, 1), (Quantile::P95, 0)] {
        let legs = Legs::new([(100_000, Ok(1)), (100_000, Ok(2))]);
        let budget = budget(9);
        let hedge = Hedge::at(&latency, quantile).on(legs.time.asynchronous());
        let hedge = hedge.budget(&budget).observe(&legs.stats);
        let mut call = Polled::new(hedge.run(|leg| legs.call(leg)));
        assert!(call.poll().is_pending());
        legs.time.advance(ms(10_000));
        assert!(call.poll().is_pending());
        assert_eq!(legs.counts().hedges, hedges, "{quantile}");
    }
}

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

#[test]
fn d9_operation_receives_the_leg() {
    let legs = Legs::new([(100, Ok(1)), (100, Ok(2)), (100, Ok(3)), (100, Ok(4))]);
    let budget = budget(9);
    let hedge = AFTER_10.max_hedges::<3>().on(legs.time.asynchronous()).budget(&budget);
    assert_eq!(legs.time.block_on(hedge.run(|leg| legs.call(leg))), Ok(1));
    assert_eq!(legs.began(), [(0, 0), (1, 10), (2, 20), (3, 30)]);
}

/// Runs the rest of a call that was polled by hand.
fn finish<F: Future>(time: &VirtualTime, mut call: Polled<F>) -> F::Output {
    loop {
        if let Poll::Ready(output) = call.poll() {
            return output;
        }
        time.advance_to_next().expect("the call waits");
    }
}

/// "busy" asks for 60 ms.
fn pushback(error: &&str) -> Verdict {
    match *error {
        "busy" => Verdict::RetryAfter(ms(60)),
        _ => Verdict::Retry,
    }
}

#[test]
fn d10_hint_delays_hedges_while_a_leg_runs() {
    // The hedge of 10 ms is told at 15 ms to wait for 60 ms.
    let legs = Legs::new([(100, Ok(1)), (5, Err("busy")), (5, Ok(3))]);
    let budget = budget(9);
    let hedge = AFTER_10.max_hedges::<2>().on(legs.time.asynchronous()).budget(&budget);
    let hedge = hedge.classify(from_fn(pushback));
    assert_eq!(legs.time.block_on(hedge.run(|leg| legs.call(leg))), Ok(3));
    assert_eq!(legs.began(), [(0, 0), (1, 10), (2, 75)]);
}

#[test]
fn d10_failure_does_not_shorten_an_earlier_hint() {
    // The second leg is told at 15 ms to wait until 75 ms, the third fails before.
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
    // At 20 ms the budget refuses the third leg.
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
