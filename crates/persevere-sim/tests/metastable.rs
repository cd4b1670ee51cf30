//! The figures of "Metastable failures in distributed systems" (2021) come out of the simulator.
//!
//! A database serves 300 calls per second. Its clients wait for a second and retry at once. It stands still for a while.

use persevere::Policy;
use persevere::budget::WindowedRatio;
use persevere_sim::{Candidate, Phase, Scenario, Service, Summary, Trigger, Watch, compare};
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);
const SEEDS: usize = 10;

/// An outage of the given length under the given demand, with a queue of the given length.
fn outage(demand: f64, length: Duration, queue: u32) -> Scenario {
    Scenario::new("metastable outage")
        .demand(demand)
        .timeout(SECOND)
        .service(Service::new("database").capacity(300.0).queue(queue))
        .trigger(Trigger::at(10 * SECOND).lasting(length).capacity(0.0))
        .duration(150 * SECOND)
}

fn usual(demand: f64) -> Scenario {
    outage(demand, 10 * SECOND, 1000)
}

fn retries(retries: u32) -> Candidate {
    Candidate::new("naive", Policy::fixed(Duration::ZERO).max_retries(retries))
}

fn summary(scenario: &Scenario, candidate: Candidate) -> Summary {
    let summaries = compare(scenario, &[candidate], 0..SEEDS as u64, Watch::none());
    summaries.unwrap().remove(0)
}

fn assert_threshold(name: &str, below: (Scenario, Candidate), above: (Scenario, Candidate)) {
    let recovered = [below, above].map(|(scenario, candidate)| summary(&scenario, candidate).recovered());
    println!("{name}: {recovered:?} of {SEEDS}");
    assert_eq!(recovered, [SEEDS, 0], "{name}");
}

#[test]
fn load_that_recovers_is_half_of_the_capacity_with_one_retry() {
    let below = (usual(142.0), retries(1));
    assert_threshold("one retry", below, (usual(158.0), retries(1)));
}

#[test]
fn load_that_recovers_is_a_third_of_the_capacity_with_two_retries() {
    let below = (usual(94.0), retries(2));
    assert_threshold("two retries", below, (usual(106.0), retries(2)));
}

#[test]
fn retries_within_the_spare_capacity_recover() {
    let at_most = |per_second: u32| {
        retries(1).budget(move |_| WindowedRatio::new().ratio(0.0).reserve(per_second).window(SECOND))
    };
    assert_threshold("retries", (usual(280.0), at_most(12)), (usual(280.0), at_most(26)));
}

#[test]
fn outage_of_a_second_suffices() {
    let lasting = |millis| outage(280.0, Duration::from_millis(millis), 1000);
    assert_threshold("outage", (lasting(600), retries(1)), (lasting(1200), retries(1)));
}

#[test]
fn queue_that_is_served_within_the_timeout_recovers() {
    let queue = |calls| outage(280.0, 10 * SECOND, calls);
    assert_threshold("queue", (queue(270), retries(1)), (queue(320), retries(1)));
}

#[test]
fn load_is_stuck_at_twice_the_demand_without_a_success() {
    let summary = summary(&usual(280.0), retries(1));
    for outcome in summary.outcomes() {
        let last = &outcome.seconds()[100..];
        let mean = |of: fn(&persevere_sim::Second) -> u32| {
            last.iter().map(|second| f64::from(of(second))).sum::<f64>() / last.len() as f64
        };
        let (load, goodput) = (mean(|second| second.attempts), mean(|second| second.succeeded));
        assert!((load - 560.0).abs() < 25.0, "{load}");
        assert_eq!(goodput, 0.0);
        assert!(mean(|second| second.wasted) > 295.0, "the database works for nobody");
    }
}

#[test]
fn reserve_of_each_process_grows_with_the_fleet() {
    let finagle = || retries(1).budget(|_| WindowedRatio::new());
    let of_processes = |processes| summary(&usual(280.0).processes(processes), finagle());
    let large = of_processes(100);
    assert_eq!(large.recovered(), 0);
    let load = large.amplification(Phase::After).unwrap();
    assert!(
        (load - 2.0).abs() < 0.02,
        "the budget of 100 small processes stops no retry: {load}"
    );
    let small = of_processes(1).amplification(Phase::After).unwrap();
    assert!(small < 1.2, "{small}");
}
