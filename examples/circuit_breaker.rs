//! A server goes down and recovers. Its breaker opens, rejects, probes and closes. Prints a timeline.

use persevere::breaker::{CircuitBreaker, State};
use persevere::{Policy, StopReason, ThreadSleeper, sleeper::monotonic};
use persevere_examples::{Reply, Server, fetch};
use std::error::Error;
use std::thread;
use std::time::{Duration, Instant};

const OPEN: Duration = Duration::from_millis(200);

/// Opens after three consecutive failures.
static BREAKER: CircuitBreaker = CircuitBreaker::consecutive_failures(3).open_for(OPEN).build();

/// Two attempts for each request.
static POLICY: Policy = Policy::exponential(Duration::from_millis(5)).max_attempts(2);

/// Healthy for two requests, down for four, then healthy again.
const REPLIES: [Reply; 7] = [
    Reply::Page("fine"),
    Reply::Page("fine"),
    Reply::Status(503),
    Reply::Status(503),
    Reply::Status(503),
    Reply::Status(503),
    Reply::Page("back"),
];

fn main() -> Result<(), Box<dyn Error>> {
    let server = Server::start([("page", &REPLIES[..])])?;
    let (begin, mut transitions) = (Instant::now(), BREAKER.transitions());
    println!("{:>5}  {:<44} {:>8}  breaker", "ms", "what the caller sees", "requests");
    let request = || {
        let run = POLICY.on(ThreadSleeper).breaker(&BREAKER);
        let result = run.run_blocking(|| fetch::on_thread(server.address(), "/page", None));
        let seen = match &result {
            Ok(page) => page.clone(),
            Err(error) => error.to_string(),
        };
        println!(
            "{:>5}  {seen:<44} {:>8}  {}",
            begin.elapsed().as_millis(),
            server.requests("/page"),
            BREAKER.state(monotonic()),
        );
        result.map_err(|error| (error.reason(), error.attempts()))
    };

    let mut seen: Vec<_> = (0..7).map(|_| request()).collect();
    for _ in 0..2 {
        thread::sleep(OPEN);
        seen.extend([request(), request()]);
    }

    let fine = |page: &str| Ok(page.to_owned());
    let rejected = |attempts| Err((StopReason::Rejected, attempts));
    let promised = [
        fine("fine"),
        fine("fine"),
        Err((StopReason::Attempts, 2)),
        // The third consecutive failure opens the breaker, so no second attempt is made.
        rejected(1),
        rejected(0),
        rejected(0),
        rejected(0),
        // The probe fails, and the breaker opens again.
        rejected(1),
        rejected(0),
        // The probe succeeds, and the breaker closes.
        fine("back"),
        fine("back"),
    ];
    let states: Vec<_> = transitions.by_ref().map(|transition| transition.to).collect();
    let cycle = [
        State::Open,
        State::HalfOpen,
        State::Open,
        State::HalfOpen,
        State::Closed,
    ];
    if seen != promised || states != cycle || server.requests("/page") != 8 {
        return Err(format!("unexpected timeline: {seen:?}, {states:?}").into());
    }
    println!("the server was spared {} of {} calls", 5 + 2, 8 + 5 + 2);
    Ok(())
}
