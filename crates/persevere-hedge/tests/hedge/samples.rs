//! D5 and D6: which times are samples, and when there is no quantile.

use crate::world::{Legs, Plan, budget, latency, ms};
use persevere::budget::Class;
use persevere::classify::from_fn;
use persevere::hedge::{Hedge, Quantile};
use persevere::{Policy, StopReason, Verdict};
use persevere_testkit::Polled;
use std::time::Duration;

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
    let sampled = |plans: &[Plan]| {
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
