//! Many clients and a failing server: the calls per second that reach it, without and with a budget.

use persevere::budget::{Budget, WindowedRatio};
use persevere::{Policy, StopReason, TokioSleeper};
use persevere_examples::{Reply, Server, fetch};
use std::error::Error;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// Makes four attempts: without a budget, up to four times the load.
static POLICY: Policy = Policy::exponential(Duration::from_millis(20)).max_attempts(4);

/// Admits one retry for every ten successful requests, and ten more in any ten seconds.
static BUDGET: WindowedRatio = WindowedRatio::new().ratio(0.1).reserve(10);

const CLIENTS: usize = 20;
const REQUESTS: usize = 10;

/// Makes one client's requests, a little apart. Returns how many of them the budget ended early.
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
        "", "requests", "calls", "amplification", "calls per second", "ended early"
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
    // Everything fails: each request makes four calls, or one and a few from the reserve.
    if calls != [4 * asked, asked + 10] {
        return Err(format!("unexpected number of calls: {calls:?}").into());
    }
    Ok(())
}
