//! Queueing theory: loss, waiting and retrial queues come out of the simulator, by z over many seeds.

use persevere::Policy;
use persevere::backoff::{self, Context};
use persevere_sim::{Candidate, Outcome, Scenario, Second, Service, ServiceTime, Watch, compare};
use std::time::Duration;

/// Calls per second that one worker serves.
const RATE: f64 = 20.0;

/// The seconds that are left out, until the queue is in its steady state.
const WARM_UP: usize = 100;

fn scenario(load: f64, workers: u32, queue: u32) -> Scenario {
    let service = Service::new("server")
        .workers(workers)
        .queue(queue)
        .takes(ServiceTime::exponential(Duration::from_secs_f64(1.0 / RATE)));
    Scenario::new("queue")
        .demand(load * RATE)
        .service(service)
        .duration(Duration::from_secs(400))
}

/// The mean over the seeds of a value of each, and its standard error.
fn over_seeds(scenario: &Scenario, candidate: &Candidate, seeds: u64, of: impl Fn(&[Second]) -> f64) -> (f64, f64) {
    let summaries = compare(scenario, std::slice::from_ref(candidate), 0..seeds, Watch::none()).unwrap();
    let values: Vec<f64> = summaries[0]
        .outcomes()
        .iter()
        .map(|outcome: &Outcome| of(&outcome.seconds()[WARM_UP..]))
        .collect();
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (count - 1.0);
    (mean, (variance / count).sqrt())
}

fn mean_of(seconds: &[Second], of: impl Fn(&Second) -> u32) -> f64 {
    seconds.iter().map(|second| f64::from(of(second))).sum::<f64>() / seconds.len() as f64
}

fn assert_close(name: &str, (mean, error): (f64, f64), theory: f64) {
    let z = (mean - theory) / error;
    println!("{name}: {mean:.4} ± {error:.4}, theory {theory:.4}, z = {z:.2}");
    assert!(z.abs() < 4.0, "{name}: {mean} ± {error}, theory {theory}");
    assert!(error < theory / 20.0, "{name}: {error} is too much to tell");
}

fn once() -> Candidate {
    Candidate::new("once", Policy::fixed(Duration::ZERO).max_attempts(1))
}

/// The share of calls that `workers` without a queue lose, under a load in Erlang.
fn erlang_b(load: f64, workers: u32) -> f64 {
    (1..=workers).fold(1.0, |lost, worker| load * lost / (f64::from(worker) + load * lost))
}

/// The share of calls that wait.
fn erlang_c(load: f64, workers: u32) -> f64 {
    let (lost, busy) = (erlang_b(load, workers), load / f64::from(workers));
    lost / (1.0 - busy * (1.0 - lost))
}

#[test]
fn loss_is_that_of_erlang_b() {
    for (load, workers) in [(0.8, 1), (3.0, 4), (10.0, 10)] {
        let lost = over_seeds(&scenario(load, workers, 0), &once(), 30, |seconds| {
            mean_of(seconds, |second| second.failed) / mean_of(seconds, |second| second.requests)
        });
        assert_close(&format!("Erlang B, {load} on {workers}"), lost, erlang_b(load, workers));
    }
}

#[test]
fn queue_is_that_of_erlang_c() {
    for (load, workers) in [(0.7, 1), (3.0, 4), (8.0, 10)] {
        let queued = over_seeds(&scenario(load, workers, u32::MAX), &once(), 60, |seconds| {
            mean_of(seconds, |second| second.queued)
        });
        let busy = load / f64::from(workers);
        let theory = erlang_c(load, workers) * busy / (1.0 - busy);
        assert_close(&format!("M/M/{workers}, {load} Erlang"), queued, theory);
    }
}

#[test]
fn orbit_is_that_of_the_retrial_queue() {
    // A call that finds the server busy comes back after an exponential delay, for as long as it takes.
    let (load, retries) = (0.8, 0.5 * RATE);
    let delay = move |context: &mut Context<'_>| {
        let unit = (context.random().bits() >> 11) as f64 / (1u64 << 53) as f64;
        Some(Duration::from_secs_f64(-(1.0 - unit).ln() / retries))
    };
    let policy = Policy::new(backoff::from_fn(delay)).unlimited_attempts();
    let waiting = over_seeds(
        &scenario(load, 1, 0),
        &Candidate::new("retrial", policy),
        200,
        |seconds| mean_of(seconds, |second| second.waiting),
    );
    // Falin and Templeton, "Retrial Queues", 1.2: the mean number of calls that wait.
    let theory = load / (1.0 - load) * (load * RATE / retries + load);
    assert!((theory - 9.6).abs() < 1e-9);
    assert_close("M/M/1 retrial queue", waiting, theory);
}
