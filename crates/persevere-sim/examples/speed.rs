//! Measures how many events per second the simulator handles on one core, and how much memory a client takes.
//!
//! ```text
//! cargo run --release -p persevere-sim --example speed -- 1000 10000 100000 1000000
//! ```

use persevere::Policy;
use persevere::breaker::CircuitBreaker;
use persevere::budget::WindowedRatio;
use persevere_sim::{Candidate, Scenario, Service, ServiceTime};
use std::sync::LazyLock;
use std::time::{Duration, Instant};

fn main() {
    let arguments = std::env::args().skip(1);
    let sizes: Vec<u32> = arguments
        .map(|size| size.parse().expect("a number of clients"))
        .collect();
    let sizes = if sizes.is_empty() { vec![1000] } else { sizes };
    for clients in sizes {
        let bare = Candidate::new("bare", Policy::default());
        let guarded = Candidate::new("guarded", Policy::default())
            .budget(|_| WindowedRatio::new().ratio(0.1).reserve(1))
            .breaker(|seed| {
                CircuitBreaker::failure_rate(0.8)
                    .over(Duration::from_secs(10))
                    .seed(seed)
            });
        for candidate in [bare, guarded] {
            measure(clients, &candidate);
        }
    }
}

/// Each client calls once in a second, and one call of twenty fails.
fn measure(clients: u32, candidate: &Candidate) {
    let service = Service::new("server")
        .workers(clients / 100)
        .takes(ServiceTime::exponential(Duration::from_millis(5)))
        .error_rate(0.05);
    let scenario = Scenario::new("speed")
        .demand(f64::from(clients))
        .processes(clients)
        .timeout(Duration::from_secs(1))
        .service(service)
        .duration(Duration::from_secs(4));
    let before = resident();
    let start = processor_time();
    let outcome = scenario.run(candidate, 1).expect("the scenario is valid");
    let took = (processor_time() - start).as_secs_f64();
    let bytes = (peak().saturating_sub(before)) as f64 / f64::from(clients);
    println!(
        "{clients:>8} clients, {:<8} {:>9} events in {took:>6.2} s: {:>5.2} million per second, {bytes:>5.0} bytes per client",
        candidate.name(),
        outcome.events(),
        outcome.events() as f64 / took / 1e6,
    );
}

/// The processor time of this thread, which other programs do not lengthen; the time of the day where the platform does
/// not report it.
fn processor_time() -> Duration {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    let since = START.elapsed();
    let schedule = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanos = schedule.split(' ').next().and_then(|nanos| nanos.parse().ok());
    nanos.map_or(since, Duration::from_nanos)
}

/// The memory in use, in bytes; zero where the platform does not report it.
fn resident() -> u64 {
    status("VmRSS:")
}

/// The most memory that was in use since the program began.
fn peak() -> u64 {
    status("VmHWM:")
}

fn status(name: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with(name));
    let kibibytes = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
    kibibytes.unwrap_or(0) * 1024
}
