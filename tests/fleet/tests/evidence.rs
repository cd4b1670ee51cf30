//! V9: evidence that the breakers of ten processes share.

use persevere::breaker::{CircuitBreaker, SharedBreaker, State};
use persevere::{Sleeper, ThreadSleeper};
use persevere_fleet::{Keeper, Server};
use persevere_redis::{Cause, Evidence, Fleet, Status};
use std::thread;
use std::time::{Duration, Instant};

const SECOND: Duration = Duration::from_secs(1);

/// A process: its breaker, which opens with the first failure, and its evidence.
struct Node {
    breaker: SharedBreaker,
    evidence: Evidence<SharedBreaker>,
    _keeper: Keeper,
}

fn nodes(server: &Server, count: usize) -> Vec<Node> {
    let node = || {
        let breaker = CircuitBreaker::consecutive_failures(1)
            .open_for(30 * SECOND)
            .build()
            .shared();
        let fleet = Fleet::open(&server.url(), "test")
            .unwrap()
            .slow_after(SECOND / 2)
            .unwrap();
        let evidence = fleet
            .evidence("api", breaker.clone())
            .quorum(0.3, 2)
            .open_for(2 * SECOND);
        let evidence = evidence.build().unwrap();
        let kept = evidence.clone();
        let keeper = Keeper::start(move |sleeper| kept.keep_shared_blocking(sleeper));
        Node {
            breaker,
            evidence,
            _keeper: keeper,
        }
    };
    let nodes: Vec<Node> = (0..count).map(|_| node()).collect();
    until(|| nodes.iter().all(|node| node.evidence.open() == (0, count as u32)));
    nodes
}

fn until(holds: impl Fn() -> bool) -> Duration {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < 20 * SECOND, "it does not hold after 20 s");
        thread::sleep(Duration::from_millis(5));
    }
    start.elapsed()
}

fn state(node: &Node) -> State {
    node.breaker.state(ThreadSleeper.now())
}

/// A call that fails, or succeeds.
fn call(node: &Node, succeeds: bool) {
    let call = node.breaker.on(ThreadSleeper);
    let _ = call.run_blocking(|| succeeds.then_some(()).ok_or("down"));
}

#[test]
fn breakers_open_early_by_a_quorum_and_never_by_one() {
    let Some(server) = Server::start() else { return };
    let nodes = nodes(&server, 10);
    let open = || nodes.iter().filter(|node| state(node) != State::Closed).count();

    // One, and two, of ten are no quorum of three tenths.
    for failed in [1, 2] {
        call(&nodes[failed - 1], false);
        until(|| nodes.iter().all(|node| node.evidence.open() == (failed as u32, 10)));
        thread::sleep(SECOND);
        assert_eq!(open(), failed);
    }
    call(&nodes[2], false);
    let opened = until(|| open() == 10);
    assert!(opened < 2 * SECOND, "{opened:?}");
    assert_eq!(
        nodes[9].evidence.open().0,
        3,
        "breakers that evidence has opened are no evidence"
    );

    // Each is half-open after 2 to 3 s, at a time of its own, and closes by its own probe.
    let mut times = Vec::new();
    let start = Instant::now();
    while times.len() < 7 {
        let half = nodes[3..].iter().filter(|node| state(node) != State::Open).count();
        times.extend(vec![start.elapsed(); half.saturating_sub(times.len())]);
        assert!(start.elapsed() < 5 * SECOND);
        thread::sleep(Duration::from_millis(1));
    }
    let spread = times[6] - times[0];
    assert!(spread > Duration::from_millis(100), "{spread:?}");
    nodes[3..].iter().for_each(|node| call(node, true));
    assert!(nodes[3..].iter().all(|node| state(node) == State::Closed));
    thread::sleep(SECOND);
    assert_eq!(open(), 3, "the quorum that is still there opens nothing again");

    // A failed probe of the process is evidence again.
    nodes[0].breaker.reset();
    until(|| nodes.iter().all(|node| node.evidence.open().0 == 2));
    call(&nodes[5], false);
    until(|| open() == 10);
}

/// V9: two of ten that report first to an empty server are no quorum of those that have reported.
#[test]
fn server_that_lost_its_data_opens_no_breaker() {
    let Some(server) = Server::start() else { return };
    let nodes = nodes(&server, 10);
    for _ in 0..4 {
        until(|| nodes.iter().all(|node| node.evidence.open() == (0, 10)));
        server.run::<()>("FLUSHALL");
        // These two report the change at once, and most of the others later.
        nodes[..2].iter().for_each(|node| call(node, false));
        until(|| nodes.iter().all(|node| node.evidence.open() == (2, 10)));
        assert!(nodes[2..].iter().all(|node| state(node) == State::Closed));
        nodes[..2].iter().for_each(|node| node.breaker.reset());
    }
    // Three are a quorum again when all have reported.
    nodes[..3].iter().for_each(|node| call(node, false));
    until(|| nodes.iter().all(|node| state(node) == State::Open));
}

/// V10: a process counts for two seconds after its last report.
#[test]
fn evidence_of_a_process_that_is_gone_ends() {
    let Some(server) = Server::start() else { return };
    let mut nodes = nodes(&server, 4);
    call(&nodes[0], false);
    until(|| nodes[3].evidence.open() == (1, 4));
    nodes.remove(0);
    let gone = until(|| nodes[2].evidence.open() == (0, 3));
    assert!(gone < 4 * SECOND, "{gone:?}");
    let life: i64 = server.run(&format!("PTTL {}", nodes[0].evidence.key()));
    assert!(life > 0 && life <= 2_000, "{life}");
}

/// V7: without a server each breaker depends on its own calls, and a fleet of two has no quorum of one.
#[test]
fn breaker_without_a_server_goes_by_its_own_calls() {
    let Some(mut server) = Server::start() else { return };
    let nodes = nodes(&server, 2);
    server.kill();
    until(|| {
        nodes
            .iter()
            .all(|node| node.evidence.status() == Status::Local(Cause::Down))
    });
    call(&nodes[0], false);
    assert_eq!((state(&nodes[0]), state(&nodes[1])), (State::Open, State::Closed));
    server.restart();
    until(|| nodes.iter().all(|node| node.evidence.open() == (1, 2)));
    assert_eq!(state(&nodes[1]), State::Closed, "one alone opens nothing");
}
