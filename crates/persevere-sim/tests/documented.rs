//! The figures that the documentation of budgets and breakers names come out of the simulator.

use persevere::budget::{AdaptiveThrottle, WindowedRatio};
use persevere::limit::{AdaptiveLimit, Bulkhead, Gradient2, Pause};
use persevere::{Event, Jitter, Observer, Policy, StopReason, breaker::CircuitBreaker};
use persevere_sim::{Candidate, Fault, Phase, RateLimit, Scenario, Service, Study, Summary, Trigger, Watch, compare};
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

/// G8.
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

/// An adaptive limit learns from the calls of its process, which must be many.
#[test]
fn adaptive_limit_recovers_where_each_process_makes_many_calls() {
    let limited = || Candidate::new("limit", backoff()).bulkhead(|| AdaptiveLimit::new(Gradient2::new()));
    let many = summary(&shipped("metastable-outage"), limited(), 5);
    let seconds = many.time_to_recover().unwrap().as_secs();
    assert_eq!(many.recovered(), 5);
    assert!((2..=7).contains(&seconds), "{seconds}");
    assert_eq!(summary(&shipped("large-fleet"), limited(), 5).recovered(), 0);
    let success = summary(&shipped("partial-errors"), limited(), 4).success(Phase::During);
    println!("{seconds} s, {success:?} of requests succeed while 30 % of calls fail");
    assert!((success.unwrap() - 0.97).abs() < 0.01);
}

/// A number that is chosen too high limits nothing.
#[test]
fn bulkhead_recovers_if_its_calls_can_be_served_in_time() {
    let of = |calls| {
        let candidate = Candidate::new("bulkhead", backoff()).bulkhead(move || Bulkhead::new(calls));
        summary(&shipped("metastable-outage"), candidate, 5).recovered()
    };
    // 300 calls per second within a second: 30 for each of ten processes.
    assert_eq!((of(25), of(60)), (5, 0));
}

/// After a pause all that have waited come at once.
#[test]
fn pause_recovers_where_what_has_waited_fits_into_the_burst() {
    let of = |burst, candidate: Candidate| {
        let limit = RateLimit::per_second(300.0, burst).retry_after(SECOND);
        let scenario = Scenario::new("429")
            .demand(250.0)
            .timeout(SECOND)
            .service(Service::new("api").workers(8).capacity(1000.0).rate_limit(limit))
            .trigger(Trigger::at(30 * SECOND).lasting(30 * SECOND).demand(1.5))
            .duration(180 * SECOND);
        let summary = summary(&scenario, candidate, 3);
        let load = |phase| summary.amplification(phase).unwrap();
        (summary.recovered(), load(Phase::During), load(Phase::After))
    };
    let plain = || Candidate::new("plain", backoff());
    let paused = || plain().pace(Pause::new);
    for burst in [30, 300] {
        assert_eq!(of(burst, plain()).0, 3);
    }
    let (recovered, _, load) = of(30, paused());
    assert_eq!(recovered, 0);
    assert!(load < 1.0 / 3.0, "{load}");
    let (recovered, load, _) = of(300, paused());
    assert_eq!(recovered, 3);
    assert!((load - 0.8).abs() < 0.1, "{load}");
    let load = of(300, plain()).1;
    assert!((load - 1.7).abs() < 0.1, "{load}");
}

/// The table of `docs/simulation.md`: seconds to recover with 10 and with 100 processes, and success at 30 % errors.
const TABLE: [(&str, Option<u64>, Option<u64>, f64); 12] = [
    ("no retry", Some(35), Some(35), 0.70),
    ("one retry at once", None, None, 0.91),
    ("3 attempts, backoff", None, None, 0.97),
    ("windowed ratio", None, None, 0.97),
    ("windowed ratio 0.1, reserve 1", Some(36), Some(61), 0.76),
    ("token bucket AWS 2.1", Some(35), Some(35), 0.87),
    ("gRPC throttle 10", Some(35), Some(35), 0.70),
    ("adaptive throttle", Some(136), Some(136), 0.97),
    ("adaptive K 1.1, 10 s", Some(36), Some(45), 0.89),
    ("breaker, 5 in a row", Some(51), Some(52), 0.25),
    ("breaker, 80 % of 10 s", Some(5), Some(6), 0.97),
    ("adaptive and breaker", Some(6), Some(6), 0.89),
];

#[test]
fn table_of_the_documentation_is_that_of_the_usual_policies() {
    let of = |name| {
        let study = Study::shipped(name).unwrap();
        compare(&study.scenario, &study.candidates, 0..5, Watch::none()).unwrap()
    };
    let (small, large, partial) = (of("metastable-outage"), of("large-fleet"), of("partial-errors"));
    let summaries = small.iter().zip(&large).zip(&partial);
    assert_eq!(summaries.len(), TABLE.len());
    for (((small, large), partial), (name, of_small, of_large, success)) in summaries.zip(TABLE) {
        assert_eq!(small.name(), name);
        for (summary, documented) in [(small, of_small), (large, of_large)] {
            match (summary.time_to_recover(), documented) {
                (Some(time), Some(seconds)) => {
                    // The queue drains at 20 calls per second, so that chance makes a difference of seconds.
                    let tolerance = 3 + seconds / 6;
                    assert!(time.as_secs().abs_diff(seconds) <= tolerance, "{name}: {time:?}");
                }
                (time, _) => assert_eq!((time, documented), (None, None), "{name}"),
            }
        }
        let measured = partial.success(Phase::During).unwrap();
        assert!((measured - success).abs() < 0.03, "{name}: {measured}");
    }
}
