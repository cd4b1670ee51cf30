//! The model of "Exponential backoff and jitter": the means of an independent implementation come out.
//!
//! `data/occ-reference.csv` holds the means of 1,000 trials and their 95 % intervals.

use persevere::backoff::{self, Backoff, Context};
use persevere::{Jitter, Policy};
use persevere_sim::Contention;
use std::time::Duration;

const REFERENCE: &str = include_str!("data/occ-reference.csv");
const BASE: Duration = Duration::from_millis(10);
const CAP: Duration = Duration::from_secs(2);

/// Half of a 95 % interval, in standard errors.
const CI95: f64 = 1.96;

/// The mean and its standard error.
#[derive(Debug, Clone, Copy)]
struct Mean {
    mean: f64,
    error: f64,
}

impl Mean {
    fn of(values: &[f64]) -> Mean {
        let count = values.len() as f64;
        let mean = values.iter().sum::<f64>() / count;
        let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (count - 1.0);
        let error = (variance / count).sqrt();
        Mean { mean, error }
    }

    fn z(self, other: Mean) -> f64 {
        (self.mean - other.mean) / self.error.hypot(other.error)
    }
}

/// Clamps the draw, as the article does. `Policy::decorrelated` clamps the bound.
fn decorrelated(context: &mut Context<'_>) -> Option<Duration> {
    let previous = context.previous().unwrap_or(BASE / 2);
    let delay = context.random().between(BASE / 2, previous * 3);
    Some(delay.min(CAP))
}

fn races<B: Backoff + Clone>(policy: Policy<B>, clients: u32, trials: u64) -> [Mean; 2] {
    let policy = policy.max_delay(CAP).unlimited_attempts();
    let races = (0..trials).map(|seed| Contention::of_clients(clients).run(&policy, seed));
    let (times, calls): (Vec<f64>, Vec<f64>) = races
        .map(|race| (race.time.as_secs_f64() * 1e3, race.calls as f64))
        .unzip();
    [Mean::of(&times), Mean::of(&calls)]
}

fn simulated(strategy: &str, clients: u32, trials: u64) -> [Mean; 2] {
    let exponential = Policy::exponential(BASE);
    match strategy {
        "None" => races(Policy::fixed(Duration::ZERO), clients, trials),
        "Exponential" => races(exponential.jitter(Jitter::None), clients, trials),
        "EqualJitter" => races(exponential.jitter(Jitter::Equal), clients, trials),
        "FullJitter" => races(exponential.jitter(Jitter::Full), clients, trials),
        "Decorr" => races(Policy::new(backoff::from_fn(decorrelated)), clients, trials),
        other => panic!("no strategy {other}"),
    }
}

#[test]
fn contention_has_the_means_of_the_reference() {
    let mut squares = Vec::new();
    for line in REFERENCE.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let number = |index: usize| cells[index].parse::<f64>().unwrap();
        let clients = number(0) as u32;
        let reference = [(3, 4), (5, 6)].map(|(mean, interval)| Mean {
            mean: number(mean),
            error: number(interval) / CI95,
        });
        // As many trials as take about the same time.
        let trials = 4000 / u64::from(clients) + 20;
        for (ours, theirs) in simulated(cells[1], clients, trials).into_iter().zip(reference) {
            let z = ours.z(theirs);
            assert!(z.abs() < 4.0, "{line}: {ours:?}, z = {z:.2}");
            squares.push(z * z);
        }
    }
    let mean = squares.iter().sum::<f64>() / squares.len() as f64;
    println!("mean z² of {} means: {mean:.3}", squares.len());
    assert!((0.6..1.5).contains(&mean), "mean z² = {mean}");
}
