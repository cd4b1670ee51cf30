//! V1, V2 and V4: twenty processes under one quota, on a real server. More of them, which take longer, are in `long.rs`.

use persevere_fleet::{BATCH, Crowd, PERIOD, PROCESSES, QUOTA, Server, now};
use std::time::Duration;

const WORKER: &str = env!("CARGO_BIN_EXE_fleet-worker");

#[test]
fn even_load_above_the_quota_uses_the_quota() {
    let Some(server) = Server::start() else { return };
    let crowd = Crowd::start(WORKER, &server, PERIOD * 9 / 2, |_| 2 * 500 / PROCESSES);
    crowd.sleep_until(PERIOD * 5 / 4);
    let settled = now();
    let mut outcome = crowd.finish();
    outcome.assert_within_quota();
    let (used, per_command) = (outcome.used(settled, 2), outcome.per_command());
    assert!(used >= 0.95, "{used}");
    // One command to wait in turn, and one for the batch.
    assert!(per_command >= f64::from(BATCH) / 3.0, "{per_command}");
}

#[test]
fn processes_that_are_killed_and_stopped_take_no_more() {
    let Some(server) = Server::start() else { return };
    let mut crowd = Crowd::start(WORKER, &server, PERIOD * 4, |_| 50);
    for round in 0..6 {
        crowd.sleep_until(PERIOD * (4 + round) / 3);
        let worker = round as usize;
        // One dies with its lease, and another takes its place. One stops for longer than its lease.
        crowd.signal(worker, "KILL");
        crowd.join(50, PERIOD);
        crowd.signal(10 + worker, "STOP");
        crowd.sleep_until(PERIOD * (4 + round) / 3 + Duration::from_millis(300));
        crowd.signal(10 + worker, "CONT");
    }
    let mut outcome = crowd.finish();
    outcome.assert_within_quota();
    assert!(outcome.uses.len() as u32 > 2 * QUOTA);
}
