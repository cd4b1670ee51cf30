//! The figures that the documentation of budgets and breakers names come out of the simulator.

use persevere::budget::{AdaptiveThrottle, WindowedRatio};
use persevere::{Event, Jitter, Observer, Policy, StopReason, breaker::CircuitBreaker};
use persevere_sim::{Candidate, Fault, Phase, Scenario, Service, Study, Summary, Trigger, Watch, compare};
use std::cell::RefCell;
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);

fn backoff() -> Policy {
    Policy::exponential(SECOND / 10).max_delay(5 * SECOND).max_attempts(3)
}

fn summary(scenario: &Scenario, candidate: Candidate, seeds: u64) -> Summary {
    compare(scenario, &[candidate], 0..seeds, Watch::none())
        .unwrap()
        .remove(0)
}

fn shipped(name: &str) -> Scenario {
    Study::shipped(name).unwrap().scenario
}

fn by_rate(seed: u64) -> persevere::breaker::Builder<persevere::breaker::TimeSlices> {
    let builder = CircuitBreaker::failure_rate(0.8).over(10 * SECOND).open_for(5 * SECOND);
    builder.jitter(Jitter::Equal).seed(seed)
}

/// How many retries a budget has rejected.
#[derive(Default)]
struct Rejections(RefCell<u32>);

impl Observer<Fault> for Rejections {
    fn on_event(&self, event: &Event<'_, Fault>) {
        if matches!(
            event,
            Event::GaveUp {
                reason: StopReason::Budget,
                ..
            }
        ) {
            *self.0.borrow_mut() += 1;
        }
    }
}

/// After how long without a success the first retry is rejected, to the second.
fn first_rejection(budget: fn() -> AdaptiveThrottle) -> u64 {
    let once = Policy::fixed(Duration::ZERO).max_attempts(2);
    let is_rejected = |seconds: u64| {
        let scenario = Scenario::new("down after two minutes")
            .demand(50.0)
            .service(Service::new("server").workers(100))
            .trigger(Trigger::at(130 * SECOND).lasting(1000 * SECOND).down())
            .duration((130 + seconds as u32) * SECOND);
        let rejections = Rejections::default();
        let candidate = Candidate::new("adaptive", once).budget(move |seed| budget().seed(seed));
        scenario.run_observed(&candidate, 1, &rejections).unwrap();
        rejections.0.into_inner() > 0
    };
    (1..120).find(|seconds| is_rejected(*seconds)).unwrap()
}

#[test]
fn adaptive_throttle_rejects_nothing_for_40_s_and_for_retries_within_2_s() {
    let late = first_rejection(AdaptiveThrottle::new);
    assert!((37..=44).contains(&late), "{late}");
    assert!(first_rejection(AdaptiveThrottle::for_retries) <= 2);
}

#[test]
fn adaptive_throttle_for_retries_recovers_sooner_and_succeeds_less() {
    let candidate = |budget: fn() -> AdaptiveThrottle| {
        Candidate::new("adaptive", backoff()).budget(move |seed| budget().seed(seed))
    };
    let of = |budget| {
        let outage = summary(&shipped("metastable-outage"), candidate(budget), 10);
        assert_eq!(outage.recovered(), 10);
        let success = summary(&shipped("partial-errors"), candidate(budget), 4)
            .success(Phase::During)
            .unwrap();
        (outage.time_to_recover().unwrap().as_secs(), success)
    };
    let (late, much) = of(AdaptiveThrottle::new);
    let (soon, less) = of(AdaptiveThrottle::for_retries);
    println!("{late} s and {much:.3}; {soon} s and {less:.3}");
    assert!(
        (126..=146).contains(&late) && (31..=41).contains(&soon),
        "{late} {soon}"
    );
    assert!(
        (much - 0.97).abs() < 0.01 && (less - 0.89).abs() < 0.015,
        "{much} {less}"
    );
}

#[test]
fn default_breaker_turns_30_percent_errors_into_71_percent_failures() {
    let errors = shipped("partial-errors").processes(20).duration(330 * SECOND);
    let errors = errors.trigger(Trigger::at(30 * SECOND).lasting(300 * SECOND).error_rate(0.3));
    let naive = summary(
        &errors,
        Candidate::new("default", backoff()).breaker(|seed| CircuitBreaker::consecutive_failures(5).seed(seed)),
        4,
    );
    let failed = 1.0 - naive.success(Phase::During).unwrap();
    let rate = summary(&errors, Candidate::new("rate", backoff()).breaker(by_rate), 4);
    let few = 1.0 - rate.success(Phase::During).unwrap();
    println!("{failed:.3} fail by default, {few:.3} with a rate");
    assert!((failed - 0.71).abs() < 0.03, "{failed}");
    assert!((few - 0.027).abs() < 0.005, "{few}");
}

#[test]
fn breaker_by_rate_recovers_in_5_s_and_the_default_in_51_s() {
    let of = |candidate| {
        let summary = summary(&shipped("metastable-outage"), candidate, 10);
        assert_eq!(summary.recovered(), 10);
        summary.time_to_recover().unwrap().as_secs()
    };
    let default =
        Candidate::new("default", backoff()).breaker(|seed| CircuitBreaker::consecutive_failures(5).seed(seed));
    assert!((50..=53).contains(&of(default)));
    assert!((4..=6).contains(&of(Candidate::new("rate", backoff()).breaker(by_rate))));
}

#[test]
fn load_below_the_capacity_recovers_and_load_far_above_does_not() {
    let scenario = |processes| shipped("metastable-outage").processes(processes).duration(400 * SECOND);
    for (ratio, reserve, processes) in [
        (0.02, 1, 10),
        (0.02, 10, 10),
        (0.0, 10, 10),
        (0.02, 1, 100),
        (0.2, 100, 10),
        (0.02, 100, 100),
        (0.0, 10, 100),
    ] {
        let budget = WindowedRatio::new().ratio(ratio).reserve(reserve);
        let load = budget.highest_load(280.0, processes);
        let make = move |_| WindowedRatio::new().ratio(ratio).reserve(reserve);
        let recovered = summary(
            &scenario(processes),
            Candidate::new("windowed", backoff()).budget(make),
            3,
        )
        .recovered();
        println!("{ratio} {reserve} {processes}: at most {load:.0}/s, {recovered} of 3");
        if load < 297.0 {
            assert_eq!(recovered, 3, "{load}");
        }
        if load > 360.0 {
            assert_eq!(recovered, 0, "{load}");
        }
    }
}

#[test]
fn budget_for_a_fleet_recovers_whatever_its_size() {
    for processes in [10, 100] {
        let scenario = shipped("metastable-outage").processes(processes);
        let make = move |_| WindowedRatio::for_fleet(processes).ratio(0.02);
        let candidate = Candidate::new("fleet", backoff()).budget(make);
        assert_eq!(summary(&scenario, candidate, 5).recovered(), 5, "{processes}");
    }
}
