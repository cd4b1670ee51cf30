//! V1, V4, V5 and V7: long scenarios of twenty processes, and a cluster: `cargo xtask fleet`.

use persevere_fleet::{BATCH, Crowd, Keeper, Outcome, PERIOD, PROCESSES, QUOTA, Server, now};
use persevere_redis::{Fleet, Quota};
use persevere_testkit::{Fault, FaultProxy};
use std::env;
use std::fs;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

const WORKER: &str = env!("CARGO_BIN_EXE_fleet-worker");

/// Runs a crowd without a fault, and returns the share of the quota that it used after the first period, and the permits per
/// command.
fn used(rate: impl Fn(u32) -> u32) -> Option<(f64, f64)> {
    let server = Server::start()?;
    let crowd = Crowd::start(WORKER, &server, PERIOD * 11 / 2, rate);
    crowd.sleep_until(PERIOD * 5 / 4);
    let settled = now();
    let mut outcome = crowd.finish();
    outcome.assert_within_quota();
    let (used, per_command) = (outcome.used(settled, 3), outcome.per_command());
    println!("used {used:.3} of the quota, {per_command:.1} permits per command");
    Some((used, per_command))
}

#[test]
fn skewed_load_uses_the_quota() {
    let Some((used, per_command)) = used(|number| if number == 0 { 1_000 } else { 1 }) else {
        return;
    };
    assert!(used >= 0.95, "{used}");
    assert!(per_command >= 0.75 * f64::from(BATCH), "{per_command}");
}

#[test]
fn half_the_load_is_served_by_batches() {
    let Some((used, per_command)) = used(|_| 240 / PROCESSES) else {
        return;
    };
    assert!((0.46..0.50).contains(&used), "{used} of a load of 0.48");
    // A command for each batch, and a few more at the start and at the end.
    assert!(per_command >= 0.75 * f64::from(BATCH), "{per_command}");
}

/// Checks that calls went on during the fault, that the quota was used afterwards, and that no period had more than the
/// quota. Periods in which the processes changed to their shares and back are excepted.
fn assert_healed(mut outcome: Outcome, fault: (u64, u64), healed: u64) {
    let (from, to) = fault;
    let calls = outcome.calls(from + 700_000, to);
    let seconds = (to - from - 700_000) as f64 / 1e6;
    println!(
        "{:.0} calls per second during the fault, at most {} in a period",
        calls as f64 / seconds,
        outcome.most_used()
    );
    assert!(calls > 0, "calls went on");
    assert!(outcome.most_used() <= u64::from(2 * QUOTA));
    let used = outcome.used(healed, 1);
    println!("used {used:.3} of the quota afterwards");
    assert!(used >= 0.9, "{used}");
    outcome.uses.retain(|(time, _)| *time >= healed);
    assert!(
        outcome.most_used() <= u64::from(QUOTA),
        "{} in a period afterwards",
        outcome.most_used()
    );
}

/// The time for which a server is not there.
const FAULT: Duration = Duration::from_secs(3);

#[test]
fn server_that_is_killed_and_comes_back_empty() {
    let Some(mut server) = Server::start() else { return };
    let mut crowd = Crowd::start(WORKER, &server, PERIOD * 7, |_| 50);
    crowd.sleep_until(PERIOD * 2);
    let from = now();
    server.kill();
    crowd.sleep_until(PERIOD * 2 + FAULT);
    let to = now();
    server.restart();
    crowd.watch(&server);
    crowd.sleep_until(PERIOD * 5);
    let healed = now();
    assert_healed(crowd.finish(), (from, to), healed);
}

#[test]
fn server_that_is_stopped_and_continued() {
    let Some(server) = Server::start() else { return };
    let crowd = Crowd::start(WORKER, &server, PERIOD * 7, |_| 50);
    crowd.sleep_until(PERIOD * 2);
    let from = now();
    server.signal("STOP");
    crowd.sleep_until(PERIOD * 2 + FAULT);
    let to = now();
    server.signal("CONT");
    crowd.sleep_until(PERIOD * 5);
    let healed = now();
    assert_healed(crowd.finish(), (from, to), healed);
}

#[test]
fn network_that_is_cut_for_a_while() {
    let Some(server) = Server::start() else { return };
    // Each process has one connection, whose replies end after a while. The next connection is refused.
    let faults = (0..PROCESSES).map(|_| Fault::Truncate(4_000)).chain([Fault::Refuse]);
    let proxy = FaultProxy::start(server.address(), faults).unwrap();
    let (url, slow) = (format!("redis://{}", proxy.address()), Duration::from_millis(500));
    let crowd = Crowd::through(WORKER, &server, &url, slow, PERIOD * 7, |_| 50);
    crowd.sleep_until(PERIOD * 2);
    let from = now();
    crowd.sleep_until(PERIOD * 2 + FAULT);
    let to = now();
    proxy.open().unwrap();
    crowd.sleep_until(PERIOD * 5);
    let healed = now();
    assert_healed(crowd.finish(), (from, to), healed);
}

#[test]
fn server_that_is_too_far_away_leaves_the_shares() {
    let Some(server) = Server::start() else { return };
    let proxy = FaultProxy::always(server.address(), Fault::Latency(Duration::from_millis(50))).unwrap();
    let (url, slow) = (format!("redis://{}", proxy.address()), Duration::from_millis(20));
    let crowd = Crowd::through(WORKER, &server, &url, slow, PERIOD * 4, |_| 50);
    crowd.sleep_until(PERIOD);
    let from = now();
    let mut outcome = crowd.finish();
    let (used, most) = (outcome.used(from, 2), outcome.most_used());
    println!("used {used:.3} of the quota by shares, at most {most} in a period");
    assert!(used >= 0.9, "{used}");
    assert!(most <= u64::from(QUOTA), "{most}");
}

/// Three nodes that share the slots.
fn cluster() -> Option<Vec<Server>> {
    let folder = env::temp_dir();
    let node = |number: u32| {
        let file = format!("persevere-cluster-{}-{number}.conf", std::process::id());
        let _ = fs::remove_file(folder.join(&file));
        Server::with(&["--cluster-enabled", "yes", "--cluster-config-file", &file])
    };
    let nodes: Vec<Server> = (0..3).map(node).collect::<Option<_>>()?;
    for (node, slots) in nodes.iter().zip(["0 5460", "5461 10922", "10923 16383"]) {
        node.run::<()>(&format!("CLUSTER ADDSLOTSRANGE {slots}"));
        node.run::<()>(&format!("CLUSTER MEET 127.0.0.1 {}", nodes[0].address().port()));
    }
    let start = Instant::now();
    let is_ready = |node: &Server| node.run::<String>("CLUSTER INFO").contains("cluster_state:ok");
    while !nodes.iter().all(is_ready) {
        assert!(start.elapsed() < Duration::from_secs(20), "the cluster is not ready");
        thread::sleep(Duration::from_millis(50));
    }
    Some(nodes)
}

/// V10: each key is on the node of its slot.
#[test]
fn quotas_are_on_all_nodes_of_a_cluster() {
    let Some(nodes) = cluster() else { return };
    let fleet = Fleet::open(&nodes[0].url(), "test").unwrap();
    let fleet = fleet.slow_after(Duration::from_secs(1)).unwrap();
    let mut quotas: Vec<(Quota, Keeper)> = Vec::new();
    for number in 1..10 {
        let quota = fleet
            .quota(&"x".repeat(number), 100, Duration::from_secs(1))
            .build()
            .unwrap();
        let kept = quota.clone();
        quotas.push((quota, Keeper::start(move |sleeper| kept.keep_filled_blocking(sleeper))));
    }
    let start = Instant::now();
    while !quotas.iter().all(|(quota, _)| quota.status().is_shared()) {
        assert!(start.elapsed() < Duration::from_secs(10), "{:?}", quotas[0].0);
        thread::sleep(Duration::from_millis(50));
    }
    let keys: Vec<u64> = nodes.iter().map(|node| node.run("DBSIZE")).collect();
    assert_eq!(keys.iter().sum::<u64>(), 9);
    assert!(keys.iter().all(|keys| *keys > 0), "{keys:?}");
    assert!(quotas.iter().all(|(quota, _)| quota.stats().faults == 0));
}

/// The instructions of a permit, by valgrind; `None` where there is none.
fn instructions(kind: &str) -> Option<f64> {
    let run = |count: u32| {
        let mut valgrind = Command::new("valgrind");
        valgrind.args([
            "--tool=callgrind",
            "--callgrind-out-file=/dev/null",
            env!("CARGO_BIN_EXE_fleet-permits"),
        ]);
        let output = valgrind.args([kind, &count.to_string()]).output().ok()?;
        let report = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{report}");
        let counted = report
            .split("Collected :")
            .nth(1)
            .and_then(|rest| rest.split_whitespace().next());
        counted.expect("valgrind counts").parse::<f64>().ok()
    };
    Some((run(30_000)? - run(10_000)?) / 20_000.0)
}

#[test]
fn leased_permit_costs_what_a_local_one_costs() {
    if cfg!(debug_assertions) {
        println!("SKIPPED: counted in release builds alone");
        return;
    }
    let (Some(leased), Some(rate), Some(bulkhead)) =
        (instructions("quota"), instructions("rate"), instructions("bulkhead"))
    else {
        println!("SKIPPED: there is no valgrind");
        return;
    };
    println!("instructions of a permit: {leased:.0} of a quota, {rate:.0} of a rate, {bulkhead:.0} of a bulkhead");
    assert!(leased <= rate, "{leased} instructions, {rate} of a local rate");
}
