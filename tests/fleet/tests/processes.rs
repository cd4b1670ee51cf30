//! Twenty processes under one quota, on a real server.

use persevere_fleet::{BATCH, Crowd, Outcome, PERIOD, PROCESSES, QUOTA, Server, most_in_any_window, now};
use std::time::Duration;

const WORKER: &str = env!("CARGO_BIN_EXE_fleet-worker");

/// How much later than its permit a use may be in the log, on a busy machine.
const LOGGED: Duration = Duration::from_millis(60);

/// No window has more than the quota, neither in the logs of the processes nor at the server.
fn assert_within_quota(outcome: &mut Outcome) {
    let most = most_in_any_window(&mut outcome.uses, PERIOD - LOGGED);
    assert!(most <= u64::from(QUOTA), "{most} in a period");
    assert!(outcome.most <= u64::from(QUOTA), "{} in a period, at the server", outcome.most);
}

/// Uses the quota by the given rates. Returns the share of it that the given number of permits took, and the permits per command of the whole run.
fn used(permits: u32, rate: impl Fn(u32) -> u32) -> Option<(f64, f64)> {
    let server = Server::start()?;
    let crowd = Crowd::start(WORKER, &server, &server.url(), PERIOD * 9 / 2, rate);
    crowd.sleep_until(PERIOD * 5 / 4);
    let settled = now();
    let mut outcome = crowd.finish();
    assert_within_quota(&mut outcome);
    let used = outcome.rate(settled, permits) * PERIOD.as_secs_f64() / f64::from(QUOTA);
    let per_command = outcome.granted as f64 / outcome.commands as f64;
    println!("used {used:.3} of the quota, {per_command:.1} permits per command");
    Some((used, per_command))
}

#[test]
fn even_load_above_the_quota_uses_the_quota() {
    let Some((used, _)) = used(2 * QUOTA, |_| 2 * 500 / PROCESSES) else { return };
    assert!(used >= 0.95, "{used}");
}

#[test]
fn half_the_load_is_served_by_batches() {
    let Some((used, per_command)) = used(QUOTA, |_| 240 / PROCESSES) else { return };
    assert!((0.46..0.50).contains(&used), "{used} of a load of 0.48");
    assert!(per_command >= f64::from(BATCH), "{per_command}");
}

#[test]
fn skewed_load_uses_the_quota() {
    let Some((used, per_command)) = used(2 * QUOTA, |number| if number == 0 { 1_000 } else { 1 }) else { return };
    assert!(used >= 0.95, "{used}");
    assert!(per_command >= f64::from(BATCH), "{per_command}");
}

#[test]
fn processes_that_are_killed_and_stopped_take_no_more() {
    let Some(server) = Server::start() else { return };
    let mut crowd = Crowd::start(WORKER, &server, &server.url(), PERIOD * 4, |_| 50);
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
    assert_within_quota(&mut outcome);
    assert!(outcome.uses.len() as u32 > 2 * QUOTA);
}
