//! V8: a pause that the handles of two processes share.

use persevere::{Policy, Sleeper, ThreadSleeper, Verdict, limit::Pause};
use persevere_fleet::{Keeper, Server};
use persevere_redis::{Cause, Fleet, FleetPause, Status};
use std::thread;
use std::time::{Duration, Instant};

const SECOND: Duration = Duration::from_secs(1);

fn pause(url: &str, at_most: Duration) -> (FleetPause, Keeper) {
    let fleet = Fleet::open(url, "test").unwrap().slow_after(SECOND / 2).unwrap();
    let pause = fleet.pause("api", Pause::new().at_most(at_most)).unwrap();
    let kept = pause.clone();
    (pause, Keeper::start(move |sleeper| kept.keep_shared_blocking(sleeper)))
}

/// Waits until something holds, and returns how long that took.
fn until(holds: impl Fn() -> bool) -> Duration {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < 20 * SECOND, "it does not hold after 20 s");
        thread::sleep(Duration::from_millis(1));
    }
    start.elapsed()
}

fn left(pause: &FleetPause) -> Duration {
    pause.pause().paused_for(ThreadSleeper.now()).unwrap_or_default()
}

#[test]
fn hint_of_one_process_pauses_the_other_within_a_second() {
    let Some(server) = Server::start() else { return };
    let (first, _first) = pause(&server.url(), 60 * SECOND);
    let (second, _second) = pause(&server.url(), 2 * SECOND);
    until(|| first.status().is_shared() && second.status().is_shared());
    let policy = Policy::fixed(Duration::ZERO).max_attempts(1);
    let policy = policy.classify_with(|_: &()| Verdict::RetryAfter(30 * SECOND));
    assert!(
        policy
            .on(ThreadSleeper)
            .pace(&first)
            .run_blocking(|| Err::<(), _>(()))
            .is_err()
    );
    assert!(left(&first) > 29 * SECOND);
    let passed_on = until(|| left(&second) > Duration::ZERO);
    assert!(passed_on < SECOND, "{passed_on:?}");
    assert!(left(&second) <= 2 * SECOND, "its own bound");
    let life: i64 = server.run(&format!("PTTL {}", first.key()));
    assert!((28_000..=30_000).contains(&life), "{life}");

    // A process that joins later is paused too.
    let (third, _third) = pause(&server.url(), 60 * SECOND);
    until(|| left(&third) > 25 * SECOND);
}

#[test]
fn pause_that_one_process_ended_is_not_begun_again() {
    let Some(server) = Server::start() else { return };
    let (first, _first) = pause(&server.url(), 60 * SECOND);
    until(|| first.status().is_shared());
    first.pause_for(20 * SECOND, ThreadSleeper.now());
    until(|| server.run::<i64>(&format!("EXISTS {}", first.key())) == 1);
    first.pause().release();
    thread::sleep(SECOND);
    assert_eq!(left(&first), Duration::ZERO);
}

/// V7: a pause that could not be shared is shared when the server is back.
#[test]
fn pause_without_a_server_is_that_of_the_process_and_heals() {
    let Some(mut server) = Server::start() else { return };
    let (first, _first) = pause(&server.url(), 60 * SECOND);
    let (second, _second) = pause(&server.url(), 60 * SECOND);
    until(|| first.status().is_shared() && second.status().is_shared());
    server.kill();
    until(|| first.status() == Status::Local(Cause::Down));
    first.pause_for(30 * SECOND, ThreadSleeper.now());
    assert!(left(&first) > 29 * SECOND);
    thread::sleep(SECOND / 2);
    assert_eq!(left(&second), Duration::ZERO);
    server.restart();
    let healed = until(|| left(&second) > 20 * SECOND);
    assert!(healed < 3 * SECOND, "{healed:?}");
}
