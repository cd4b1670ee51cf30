//! Many clients, and a server that fails: how many calls a second it gets, without a budget and with one.

use persevere::budget::{Budget, WindowedRatio};
use persevere::{Policy, StopReason, TokioSleeper};
use persevere_examples::{Reply, Server, fetch};
use std::error::Error;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// Four attempts: without a budget, up to four times the load.
static POLICY: Policy = Policy::exponential(Duration::from_millis(20)).max_attempts(4);

/// For ten requests that succeed one retry, and ten more in any ten seconds.
static BUDGET: WindowedRatio = WindowedRatio::new().ratio(0.1).reserve(10);

const CLIENTS: usize = 20;
const REQUESTS: usize = 10;

/// One client: its requests, a little apart. Returns how many of them the budget has ended early.
async fn client(server: SocketAddr, path: &'static str, budget: &'static (dyn Budget + Sync)) -> usize {
    let mut ended = 0;
    for _ in 0..REQUESTS {
        let run = POLICY.on(TokioSleeper).budget(budget);
        let result = run.run(|| fetch::on_tokio(server, path)).await;
        if result.is_err_and(|error| error.reason() == StopReason::Budget) {
            ended += 1;
        }
        tokio::time::sleep(Duration::from_millis(40)).await;
    }
    ended
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let server = Server::start([("down", &[Reply::Status(503)][..])])?;
    let asked = CLIENTS * REQUESTS;
    println!(
        "{:<16} {:>8} {:>6} {:>13} {:>14} {:>13}",
        "", "requests", "calls", "amplification", "calls a second", "ended early"
    );
    let mut calls = Vec::new();
    for (name, path, budget) in [
        ("without a budget", "/without/down", &() as &'static (dyn Budget + Sync)),
        ("with a budget", "/with/down", &BUDGET),
    ] {
        let begin = Instant::now();
        let clients: Vec<_> = (0..CLIENTS)
            .map(|_| tokio::spawn(client(server.address(), path, budget)))
            .collect();
        let mut ended = 0;
        for client in clients {
            ended += client.await?;
        }
        let (made, took) = (server.requests(path), begin.elapsed().as_secs_f64());
        println!(
            "{name:<16} {asked:>8} {made:>6} {:>13.2} {:>14.0} {ended:>13}",
            made as f64 / asked as f64,
            made as f64 / took,
        );
        calls.push(made);
    }
    // Everything fails, so each request is made four times, or once and a few from the reserve.
    if calls != [4 * asked, asked + 10] {
        return Err(format!("not as promised: {calls:?}").into());
    }
    Ok(())
}
