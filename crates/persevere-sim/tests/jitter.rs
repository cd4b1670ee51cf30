//! The delays of simulated runs have the closed forms of their jitter, by the test of Kolmogorov and Smirnov.

use persevere::{Event, Jitter, Observer, Policy};
use persevere_sim::{Arrivals, Candidate, Fault, Scenario, Service, Trigger};
use std::cell::RefCell;
use std::time::Duration;

/// The waits of all runs.
#[derive(Default)]
struct Waits(RefCell<Vec<(u32, Duration)>>);

impl Observer<Fault> for Waits {
    fn on_event(&self, event: &Event<'_, Fault>) {
        if let Event::Waiting { attempt, delay, .. } = event {
            self.0.borrow_mut().push((*attempt, *delay));
        }
    }
}

/// The delays after the first and the second failure, in seconds, of 4,000 runs whose service is down. No two runs
/// overlap, so that the waits of one run follow each other.
fn delays(policy: Policy<impl persevere::Backoff + Send + Sync + 'static>) -> Vec<[f64; 2]> {
    let runs = 4000;
    let scenario = Scenario::new("down")
        .arrivals(Arrivals::Constant)
        .demand(0.1)
        .service(Service::new("server"))
        .trigger(Trigger::at(Duration::ZERO).lasting(Duration::from_secs(100_000)).down())
        .duration(Duration::from_secs(10 * runs + 9));
    let waits = Waits::default();
    scenario
        .run_observed(&Candidate::new("jitter", policy.max_attempts(3)), 1, &waits)
        .unwrap();
    let waits = waits.0.into_inner();
    assert_eq!(waits.len() as u64, 2 * runs);
    waits
        .chunks(2)
        .map(|pair| {
            assert_eq!((pair[0].0, pair[1].0), (1, 2));
            [pair[0].1.as_secs_f64(), pair[1].1.as_secs_f64()]
        })
        .collect()
}

/// Asserts that values are uniform over 0.0..=1.0.
fn assert_uniform(name: &str, values: impl Iterator<Item = f64>) {
    let mut values: Vec<f64> = values.collect();
    values.sort_unstable_by(f64::total_cmp);
    let count = values.len() as f64;
    let distance = values.iter().enumerate().map(|(rank, value)| {
        let (below, above) = (value - rank as f64 / count, (rank + 1) as f64 / count - value);
        below.max(above)
    });
    let distance = distance.fold(0.0, f64::max) * count.sqrt();
    println!("{name}: D·√n = {distance:.2}");
    // One in a thousand is above.
    assert!(distance < 1.95, "{name}: {distance}");
    assert!(distance > 0.2, "{name}: more even than chance");
}

const BASE: Duration = Duration::from_secs(1);

#[test]
fn full_jitter_is_uniform_from_zero() {
    let delays = delays(Policy::exponential(BASE).jitter(Jitter::Full));
    assert_uniform("full, first", delays.iter().map(|delays| delays[0]));
    assert_uniform("full, second", delays.iter().map(|delays| delays[1] / 2.0));
}

#[test]
fn equal_jitter_is_uniform_over_the_upper_half() {
    let delays = delays(Policy::exponential(BASE).jitter(Jitter::Equal));
    assert_uniform("equal, first", delays.iter().map(|delays| delays[0] * 2.0 - 1.0));
    assert_uniform("equal, second", delays.iter().map(|delays| delays[1] - 1.0));
}

#[test]
fn proportional_jitter_is_uniform_around_the_delay() {
    let policy = Policy::exponential(BASE).jitter(Jitter::proportional(0.25));
    let delays = delays(policy);
    assert_uniform(
        "proportional, first",
        delays.iter().map(|delays| (delays[0] - 0.75) * 2.0),
    );
    assert_uniform("proportional, second", delays.iter().map(|delays| delays[1] - 1.5));
}

#[test]
fn decorrelated_delay_is_uniform_up_to_thrice_the_last() {
    let delays = delays(Policy::decorrelated(BASE).max_delay(Duration::from_secs(4)));
    assert_uniform(
        "decorrelated, first",
        delays.iter().map(|delays| (delays[0] - 1.0) / 2.0),
    );
    let second = delays
        .iter()
        .map(|[first, second]| (second - 1.0) / ((first * 3.0).min(4.0) - 1.0));
    assert_uniform("decorrelated, second", second);
}
